"""The closing page: how far information travels in steps, characters and hops, side by side."""
