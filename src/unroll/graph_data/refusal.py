"""What a file of a graph can be refused for."""

from unroll.errors import UnrollError


class GraphDataError(UnrollError):
    """A graph cannot be read: a file is missing, damaged, or not what it should be."""
