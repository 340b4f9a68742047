-- Which transactions are prepared, and hold their locks until somebody finishes them?
SELECT gid, owner::text, database::text, extract(epoch FROM clock_timestamp() - prepared)::float8 AS age_s
  FROM pg_prepared_xacts
 ORDER BY prepared
 LIMIT 50
