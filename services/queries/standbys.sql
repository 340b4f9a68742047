-- Which standbys are connected to this server, and how far is each? One that is gone has no row.
SELECT r.pid, r.application_name AS name, coalesce(host(r.client_addr), 'local')         AS client,
       r.state, r.sync_state AS sync,
       extract(epoch FROM r.replay_lag)::float8                                          AS replay_lag_s,
       extract(epoch FROM clock_timestamp() - r.reply_time)::float8                      AS reply_age_s,
       (r.replay_lsn - '0/0')::bigint                                                    AS replayed,
       r.state IS NULL                                                                   AS hidden
  FROM pg_stat_replication AS r
 WHERE r.application_name NOT IN ('pg_basebackup', 'pg_rewind')
   AND NOT EXISTS (SELECT FROM pg_replication_slots AS s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
 ORDER BY r.application_name, r.pid
