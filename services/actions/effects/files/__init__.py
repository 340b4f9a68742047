"""Old files of a folder: listed, and exactly those deleted."""
