import json
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from tests.study.undrawn import carry_out
from unroll.cli import main
from unroll.errors import CellError, ConfigError, StoreError
from unroll.records import Store
from unroll.study.gradients.plan import plan_gradients
from unroll.study.gradients.settings import GradientSettings
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.checkpoint import Checkpoint, pack_weights, unpack_weights
from unroll.study.running.trial import TrialSettings

TINY = MemorySettings(
    cells=("lstm",), lengths=(9,), seeds=1, max_steps=5, batch_size=8, hidden_size=6
)
LOOK = GradientSettings(inits=("uniform",), length=9, seeds=1, sequences=2, hidden_size=6)
EXPECTED = "expected one of weights/*.safetensors in a run directory"
OWN = """
from unroll.cells import RNN

class Own(RNN):
    pass
"""


def train(settings: MemorySettings, out: Path) -> Path:
    """Train one network, and return the file of its weights."""
    carry_out(settings, out)
    (file,) = (out / "weights").iterdir()
    return file


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(TINY, tmp_path_factory.mktemp("trained"))


def test_weights_and_settings_come_back_as_they_were(trained: Path) -> None:
    settings = replace(Checkpoint.read(trained).settings, seed=7, curriculum={"start": 4})
    best, final = torch.randn(3, 2), torch.randn(4, dtype=torch.float64)
    data = pack_weights(settings, {"best": {"a": best, "cell.b": final}, "final": {"a": -best}})
    file = trained.with_name("again.safetensors")
    file.write_bytes(data)
    read = Checkpoint.read(file)
    file.unlink()
    assert read == Checkpoint(settings=settings, data=data)
    found = unpack_weights(read.data, "best")
    assert sorted(found) == ["a", "cell.b"]
    assert torch.equal(found["a"], best)
    assert torch.equal(found["cell.b"], final)
    assert torch.equal(unpack_weights(read.data, "final")["a"], -best)


def test_the_file_of_a_trial_says_which_it_is_from(trained: Path) -> None:
    with Store.read(trained.parent.parent) as store:
        record = store.find_trial(trained.stem)
    assert record is not None
    assert Checkpoint.read(trained).settings == TrialSettings(**record.settings)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.safetensors"
    with pytest.raises(StoreError) as raised:
        Checkpoint.read(file)
    assert str(raised.value) == f"{file}: checkpoint cannot be read (No such file or directory)"


@pytest.mark.parametrize("kind", ["text", "empty", "truncated"])
def test_what_is_not_safetensors_is_refused(tmp_path: Path, trained: Path, kind: str) -> None:
    file = tmp_path / "file.safetensors"
    whole = trained.read_bytes()
    file.write_bytes({"text": b"some notes", "empty": b"", "truncated": whole[:-4]}[kind])
    with (
        pytest.raises(safetensors.SafetensorError) as theirs,
        safetensors.safe_open(file, framework="pt"),
    ):
        pass
    with pytest.raises(StoreError) as raised:
        Checkpoint.read(file)
    assert str(raised.value) == (
        f"{file}: not a safetensors file, or damaged ({theirs.value}); {EXPECTED}"
    )


@pytest.mark.parametrize(
    "kind", ["no note", "another's note", "unknown field", "wrong type", "true", "no JSON", "list"]
)
def test_safetensors_of_somebody_else_are_refused(tmp_path: Path, trained: Path, kind: str) -> None:
    own = Checkpoint.read(trained).settings.as_dict()
    notes = {
        "no note": None,
        "another's note": {"format": "pt"},
        "unknown field": {"unroll.trial": json.dumps({**own, "colour": "red"})},
        "wrong type": {"unroll.trial": json.dumps({**own, "length": "9"})},
        "true": {"unroll.trial": json.dumps({**own, "seed": True})},
        "no JSON": {"unroll.trial": "{"},
        "list": {"unroll.trial": "[1]"},
    }[kind]
    file = tmp_path / "file.safetensors"
    file.write_bytes(safetensors.torch.save({"a": torch.zeros(1)}, notes))
    with pytest.raises(StoreError) as raised:
        Checkpoint.read(file)
    assert str(raised.value) == (
        f"{file}: does not say which trial it is from; {EXPECTED}, written by this version"
    )


def test_a_checkpoint_of_another_cell_is_refused_at_the_command_line(
    tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["gradients", "--cells", "rnn", "--checkpoint", str(trained), "--out", str(out)]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"unroll: {trained}: holds weights of lstm, and --cells names rnn: choose --cells lstm, "
        "or leave --cells out\n"
    )
    assert not out.exists()


