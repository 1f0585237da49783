"""What each command of part 3 consists of."""
