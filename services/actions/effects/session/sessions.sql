-- The sessions of this database without what they say: texts of queries have users' data in them. `spared` says why one
-- is nobody's to end. With `wd_query` the very query that it is at belongs to what was seen.
CREATE OR REPLACE FUNCTION watchdeck.sessions(wd_query boolean)
RETURNS TABLE (id text, login text, application text, state text, idle_s float8, xact_s float8, query_s float8,
               spared text, seen jsonb)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $sessions$
    SELECT a.pid || ':' || (extract(epoch FROM a.backend_start) * 1000000)::bigint, a.usename::text,
           a.application_name, a.state,
           extract(epoch FROM clock_timestamp() - CASE WHEN a.state LIKE 'idle%' THEN a.state_change END)::float8,
           extract(epoch FROM clock_timestamp() - a.xact_start)::float8,
           extract(epoch FROM clock_timestamp() - CASE WHEN a.state = 'active' THEN a.query_start END)::float8,
           CASE WHEN a.backend_type <> 'client backend' THEN 'it is the server''s own ' || a.backend_type
                WHEN a.pid = pg_backend_pid() OR a.application_name LIKE 'watchdeck%' THEN 'it is a console''s own'
                WHEN r.rolsuper AND NOT o.rolsuper THEN 'it is a superuser''s'
                WHEN NOT o.rolsuper AND NOT pg_has_role(o.oid, 'pg_signal_backend', 'USAGE')
                THEN 'watchdeck_owner has no role pg_signal_backend' END,
           jsonb_build_object('backend_start', watchdeck.as_seen(a.backend_start), 'user', a.usename, 'state', a.state,
                              'xact_start', watchdeck.as_seen(a.xact_start))
               || CASE WHEN wd_query THEN jsonb_build_object('query_start', watchdeck.as_seen(a.query_start),
                                                             'query_id', to_jsonb(a) ->> 'query_id') -- from 14 on
                       ELSE '{}' END
      FROM pg_stat_activity AS a
      JOIN pg_roles AS o ON o.rolname = current_user
      LEFT JOIN pg_roles AS r ON r.oid = a.usesysid
     WHERE a.datname = current_database() AND a.backend_start IS NOT NULL
$sessions$;
ALTER FUNCTION watchdeck.sessions(boolean) OWNER TO watchdeck_owner;
REVOKE ALL ON FUNCTION watchdeck.sessions(boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION watchdeck.sessions(boolean) TO watchdeck_operator;
