-- What WAL is kept for those who are to fetch it?
SELECT s.slot_name::text AS name, s.slot_type AS kind, s.active, coalesce(s.wal_status, '') AS wal_status,
       s.safe_wal_size::float8                                                           AS safe_bytes,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END
        - s.restart_lsn)::float8                                                         AS retained_bytes
  FROM pg_replication_slots AS s
 ORDER BY s.restart_lsn NULLS LAST, s.slot_name
 LIMIT 50
