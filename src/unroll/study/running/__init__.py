"""Carrying jobs out: trials, measurements, workers, and who follows them."""
