-- Which cluster is this? The same for a primary and its standbys, and for no other.
SELECT system_identifier::text FROM pg_control_system()
