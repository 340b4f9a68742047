"""The moment at which all samples were read."""

NOW = 1_767_225_600.0  # 2026-01-01 00:00:00 UTC
MONO = 5_000.0
