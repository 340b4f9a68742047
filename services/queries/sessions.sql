-- How many clients are connected, and what are they doing? Without pg_read_all_stats others' rows come without a type.
SELECT count(*) FILTER (WHERE client)                                                AS used,
       count(*) FILTER (WHERE client AND state = 'active' AND pid <> pg_backend_pid()) AS active,
       count(*) FILTER (WHERE client AND state = 'idle')                             AS idle,
       count(*) FILTER (WHERE client AND waits_for_client)                           AS idle_in_transaction,
       count(*) FILTER (WHERE client AND wait_event_type = 'Lock')                   AS lock_waiting,
       coalesce(max(now_s - extract(epoch FROM state_change)::float8)
                FILTER (WHERE client AND waits_for_client), 0)                       AS oldest_idle_tx_s,
       coalesce(max(now_s - extract(epoch FROM xact_start)::float8)
                FILTER (WHERE client AND pid <> pg_backend_pid()), 0)                AS oldest_tx_s,
       coalesce(max(greatest(age(backend_xid), age(backend_xmin)))
                FILTER (WHERE pid <> pg_backend_pid()), 0)                           AS xmin_age,
       count(*) FILTER (WHERE client AND pid <> pg_backend_pid()
         AND ((state = 'active' AND now_s - extract(epoch FROM query_start)::float8 > %(long_query)s)
           OR (waits_for_client AND now_s - extract(epoch FROM state_change)::float8 > %(long_idle)s))) AS long_count,
       count(*) FILTER (WHERE wait_event_type = 'Lock')                              AS waiting,
       count(*) FILTER (WHERE backend_type IS NULL)                                  AS hidden
  FROM (SELECT *, backend_type = 'client backend' AS client,
               state LIKE 'idle in transaction%%' AS waits_for_client,
               extract(epoch FROM clock_timestamp())::float8 AS now_s
          FROM pg_stat_activity) AS a
