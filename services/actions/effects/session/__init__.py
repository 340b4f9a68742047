"""Sessions of a database: cancelled or ended."""
