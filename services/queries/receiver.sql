-- Where is this server in the WAL, and if it is a standby, does it receive? Positions are bytes since the first.
-- As this server sees it, `known` is how far there is WAL: written here, or told of by the primary's last message.
SELECT extract(epoch FROM clock_timestamp())::float8                                     AS clock,
       (greatest(CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), r.latest_end_lsn)
                      ELSE pg_current_wal_lsn() END, pg_last_wal_replay_lsn()) - '0/0')::bigint AS known,
       (pg_last_wal_replay_lsn() - '0/0')::bigint                                        AS replayed,
       CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END       AS paused,
       extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8   AS replayed_age_s,
       r.pid IS NOT NULL                                                                 AS there,
       r.pid IS NOT NULL AND r.status IS NULL                                            AS hidden,
       coalesce(r.status, '')                                                            AS status,
       coalesce(r.sender_host || ':' || r.sender_port, '')                               AS sender,
       extract(epoch FROM clock_timestamp() - r.last_msg_receipt_time)::float8           AS message_age_s,
       extract(epoch FROM current_setting('wal_receiver_timeout')::interval)::float8      AS patience_s,
       pg_size_bytes(current_setting('wal_segment_size'))                                AS segment_bytes
  FROM (SELECT) AS here
  LEFT JOIN pg_stat_wal_receiver AS r ON true
