"""The watch: from readings to alerts and notices, over restarts, silences and a network that is gone."""
