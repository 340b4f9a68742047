"""What has to go: objects first, then their rows, by a frozen manifest, gone on with after any fault."""
