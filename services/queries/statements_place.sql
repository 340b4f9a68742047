-- Is pg_stat_statements there, in which schema, and may we read what others ran?
SELECT (SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
         WHERE e.extname = 'pg_stat_statements')                                     AS schema,
       current_setting('pg_stat_statements.max', true) IS NOT NULL                   AS loaded,
       pg_has_role('pg_read_all_stats', 'USAGE')                                     AS may_see_all,
       current_user                                                                  AS "user",
       current_database()                                                            AS database,
       current_setting('server_version_num')::int / 10000                            AS major
