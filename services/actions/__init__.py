"""Actions: previewed, confirmed, recorded, bounded, carried out once, and checked."""
