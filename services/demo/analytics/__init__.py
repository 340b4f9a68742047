"""The demo of the system analytics-etl: one machine with five units. Only systemd is not the real one."""
