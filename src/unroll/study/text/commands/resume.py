"""How to go on with a run."""

import shlex
from pathlib import Path


def resume_command(run: Path) -> str:
    """Return what to type to go on with a training.

    >>> resume_command(Path("runs/my book"))
    "unroll text train --resume 'runs/my book'"
    """
    return shlex.join(["unroll", "text", "train", "--resume", str(run)])
