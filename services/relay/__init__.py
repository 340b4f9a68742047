"""One console reads, many look: readings and alerts as Prometheus metrics, and the same readings back from there."""
