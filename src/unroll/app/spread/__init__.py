"""Spread: messages go along the edges of a drawn graph."""
