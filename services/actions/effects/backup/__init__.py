"""A dump, streamed to the bucket."""
