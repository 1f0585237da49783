"""The trained character models that there are: found, listed, and loaded for the pages.

`found`, `titles` and `catalogue` import no torch, so that a list is there at once; `loading` does.
"""
