"""Silences of an Alertmanager: set and lifted."""
