"""Part 3: how far information travels across a graph, and what stops it."""
