"""Scraped metrics: the page read, its counters kept, and rates, ratios and quantiles made of them. No I/O."""
