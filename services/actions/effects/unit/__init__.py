"""Units of systemd: started, stopped and restarted."""
