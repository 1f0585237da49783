"""Look inside: what units and gates of a character model do along a text."""