def test_without_cells_it_is_the_checkpoints_that_is_looked_at(trained: Path) -> None:
    plan = plan_gradients(replace(LOOK, checkpoint=trained))
    found = [(job.settings["cell"], job.settings["condition"]) for job in plan.measurements]
    assert found == [("lstm", "untrained"), ("lstm", "checkpoint")]


def test_weights_of_a_cell_whose_file_was_edited_are_refused(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN)
    spec = f"{tmp_path}/own.py:Own"
    file = train(replace(TINY, cells=(spec,)), tmp_path / "out")
    assert len(plan_gradients(replace(LOOK, checkpoint=file)).measurements) == 2
    (tmp_path / "own.py").write_text(OWN + "\n# edited\n")
    with pytest.raises(CellError) as raised:
        plan_gradients(replace(LOOK, checkpoint=file))
    assert str(raised.value) == (
        f"{file}: the file of {spec} was edited since it was trained: its weights may mean "
        "something else; restore that file"
    )


def test_a_checkpoint_shows_what_the_trial_shows_that_it_is_from(tmp_path: Path) -> None:
    look = replace(LOOK, cells=("lstm",), trained_at=(9,), max_steps=2)
    carry_out(look, tmp_path)
    (file,) = (tmp_path / "weights").iterdir()
    summary = carry_out(replace(look, checkpoint=file), tmp_path).summary
    untrained, of_trial, of_file = summary["networks"]
    assert [n["condition"] for n in (of_trial, of_file)] == ["trained", "checkpoint"]
    assert of_file["by_time"] == of_trial["by_time"]
    assert of_file["per_step"] == of_trial["per_step"]
    assert of_file["by_time"] != untrained["by_time"]
    assert of_file["trained_at"] == 9


def test_the_best_parameters_are_looked_at(tmp_path: Path, trained: Path) -> None:
    data = trained.read_bytes()
    best, final = unpack_weights(data, "best"), unpack_weights(data, "final")
    other = {name: tensor + 1 for name, tensor in final.items()}
    file = tmp_path / "file.safetensors"
    packed = pack_weights(Checkpoint.read(trained).settings, {"best": best, "final": other})
    file.write_bytes(packed)
    first, second = (
        carry_out(replace(LOOK, checkpoint=path), tmp_path / name).summary["networks"][-1]
        for name, path in (("one", trained), ("other", file))
    )
    assert first == second


@pytest.mark.parametrize(
    ("change", "others", "options"),
    [
        ({"hidden_size": 4}, "scalar digits and 4 units", "--hidden-size 6"),
        ({"recipe": "learned"}, "one-hot digits and 6 units", "--recipe assignment"),
        (
            {"recipe": "learned", "hidden_size": None},
            "one-hot digits and 128 units",
            "--recipe assignment --hidden-size 6",
        ),
    ],
)
def test_networks_of_one_view_read_digits_alike_and_are_as_wide(
    trained: Path, change: dict[str, object], others: str, options: str
) -> None:
    # The report says once for all of them how a digit enters and how many units there are.
    with pytest.raises(ConfigError) as raised:
        plan_gradients(replace(LOOK, checkpoint=trained, **change))  # type: ignore[arg-type]
    assert str(raised.value) == (
        f"{trained}: its network has scalar digits and 6 units, the others here {others}: "
        f"add {options}"
    )


def test_a_network_of_another_task_is_refused(tmp_path: Path, trained: Path) -> None:
    settings = replace(Checkpoint.read(trained).settings, task="palindrome-half")
    file = tmp_path / "file.safetensors"
    file.write_bytes(pack_weights(settings, {"best": {"a": torch.zeros(1)}}))
    with pytest.raises(ConfigError) as raised:
        plan_gradients(replace(LOOK, checkpoint=file))
    assert str(raised.value) == (
        f"{file}: was trained on palindrome-half, and gradients are looked at on palindrome: "
        "choose a network trained on palindrome"
    )


def test_the_cell_of_a_checkpoint_may_be_spelt_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    file = train(replace(TINY, cells=(f"{tmp_path}/own.py:Own",)), tmp_path / "out")
    plan = plan_gradients(replace(LOOK, cells=("own.py:Own",), checkpoint=file))
    assert [job.settings["cell"] for job in plan.measurements] == ["own.py:Own"] * 2
