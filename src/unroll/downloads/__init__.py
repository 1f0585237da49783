"""Files from a host: asked for politely, compared with a SHA-256, and kept for good."""

from unroll.downloads.asking import Asking, AskingError, PassingError, check_asking, user_agent
from unroll.downloads.folder import cache_folder, coming_beside, locked_folder
from unroll.downloads.refusal import DownloadError
from unroll.downloads.sums import WrongSumError, check_sum, read_sum, record_sum, sha256_of

__all__ = [
    "Asking",
    "AskingError",
    "DownloadError",
    "PassingError",
    "WrongSumError",
    "cache_folder",
    "check_asking",
    "check_sum",
    "coming_beside",
    "locked_folder",
    "read_sum",
    "record_sum",
    "sha256_of",
    "user_agent",
]
