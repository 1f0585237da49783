"""The `unroll` command: parses, calls one function, prints."""

from unroll.cli.entry import main, parse

__all__ = ["main", "parse"]
