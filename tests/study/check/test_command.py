"""What `unroll check` prints, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from tests.probes.rules.right_cells import Right
from tests.study.check.test_planted import RIGHT, plant
from unroll.cells import Bidirectional, bidirectional
from unroll.cells.rnn import RNN
from unroll.cli import main
from unroll.errors import CellError, ConfigError
from unroll.probes.rules import RULES
from unroll.study.check.command import check
from unroll.study.check.settings import CheckSettings


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Return the exit code of `unroll check`, and what it printed."""
    try:
        main(["check", *words])
    except SystemExit as ended:
        return int(str(ended.code)), capsys.readouterr().out
    return 0, capsys.readouterr().out


WRONG = """\
mine.py:MyLSTM breaks 2 of 19 rules and is not an LSTM (D = 5, H = 8, seed 0)

✗ passed-state         state.c comes back as it was passed: it is never renewed
                       → Return the new c in the state, not the one that forward
                         was given.
✗ gradient-parameters  no gradient reaches W_f.weight, W_f.bias
                       → Use it in forward, or take it out of the cell. Where it
                         is used, look for detach(), .data and torch.no_grad().
✗ as lstm              it is an LSTM but for: c is not carried: c' = g ⊙ i at
                       every step
                       → Keep the old cell state: c' = g ⊙ i + c ⊙ f, with c
                         from the passed state.

? cannot be told while gradient-parameters is not kept: gradient-check

✓ form                 built, called and answering as a scan needs it
✓ shapes               B 1, 3, 5 and D 1, 5, 10: output (B, H), state (B, …)
✓ seed                 the same seed gives the same parameters
✓ same-twice           the same call gives the same output, and leaves no trace
✓ in-place             what is passed stays as it was
✓ halves               4 steps and then 6 are the same as all at once
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("columns", [80, 160])
def test_what_is_printed_has_breaches_first_and_fits(
    columns: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    plant(tmp_path, [("State(h, c)", "State(h, torch.zeros_like(c))")])
    code, told = run(["mine.py:MyLSTM", "--as", "lstm"], capsys)
    assert code == 1
    assert max(map(len, told.splitlines())) <= min(columns, 120)
    assert told.startswith(WRONG if columns == 80 else WRONG.split("\n")[0])


def test_a_right_cell_ends_with_0_and_one_line_a_rule(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, told = run(["gru", "--input-size", "3", "--hidden-size", "6", "--seed", "2"], capsys)
    head, blank, *lines = told.splitlines()
    assert (code, head, blank) == (0, "gru keeps all 19 rules (D = 3, H = 6, seed 2)", "")
    assert [line.split()[:2] for line in lines] == [
        ["✓", name] for name in ("form", *(rule.name for rule in RULES))
    ]
    assert "✓ parameters           186: exactly a GRU's" in lines


HEADS = [
    ("lstm --as lstm", 0, "lstm keeps all 19 rules and is an LSTM"),
    ("rnn --as lstm", 1, "rnn keeps all 19 rules and is not an LSTM"),
    (
        "mine.py:MyLSTM --as gru",
        1,
        "mine.py:MyLSTM breaks 1 of 19 rules and could not be compared with a GRU",
    ),
]


@pytest.mark.parametrize(("words", "code", "head"), HEADS)
def test_the_first_line_counts_rules_and_says_apart_whether_it_is_the_other_cell(
    words: str, code: int, head: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(
        tmp_path, [("return h, State", "h = torch.dropout(h, 0.5, True)\n        return h, State")]
    )
    ended, told = run(words.split(), capsys)
    assert (ended, told.splitlines()[0]) == (code, f"{head} (D = 5, H = 8, seed 0)")


def test_json_is_one_object_with_every_rule(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, [("[x, state.h]", "[x, x.new_zeros(len(x), 8)]")])
    code, told = run(["mine.py:MyLSTM", "--as", "lstm", "--json"], capsys)
    summary = json.loads(told)
    findings = summary.pop("findings")
    assert (code, summary) == (
        1,
        {
            "cell": "mine.py:MyLSTM",
            "as": "lstm",
            "input_size": 5,
            "hidden_size": 8,
            "seed": 0,
            "kept": 18,
            "broken": 1,
            "untold": 0,
            "likeness": "broken",
        },
    )
    assert [one["rule"] for one in findings] == ["form", *(rule.name for rule in RULES), "as"]


def test_from_python_a_class_is_checked_and_the_result_prints_itself() -> None:
    result = check(Right)
    assert result.succeeded
    assert repr(result).startswith("Right keeps all 19 rules (D = 5, H = 8, seed 0)\n\n✓ form")


def test_what_follows_from_a_broken_form_is_told_once(tmp_path: Path) -> None:
    plant(tmp_path, [("return h, State(h, c)", "return h, (h, c)")])
    result = check("mine.py:MyLSTM", as_="lstm")
    assert result.summary["broken"] == 1
    assert result.text.count("cannot be told while form is not kept: shapes, seed,") == 1


CELLS = {
    "raises.py": "raise RuntimeError('not here')",
    "names.py": RIGHT.replace("(self, input_size: int, hidden_size: int)", "(self, *, units: int)"),
    "none.py": RIGHT.replace("return h, State(h, c)", "return None"),
    "nan.py": RIGHT.replace("return h, S", "return h / 0 * 0, S"),
    "picky.py": RIGHT.replace("c = g * i", "assert len(x[0]) == 2, 'two'\n        c = g * i"),
}

REFUSED = [
    ("notes.md:MyLSTM", "cell 'notes.md:MyLSTM': notes.md is not a .py file"),
    ("gone.py:MyLSTM", "cell 'gone.py:MyLSTM': there is no file gone.py"),
    ("names.py", "cell 'names.py': name the class too, as in names.py:MyCell"),
    ("folder.py:MyLSTM", "cell 'folder.py:MyLSTM': there is no file folder.py"),
    ("none.py:MyGRU", "cell 'none.py:MyGRU': none.py has no class MyGRU; it has State, MyLSTM"),
    (
        "raises.py:MyLSTM",
        "cell 'raises.py:MyLSTM': raises.py does not import: RuntimeError: not here",
    ),
    (
        "names.py:MyLSTM",
        "cell 'names.py:MyLSTM': must be built as MyCell(input_size, hidden_size); it raised "
        "TypeError: MyLSTM.__init__() takes 1 positional argument but 3 were given",
    ),
    (
        "none.py:MyLSTM",
        "cell 'none.py:MyLSTM': forward(x, state) must return (output, state)",
    ),
    (
        "nan.py:MyLSTM",
        "cell 'nan.py:MyLSTM': its output is not finite at step 1, on inputs of about 1",
    ),
    (
        "picky.py:MyLSTM",
        "cell 'picky.py:MyLSTM': with D = 5, H = 8 it raised AssertionError: two (line 33 of "
        "picky.py)",
    ),
    (
        "bidirectional:lstm",
        "cell 'bidirectional:lstm': reads from both ends and so takes no steps that could be "
        "checked; check the cell inside it",
    ),
    (
        "lstm --as transformer",
        "unknown reference cell 'transformer': expected one of gru, linear, lstm, min-gru, "
        "min-lstm, peephole, rnn",
    ),
    (
        "lstm --as lstmm",
        "unknown reference cell 'lstmm': expected one of gru, linear, lstm, min-gru, min-lstm, "
        "peephole, rnn (nearest: lstm)",
    ),
    ("lstm --hidden-size 0", "hidden-size must be 1 or more, got 0"),
    ("lstm --hidden-size 100000", "hidden-size must be at most 64, got 100000"),
    ("lstm --input-size -3", "input-size must be 1 or more, got -3"),
    ("lstm --seed -1", "seed must be 0 or more, got -1"),
    ("", "CELL is missing: unroll check --help begins with an example"),
]


@pytest.mark.parametrize(("words", "told"), REFUSED)
def test_what_cannot_be_used_is_refused_in_one_line(
    words: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in CELLS.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "notes.md").touch()
    assert fail(["check", *words.split()], capsys) == f"unroll: {told}"


def test_a_class_that_reads_from_both_ends_is_refused() -> None:
    both: type[Bidirectional] = bidirectional(RNN)
    with pytest.raises(CellError) as raised:
        check(both)
    assert str(raised.value) == (
        "cell 'Bidirectional[RNN]': reads from both ends and so takes no steps that could be "
        "checked; check the cell inside it"
    )


def test_settings_of_another_kind_are_refused() -> None:
    with pytest.raises(ConfigError) as raised:
        CheckSettings(hidden_size="8")  # type: ignore[arg-type] # that is the mistake
    assert str(raised.value) == "hidden_size must be a whole number, got '8': write hidden_size=8"
