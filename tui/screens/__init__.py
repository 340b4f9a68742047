"""One file per view: layout only."""
