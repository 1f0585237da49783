"""The house: which runs there are, and what is trained on first start."""
