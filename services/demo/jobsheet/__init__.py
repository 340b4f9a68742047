"""The system "jobsheet-qa" as the demo brings it up."""
