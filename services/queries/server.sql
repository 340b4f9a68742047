-- Who are we on this server, how full is it, and may we see what the others do?
SELECT current_user                                                                  AS "user",
       current_setting('server_version')                                             AS version,
       current_setting('server_version_num')::int / 10000                            AS major,
       pg_is_in_recovery()                                                           AS in_recovery,
       extract(epoch FROM pg_postmaster_start_time())::float8                        AS started_at,
       extract(epoch FROM clock_timestamp())::float8                                 AS clock,
       current_setting('max_connections')::int                                       AS max_connections,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0)           AS reserved,
       -- a call of the operating system for each file: not at every poll where there are very many
       CASE WHEN c.reltuples < 3000 THEN pg_database_size(current_database())::float8 END AS size_bytes,
       -- not to_regclass(): to a role that may not use the schema, it is an error and no answer
       EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = 'watchdeck' AND c.relname = 'ledger')              AS ledger,
       has_function_privilege('pg_control_system()', 'EXECUTE')                      AS may_identify,
       pg_has_role('pg_read_all_stats', 'USAGE')                                     AS may_see_all,
       array(SELECT rolname::text FROM pg_roles
              WHERE rolname IN ('watchdeck_support', 'watchdeck_viewer', 'watchdeck_operator', 'watchdeck_admin')
                AND pg_has_role(oid, 'USAGE') ORDER BY rolname)                      AS roles
  FROM pg_class AS c
 WHERE c.oid = 'pg_class'::regclass
