"""Question 1.5."""
