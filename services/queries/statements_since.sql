-- Since when do the counters of the statements go on undisturbed? Before PostgreSQL 14 nothing tells.
SELECT extract(epoch FROM clock_timestamp())::float8 AS clock, NULL::text AS since
