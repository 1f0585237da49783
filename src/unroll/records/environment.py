"""Where a measurement was made: versions and machine."""

import os
import platform
from importlib import metadata
from pathlib import Path

from unroll.version import __version__


def describe_environment() -> dict[str, str]:
    """Return versions of what computes, and the machine it computes on."""
    return {
        "unroll": __version__,
        "torch": metadata.version("torch"),
        "numpy": metadata.version("numpy"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor_name(),
        "cores": str(os.cpu_count()),
    }


def _processor_name() -> str:
    """Return the processor's name as Linux tells it, or the platform's word for it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
