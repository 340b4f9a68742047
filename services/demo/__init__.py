"""The embedded stack: real servers, a real workload and scenarios on loopback, for the demo and for the tests."""
