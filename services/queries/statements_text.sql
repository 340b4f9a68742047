-- How do these statements read?
SELECT DISTINCT ON (queryid) queryid AS id, {query} AS query
  FROM {schema}.pg_stat_statements(true)
 WHERE queryid = ANY (%(ids)s)
   AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY queryid
