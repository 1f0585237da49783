"""The network that a measurement looks into, and what it is given to read, in float64."""

from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.study.running.checkpoint import unpack_weights
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.network import build_network
from unroll.tasks import Batch, make_task


def load_probed(job: MeasurementJob) -> tuple[SequenceClassifier, Batch]:
    """Return the network of a job, trained if the job has weights, and held-out sequences.

    The job's settings name `task`, `length`, `encoding`, `initialisation`, `hidden_size`, `seed`
    and how many `sequences`.
    """
    s = job.settings
    if job.source is None:
        raise ValueError(f"{job.label}: a measurement of gradients needs a cell")
    task = make_task(s["task"], s["length"], s["encoding"])
    model = build_network(
        job.source,
        task=task,
        initialisation=s["initialisation"],
        hidden_size=s["hidden_size"],
        seed=s["seed"],
    ).double()
    if job.weights is not None:
        model.load_state_dict(unpack_weights(job.weights, "best"))
    generator = make_generator(0, f"probe {s['task']} {s['length']}")
    batch = task.encode(task.sample(s["sequences"], "evaluation", generator))
    return model, batch._replace(inputs=batch.inputs.double())
