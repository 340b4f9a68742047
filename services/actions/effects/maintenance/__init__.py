"""Maintenance of tables and indexes: ANALYZE, VACUUM and REINDEX, one statement at a time."""
