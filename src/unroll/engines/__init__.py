"""Choose and run the fastest way proven equal to the plain scan."""

from unroll.engines.choice import (
    AUTO,
    ENGINES,
    Processor,
    choose_engine,
    find_engine,
    processor_of,
    run_scan,
)
from unroll.engines.closed_form import ClosedFormEngine
from unroll.engines.engine import Engine, PlainEngine
from unroll.engines.fused import TorchEngine
from unroll.engines.parallel import ParallelEngine

__all__ = [
    "AUTO",
    "ENGINES",
    "ClosedFormEngine",
    "Engine",
    "ParallelEngine",
    "PlainEngine",
    "Processor",
    "TorchEngine",
    "choose_engine",
    "find_engine",
    "processor_of",
    "run_scan",
]
