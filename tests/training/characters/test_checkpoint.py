import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from tests.training.characters.cases import DROPPING, TINY, WINDOWS, train_tiny
from tests.training.characters.test_trainer import COUNTING, FORGETTING
from unroll.records.checkpoints import (
    ENTRY,
    CheckpointError,
    CheckpointFile,
    read_checkpoint,
    write_checkpoint,
)
from unroll.training.characters.checkpoint import load_weights, pack_training, unpack_training
from unroll.training.characters.history import History
from unroll.training.characters.run import Run, open_run
from unroll.training.characters.settings import TextRecipe
from unroll.training.characters.trainer import Trainer


def trainer_of(run: Run) -> Trainer:
    return Trainer(
        run.recipe,
        ids=run.corpus.ids,
        extent=run.splits.training,
        vocabulary_size=run.corpus.vocabulary.size,
        seed=run.seed,
    )


def differing(one: Trainer, other: Trainer) -> list[str]:
    mine, its = one.tensors(), other.tensors()
    assert mine.keys() == its.keys()
    return [name for name in mine if not torch.equal(mine[name], its[name])]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("run") / "out"
    train_tiny(out, DROPPING, steps=5)
    return open_run(out)


@pytest.fixture
def last(run: Run) -> CheckpointFile:
    return read_checkpoint(run.checkpoints / "step-00000005.safetensors")


@pytest.mark.parametrize(
    "recipe",
    [
        TINY,
        DROPPING,
        WINDOWS,
        replace(DROPPING, cell="gru"),
        replace(DROPPING, cell="rnn", embedding_size=None),
        replace(TINY, batch_size=40, window=30),
        replace(DROPPING, reset_share=0.3, readout_gain=3.0),
        replace(COUNTING, reset_share=0.3),
        FORGETTING,
        replace(TINY, cell="rnn", layers=1, embedding_size=None, reset_share=0.3),
        replace(DROPPING, cell="gru", layers=4),
    ],
)
def test_a_trainer_goes_on_bit_by_bit(tmp_path: Path, recipe: TextRecipe) -> None:
    train_tiny(tmp_path / "out", recipe, steps=1)
    run = open_run(tmp_path / "out")
    one, other, history = trainer_of(run), trainer_of(run), History(step=9)
    for _ in range(9):
        one.step(0.01)
    path = tmp_path / "step-00000009.safetensors"
    write_checkpoint(path, pack_training(run.identity, one, history))
    assert unpack_training(read_checkpoint(path), run.identity, other) == history
    assert differing(one, other) == []
    # Over the end of an epoch, where the state begins anew.
    for _ in range(130):
        one.step(0.01)
        other.step(0.01)
    assert differing(one, other) == []
    assert one.position() == other.position()
    assert one.take_sums() == other.take_sums()


def test_dropout_is_of_its_own_generator(run: Run) -> None:
    one, other = trainer_of(run), trainer_of(run)
    for _ in range(3):
        one.step(0.01)
        torch.rand(5)
        other.step(0.01)
    assert differing(one, other) == []
    without = Trainer(
        TINY,
        ids=run.corpus.ids,
        extent=run.splits.training,
        vocabulary_size=run.corpus.vocabulary.size,
        seed=run.seed,
    )
    one = trainer_of(run)
    one.step(0.01)
    without.step(0.01)
    assert "model.weight_p" in differing(one, without)


def test_it_says_what_it_is(run: Run, last: CheckpointFile) -> None:
    facts = last.facts
    assert (facts["format"], facts["kind"], facts["step"], facts["steps"]) == (1, "training", 5, 5)
    assert facts["recipe"] == DROPPING.as_dict()
    assert facts["vocabulary"] == run.corpus.vocabulary.to_json()
    assert facts["environment"]["torch"] == torch.__version__
    assert facts["history"]["step"] == 5


def changed(file: CheckpointFile, facts: Any = None, **tensors: Tensor | None) -> CheckpointFile:
    """Return a whole file with other facts or tensors."""
    kept = {**safetensors.torch.load(file.data), **tensors}
    told = {**file.facts, **(facts or {})}
    data = safetensors.torch.save(
        {name: tensor for name, tensor in kept.items() if tensor is not None},
        {ENTRY: json.dumps(told)},
    )
    return CheckpointFile(path=file.path, data=data, facts=told)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (
            {"format": 2},
            "of format version 2, and this unroll reads 1; use the unroll that wrote it",
        ),
        (
            {"vocabulary": {"known": "abc", "sha256": "0"}},
            "of another vocabulary than the run's: 4 characters there, 20 here",
        ),
        (
            {"vocabulary": None},
            "of another vocabulary than the run's: unknown characters there, 20 here",
        ),
        ({"kind": "weights"}, "holds weights, expected training"),
        ({"seed": 1}, "of another run: its seed is another"),
        ({"steps": 6}, "of another run: its steps is another"),
        ({"recipe": TINY.as_dict()}, "of another run: its recipe is another"),
        ({"book_sha256": ""}, "of another run: its book_sha256 is another"),
        ({"history": {}}, "its history or its place cannot be read"),
        ({"position": {}}, "its history or its place cannot be read"),
    ],
)
def test_what_is_not_of_this_run_is_refused_by_name(
    run: Run, last: CheckpointFile, facts: dict[str, Any], message: str
) -> None:
    with pytest.raises(CheckpointError) as caught:
        unpack_training(changed(last, facts), run.identity, trainer_of(run))
    assert str(caught.value) == f"{last.path}: {message}"


@pytest.mark.parametrize(
    ("name", "tensor", "message"),
    [
        (
            "model.bias_p",
            torch.zeros(3),
            "'model.bias_p' has shape (3,) float32, the run's model (20,) float32",
        ),
        (
            "model.bias_p",
            torch.zeros(20).double(),
            "'model.bias_p' has shape (20,) float64, the run's model (20,) float32",
        ),
        ("model.bias_p", None, "'model.bias_p' is missing"),
        ("model.more", torch.zeros(3), "'model.more' is not of this model"),
    ],
)
def test_wrong_shapes_are_refused_by_name(
    run: Run, last: CheckpointFile, name: str, tensor: Tensor | None, message: str
) -> None:
    file, trainer = changed(last, **{name: tensor}), trainer_of(run)
    with pytest.raises(CheckpointError) as caught:
        unpack_training(file, run.identity, trainer)
    assert str(caught.value) == f"{last.path}: {message}"
    assert differing(trainer, trainer_of(run)) == []
    with pytest.raises(CheckpointError) as caught:
        load_weights(file, run.identity, trainer.model)
    assert str(caught.value) == f"{last.path}: {message.replace('model.', '')}"


def test_weights_are_the_same_from_either_kind(run: Run) -> None:
    stage, last = run.load_model(5).state_dict(), run.load_model("last").state_dict()
    assert all(torch.equal(stage[name], last[name]) for name in last)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU to make the checkpoint on")
def test_a_checkpoint_made_on_a_gpu_loads_on_a_cpu(run: Run, last: CheckpointFile) -> None:
    there, here = trainer_of(run), trainer_of(run)
    tensors = {
        name: tensor if name.endswith("generator") else tensor.cuda()
        for name, tensor in there.tensors().items()
    }
    there.tensors = lambda: tensors  # type: ignore[method-assign]
    data = pack_training(run.identity, there, History())
    file = CheckpointFile(path=last.path, data=data, facts=last.facts)
    unpack_training(file, run.identity, here)
    assert all(tensor.device.type == "cpu" for tensor in here.tensors().values())
    assert differing(here, trainer_of(run)) == []
