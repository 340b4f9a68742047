"""Any queue that lives in Postgres, described by a mapping; the shipped mappings are in presets/."""
