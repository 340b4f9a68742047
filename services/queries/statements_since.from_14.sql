-- Since when do the counters of the statements go on undisturbed? Entries that were thrown out begin anew.
SELECT extract(epoch FROM clock_timestamp())::float8 AS clock, concat(stats_reset, '/', dealloc) AS since
  FROM {schema}.pg_stat_statements_info
