"""Rows of a queue: what its preset says may be done to jobs."""
