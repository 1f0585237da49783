import os
import platform
from pathlib import Path

import numpy as np
import torch

import unroll
from unroll.records.environment import describe_environment


def test_versions_are_those_in_use() -> None:
    facts = describe_environment()
    assert facts["unroll"] == unroll.__version__
    # The wheel's build (+cpu, +cu128) may be in one and not in the other.
    assert facts["torch"].partition("+")[0] == torch.__version__.partition("+")[0]
    assert facts["numpy"] == np.__version__
    assert facts["python"] == platform.python_version()
    assert facts["system"] == f"{platform.system()} {platform.machine()}"
    assert facts["cores"] == str(os.cpu_count())


def test_every_fact_is_told() -> None:
    facts = describe_environment()
    assert set(facts) >= {"unroll", "torch", "numpy", "python", "system", "processor", "cores"}
    assert all(value.strip() for value in facts.values())


def test_the_processor_is_the_one_that_linux_names() -> None:
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.is_file() else ""
    names = [line.split(": ", 1)[1] for line in text.splitlines() if line.startswith("model name")]
    wanted = names[0] if names else platform.processor() or platform.machine()
    assert describe_environment()["processor"] == wanted.strip()
