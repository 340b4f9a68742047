"""The embedded stack of the system "treazr-island": a platform on Kubernetes, whose nodes are the only make-believe."""
