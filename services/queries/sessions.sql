-- How many clients are connected, and what are they doing? Without pg_read_all_stats others' rows come without a type.
SELECT count(*) FILTER (WHERE backend_type = 'client backend')                                      AS used,
       count(*) FILTER (WHERE backend_type = 'client backend' AND state = 'active'
                          AND pid <> pg_backend_pid())                                              AS active,
       count(*) FILTER (WHERE backend_type = 'client backend' AND state LIKE 'idle in transaction%') AS idle_in_transaction,
       count(*) FILTER (WHERE backend_type = 'client backend' AND wait_event_type = 'Lock')         AS lock_waiting,
       count(*) FILTER (WHERE backend_type IS NULL)                                                 AS hidden
  FROM pg_stat_activity
