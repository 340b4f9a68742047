"""A restore test: the newest dump, in a scratch database."""
