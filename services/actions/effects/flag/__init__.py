"""Feature flags: switched, set, or given a value."""
