"""What people write down: runs of procedures, incidents, drills, launches, windows, handovers. Events, never edited."""
