"""Whether what had to go is gone and what has to be there is: an evidence report."""
