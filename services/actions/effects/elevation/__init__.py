"""Elevations: asked for, approved, ended."""
