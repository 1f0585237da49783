"""Question 1.4."""
