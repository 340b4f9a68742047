-- How big is this table, partitions included, and does row-level security hide rows of it from us? A view has no size.
SELECT tree.pages, tree.rows, row_security_active(c.oid) AS secured,
       (SELECT count(*) FROM pg_policy AS p
         WHERE p.polrelid = c.oid AND p.polcmd IN ('*', 'r')
           AND EXISTS (SELECT FROM unnest(p.polroles) AS role
                        WHERE CASE WHEN role = 0 THEN true ELSE pg_has_role(role, 'USAGE') END)) AS policies
  FROM pg_class AS c
 CROSS JOIN LATERAL (
       SELECT (sum(pg_relation_size(part.oid)) / current_setting('block_size')::int)::float8 AS pages,
              sum(greatest(part.reltuples, 0)) FILTER (WHERE part.relkind <> 'p')::float8    AS rows
         FROM pg_class AS part
        WHERE part.relkind IN ('r', 'm', 'p')
          AND (part.oid = c.oid OR part.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))
       ) AS tree
 WHERE c.oid = to_regclass(%(table)s)
