"""The system "ingest-api" as the demo brings it up."""
