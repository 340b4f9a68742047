-- Does the archiving of WAL work?
SELECT current_setting('archive_mode')                                                   AS mode,
       coalesce(last_archived_wal, '')                                                   AS last_wal,
       coalesce(last_failed_wal, '')                                                     AS last_failed_wal,
       extract(epoch FROM clock_timestamp() - last_archived_time)::float8                AS last_ok_s,
       extract(epoch FROM clock_timestamp() - last_failed_time)::float8                  AS last_failed_s,
       last_failed_time IS NOT NULL
         AND last_failed_time > coalesce(last_archived_time, '-infinity')                AS failing
  FROM pg_stat_archiver
