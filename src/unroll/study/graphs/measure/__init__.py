"""What a worker does for part 3. Plain values out."""
