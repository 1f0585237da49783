"""A command that serves until it is ended: it is begun, tells where it is, and is ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def serve_once(
    words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run these words after `unroll` in a folder until their first line, and return all of it."""
    # Instead of a browser, for --open.
    environment = {**(environment or os.environ), "BROWSER": "true"}
    typed = [sys.executable, "-m", "unroll.cli", *words]
    with subprocess.Popen(
        typed,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(typed, process.returncode, first + out, err)
