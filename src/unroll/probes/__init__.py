"""Looking inside: what gradients, gates and Jacobians do on the way through time."""

from unroll.probes.closed_forms import (
    ClosedForm,
    automatic_gradients,
    closed_form,
    has_closed_form,
    largest_difference,
)
from unroll.probes.context import (
    ContextLosses,
    context_gradients,
    context_horizon,
    context_losses,
)
from unroll.probes.copying import CopyIndex, CopyIndexError, Copying, Span
from unroll.probes.features import TextFeature, text_features
from unroll.probes.following import Followed, Follower, Unit, follow
from unroll.probes.gates import gate_activity, time_constants
from unroll.probes.jacobians import (
    decay_per_step,
    hidden_states,
    jacobian_products,
    spectral_radius,
)
from unroll.probes.parameters import ParameterCount, check_parameters, parameter_formula
from unroll.probes.ravine import Descent, Ravine, best_descent, descend
from unroll.probes.through_time import BackwardPass, backpropagate
from unroll.probes.units import unit_activity

__all__ = [
    "BackwardPass",
    "ClosedForm",
    "ContextLosses",
    "CopyIndex",
    "CopyIndexError",
    "Copying",
    "Descent",
    "Followed",
    "Follower",
    "ParameterCount",
    "Ravine",
    "Span",
    "TextFeature",
    "Unit",
    "automatic_gradients",
    "backpropagate",
    "best_descent",
    "check_parameters",
    "closed_form",
    "context_gradients",
    "context_horizon",
    "context_losses",
    "decay_per_step",
    "descend",
    "follow",
    "gate_activity",
    "has_closed_form",
    "hidden_states",
    "jacobian_products",
    "largest_difference",
    "parameter_formula",
    "spectral_radius",
    "text_features",
    "time_constants",
    "unit_activity",
]
