"""How far back a character model really looks: by what it loses, and by its gradients."""

from unroll.probes.context.gradients import context_gradients
from unroll.probes.context.horizon import context_horizon
from unroll.probes.context.losses import DISTANCES, FULL, ContextLosses, context_losses

__all__ = [
    "DISTANCES",
    "FULL",
    "ContextLosses",
    "context_gradients",
    "context_horizon",
    "context_losses",
]
