"""Backups of a database: dumped into a bucket with a manifest, listed, and proved by restoring them."""
