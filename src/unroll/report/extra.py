"""Packages that only a report needs; they come with the optional extra `report`."""

import importlib
from typing import Any

from unroll.errors import UnrollError


class MissingExtraError(UnrollError):
    """A package of an optional extra is not installed."""


class Extra:
    """A module that is imported when its first attribute is asked for.

    So that the rest of unroll works without the extra, and says what to install where it does not.
    Raises: MissingExtraError on that first use, when the package is not installed.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        """Return what the module calls `name`."""
        try:
            module = importlib.import_module(self._module)
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"a report needs the package '{error.name}', which is not installed: "
                "pip install 'unroll-lab[report]'"
            ) from error
        return getattr(module, name)
