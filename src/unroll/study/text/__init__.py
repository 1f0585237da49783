"""Part 2: what a recurrent network makes of a book."""
