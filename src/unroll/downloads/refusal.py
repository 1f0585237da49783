"""What a download can end with."""

from unroll.errors import UnrollError


class DownloadError(UnrollError):
    """A file is not to be had, or is not what it should be."""
