"""Every kind of measurement, by the settings that ask for it."""

from typing import Any

from unroll.study.ablation.kind import ABLATION
from unroll.study.bench.kind import BENCH
from unroll.study.gates.kind import GATES
from unroll.study.gradients.kind import GRADIENTS
from unroll.study.graphs.kind import GRAPHS
from unroll.study.memory.kind import MEMORY
from unroll.study.optimisers.kind import OPTIMISERS
from unroll.study.running.kind import Kind
from unroll.study.text.kind import TEXT

_ALL: tuple[Kind[Any], ...] = (MEMORY, GRADIENTS, OPTIMISERS, GATES, ABLATION, BENCH, TEXT, *GRAPHS)

KINDS: dict[type[Any], Kind[Any]] = {kind.settings: kind for kind in _ALL}
"""By the class of the settings, which is the command."""
