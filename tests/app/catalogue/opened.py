"""A catalogue, and what it refuses."""

from pathlib import Path

import pytest

from unroll.app.catalogue.catalogue import Catalogue
from unroll.app.refusal import RefusedError


def catalogue_of(runs: Path) -> Catalogue:
    """Return the catalogue of a folder that is searched each time."""
    return Catalogue([runs], rescan_seconds=0)


def refused(catalogue: Catalogue, run_id: str, stage: str = "best") -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        catalogue.load(run_id, stage)
    return caught.value
