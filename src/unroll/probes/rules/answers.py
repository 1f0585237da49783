"""The rule on outputs: features for a readout, no probabilities yet."""

from unroll.probes.rules.finding import BreachError
from unroll.probes.rules.subject import Subject, largest


def check_no_softmax(subject: Subject) -> str:
    """Try whether outputs are probabilities or their logarithms, which readout and loss make."""
    outputs, _ = subject.run(subject.build(), subject.inputs())
    hint = (
        "Return h itself: the readout W_p h + b_p follows, and the cross-entropy takes the softmax."
    )
    for values, kind in ((outputs, "softmax"), (outputs.exp(), "log_softmax")):
        if subject.H > 1 and bool((values >= 0).all()) and largest(values.sum(2) - 1) < 1e-6:
            sums = "sums to 1" if values is outputs else "sums to 1 after exp"
            raise BreachError(f"each output {sums}, as after a {kind}", hint)
    return f"outputs from {float(outputs.min()):.2g} to {float(outputs.max()):.2g}, no softmax"
