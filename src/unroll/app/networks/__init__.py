"""The trained networks for palindromes that there are: found, listed, and loaded for the pages.

`found` and `networks` import no torch; `loading` does.
"""
