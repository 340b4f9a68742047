-- Who is connected, and at what? Those who have been longest at it first, then the busy, then the idle.
SELECT pid, extract(epoch FROM backend_start)::float8                    AS backend_start,
       state, usename::text AS "user", datname::text AS database, application_name AS application,
       coalesce(host(client_addr), 'local')                              AS client,
       concat_ws(': ', wait_event_type, wait_event)                      AS wait,
       now_s - extract(epoch FROM query_start)::float8                   AS query_s,
       now_s - extract(epoch FROM xact_start)::float8                    AS transaction_s,
       now_s - extract(epoch FROM state_change)::float8                  AS state_s,
       {query}                                                           AS query,
       backend_type                                                      AS kind,
       coalesce(is_long, false)                                          AS long
  FROM (SELECT *,
               (state = 'active' AND now_s - extract(epoch FROM query_start)::float8 > %(long_query)s)
               OR (state LIKE 'idle in transaction%%'
                   AND now_s - extract(epoch FROM state_change)::float8 > %(long_idle)s) AS is_long
          FROM pg_stat_activity, LATERAL (SELECT extract(epoch FROM clock_timestamp())::float8 AS now_s) AS clock
         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS a
 ORDER BY coalesce(is_long, false) DESC, state = 'idle', coalesce(xact_start, state_change)
 LIMIT 100
