-- How big is this table, partitions included, and does row-level security hide rows of it from us?
SELECT (SELECT sum(pg_relation_size(part.relid)) / current_setting('block_size')::int
          FROM pg_partition_tree(c.oid) AS part)::float8                                   AS pages,
       (SELECT sum(greatest(leaf.reltuples, 0))
          FROM pg_partition_tree(c.oid) AS part JOIN pg_class AS leaf ON leaf.oid = part.relid
         WHERE part.isleaf)::float8                                                        AS rows,
       row_security_active(c.oid)                                                          AS secured,
       (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid)                      AS policies
  FROM pg_class AS c
 WHERE c.oid = to_regclass(%(table)s)
