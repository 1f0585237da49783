"""The bench: cells side by side, one card each."""
