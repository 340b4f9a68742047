-- Whose connections are they? By database, user, application and state.
SELECT datname::text AS database, usename::text AS "user", application_name AS application, state,
       count(*)                                                                      AS count,
       max(extract(epoch FROM clock_timestamp() - state_change))::float8             AS oldest_s
  FROM pg_stat_activity
 WHERE backend_type = 'client backend'
 GROUP BY 1, 2, 3, 4
 ORDER BY count(*) DESC, 1, 2, 3, 4
 LIMIT 30
