"""Which units of a run follow quotes, brackets, lines, … in its held-out text."""

import hashlib
import threading
from typing import Any

from unroll.app.catalogue.loading import LoadedRun
from unroll.app.inside.held_out import HeldOut, read_held_out
from unroll.app.inside.parts import describe_parts
from unroll.app.refusal import closed
from unroll.models.character_model import CharacterModel
from unroll.probes.features import TextFeature
from unroll.probes.following import Followed, Follower, follow
from unroll.training.characters.run import Run
from unroll.training.characters.trainer import build_model


def measure(loaded: LoadedRun, stop: threading.Event) -> dict[str, Any]:
    """Return the units that follow each feature, of the network and of the same one untrained.

    The untrained one goes through the same choice on the same text: it tells what chance, and the
    wiring of a network that has learned nothing, would give.
    """
    held_out = read_held_out(loaded.run, loaded.model.parameter_count)

    def told(_characters: int) -> None:
        if stop.is_set():
            raise closed()

    followed = follow(loaded.model, held_out.ids, held_out.features, told=told)
    beside = follow(_untrained(loaded.run), held_out.ids, held_out.features, top=1, told=told)
    found = zip(held_out.features, followed, beside, strict=True)
    return {
        "stage": loaded.stage,
        "layers": len(loaded.model.cells),
        "parts": describe_parts(loaded.model),
        "halves": [held_out.half, len(held_out.ids) - held_out.half],
        "features": [_told(held_out, *one) for one in found],
    }


def identify(model: CharacterModel) -> str:
    """Return a hash of a model's weights: a run in training has others each time it is saved."""
    digest = hashlib.blake2b(digest_size=16)
    for parameter in model.parameters():
        digest.update(parameter.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _untrained(run: Run) -> CharacterModel:
    if 0 in run.stages:
        return run.load_model(0)
    return build_model(run.recipe, run.corpus.vocabulary.size, run.seed)


def _told(
    held_out: HeldOut, feature: TextFeature, followed: Followed, beside: Followed
) -> dict[str, Any]:
    half = held_out.half
    return {
        "name": feature.name,
        "title": feature.title,
        "definition": feature.definition,
        "marks": [int(feature.marks[:half].sum()), int(feature.marks[half:].sum())],
        "lack": followed.lack,
        "followers": [_follower(one) for one in followed.followers],
        "untrained": _follower(beside.followers[0]) if beside.followers else None,
    }


def _follower(follower: Follower) -> dict[str, Any]:
    """Return a follower as pages count: layers and units from 1."""
    layer, part, number = follower.unit
    return {
        "layer": layer + 1,
        "part": part,
        "unit": number + 1,
        "chosen": follower.chosen,
        "told": follower.told,
    }
