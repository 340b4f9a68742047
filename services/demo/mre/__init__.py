"""The embedded stack of the system "mre": its tables, its pipeline of jobs, its API and what goes wrong with them."""
