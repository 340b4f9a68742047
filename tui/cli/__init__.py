"""One file per subcommand; each works without a terminal."""
