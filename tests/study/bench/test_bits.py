"""Bits per character on toy books, against what can be counted by hand."""

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from unroll.cells.source import find_cell
from unroll.errors import ConfigError
from unroll.models.untrained import build_character_model
from unroll.records import MeasurementRecord
from unroll.study.bench.bits import (
    TUNING_SEED,
    BitsProtocol,
    baseline_jobs,
    bits_jobs,
    bits_tuning_jobs,
    choose_rate,
    why_no_bits,
)
from unroll.study.bench.bits_training import bits_of, measure_baselines, read_ids
from unroll.study.bench.bits_view import read_bits
from unroll.study.running.measurement import MeasurementJob, run_measurement
from unroll.text import BookError

LSTM = find_cell("lstm")
TEXT = "".join("abcad"[(n * n + n // 7) % 5] for n in range(900)) + "abracadabra " * 60

EXPLODING = """
from typing import NamedTuple
import torch
from torch import nn

class State(NamedTuple):
    h: torch.Tensor

class Exploding(nn.Module):
    "Beyond what float32 holds within seven steps."

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.enter = nn.Linear(input_size, hidden_size)

    def initial_state(self, batch_size):
        return State(self.enter.bias.new_zeros(batch_size, self.enter.out_features))

    def forward(self, x, state):
        h = 1e6 * state.h + self.enter(x)
        return h, State(h)
"""


@pytest.fixture
def protocol(tmp_path: Path) -> BitsProtocol:
    book = tmp_path / "toy.txt"
    book.write_text(TEXT)
    found = BitsProtocol.of(book, characters=4_096)
    return replace(found, window=16, batch_size=8, embedding_size=4)


def measured(jobs: tuple[MeasurementJob, ...]) -> list[MeasurementRecord]:
    return [run_measurement(job) for job in jobs]


def values(jobs: tuple[MeasurementJob, ...]) -> list[dict[str, Any]]:
    found = [record.values for record in measured(jobs)]
    return [value for value in found if value is not None]


def test_bits_of_known_scores_are_those_counted_by_hand(protocol: BitsProtocol) -> None:
    assert protocol.book is not None
    reading = read_ids(Path(protocol.book), protocol.book_sha256, 10_000, 16)
    V = reading.vocabulary_size
    model = build_character_model(
        cell_source=LSTM,
        hidden_size=3,
        layers=1,
        embedding_size=2,
        vocabulary_size=V,
        initialisation="own",
        keep_bias=None,
        seed=0,
    )
    # A readout of its bias alone: p(v) is the same everywhere, and known.
    p = torch.arange(1.0, V + 1) / (V * (V + 1) / 2)
    with torch.no_grad():
        model.weight_p.zero_()
        model.bias_p.copy_(p.log())
    start, stop = reading.splits.validation
    asked = Counter(int(v) for v in reading.ids[start + 1 : stop])
    bits = -sum(n * math.log2(float(p[v])) for v, n in asked.items()) / asked.total()
    found = bits_of(model, reading, "validation", 16)
    assert found == pytest.approx(bits, rel=1e-6)  # float32


def test_what_is_tuned_on_is_not_what_is_judged_on(protocol: BitsProtocol) -> None:
    assert protocol.book is not None
    book = Path(protocol.book)
    jobs = bits_tuning_jobs(LSTM, 4, (0.01,), protocol), bits_jobs(LSTM, 4, (0,), 0.01, protocol)
    before = [values(job)[0]["bits"] for job in jobs]
    # The same characters in the last tenth, in another order.
    cut = len(TEXT) * 9 // 10
    book.write_text(TEXT[:cut] + "".join(sorted(TEXT[cut:])))
    other = replace(protocol, book_sha256=BitsProtocol.of(book).book_sha256)
    jobs = bits_tuning_jobs(LSTM, 4, (0.01,), other), bits_jobs(LSTM, 4, (0,), 0.01, other)
    after = [values(job)[0]["bits"] for job in jobs]
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_n_grams_are_those_of_witten_and_bell_by_hand(protocol: BitsProtocol) -> None:
    (found,) = values(baseline_jobs(protocol))
    assert protocol.book is not None
    text = Path(protocol.book).read_text()
    validation = text[len(text) * 9 // 10 :]
    training = text[: len(text) * 9 // 10 * 19 // 20]
    counts, V = Counter(training), len(set(text)) + 1
    p = {v: (counts[v] + len(counts) / V) / (len(training) + len(counts)) for v in set(validation)}
    bits = -sum(math.log2(p[v]) for v in validation) / len(validation)
    assert found["ngram_bits"]["1"] == pytest.approx(bits)
    assert found["uniform_bits"] == math.log2(V)
    assert found["training_characters"] == len(training)
    assert found["validation_characters"] == len(validation)


def test_training_brings_bits_below_guessing_and_repeats(protocol: BitsProtocol) -> None:
    jobs = bits_jobs(LSTM, 16, (0, 1), 0.03, protocol)
    first, second = values(jobs)
    (again,) = values(jobs[:1])
    assert first == again
    assert first["bits"] != second["bits"]
    assert first["bits"] < math.log2(first["vocabulary_size"]) - 0.3
    assert first["steps"] == 4_096 // (8 * 16)


def test_a_training_that_diverges_gives_no_bits_and_no_rate(
    protocol: BitsProtocol, tmp_path: Path
) -> None:
    (tmp_path / "cells.py").write_text(EXPLODING)
    source = find_cell(f"{tmp_path}/cells.py:Exploding")
    records = measured(bits_tuning_jobs(source, 4, (0.01,), protocol))
    assert records[0].values is not None
    assert (records[0].values["bits"], records[0].values["steps"]) == (None, 1)
    assert choose_rate(records, source) is None
    assert choose_rate(records, LSTM) is None
    (cell,) = read_bits(records).cells
    assert (cell.choice, cell.bits, cell.failures) == (None, (), ())


@pytest.mark.parametrize(
    ("bits", "rate", "at_edge"),
    [
        ({0.1: 2.0, 0.03: 1.5, 0.01: 1.8}, 0.03, False),
        ({0.1: 1.0, 0.03: 1.5, 0.01: 1.8}, 0.1, True),
        ({0.1: 2.0, 0.03: 1.5, 0.01: 1.5}, 0.01, True),
        ({0.1: 1.0}, 0.1, False),
        ({0.1: None, 0.03: 1.5, 0.01: 1.8}, 0.03, False),
    ],
)
def test_the_rate_of_the_fewest_bits_is_chosen(
    protocol: BitsProtocol, bits: dict[float, float | None], rate: float, at_edge: bool
) -> None:
    jobs = bits_tuning_jobs(LSTM, 4, tuple(bits), protocol)
    assert {job.settings["seed"] for job in jobs} == {TUNING_SEED}
    records = [
        run_measurement(replace(job, measure=lambda job: {"bits": bits[job.settings["rate"]]}))
        for job in jobs
    ]
    choice = choose_rate(records, LSTM)
    assert choice is not None
    assert (choice.rate, choice.at_edge) == (rate, at_edge)


def test_what_is_measured_is_read_by_cell_and_seed(protocol: BitsProtocol) -> None:
    jobs = bits_jobs(LSTM, 4, (1, 0), 0.01, protocol)
    jobs = tuple(
        replace(job, measure=lambda job: {"bits": job.settings["seed"] + 2.0, "parameters": 7})
        for job in jobs
    )
    reading = read_bits(measured((*jobs, *baseline_jobs(protocol))))
    cell = reading.cell("lstm")
    assert cell is not None
    assert (cell.bits, cell.median, cell.parameters) == ((2.0, 3.0), 2.5, 7)
    assert (cell.choice, reading.cell("gru")) == (None, None)
    assert sorted(reading.ngrams) == [1, 2, 3, 5]


def test_the_key_is_of_the_text_and_not_of_its_path(protocol: BitsProtocol, tmp_path: Path) -> None:
    (job,) = bits_jobs(LSTM, 4, (0,), 0.01, protocol)
    moved = replace(protocol, book=str(tmp_path / "elsewhere.txt"))
    (other,) = bits_jobs(LSTM, 4, (0,), 0.01, moved)
    (wider,) = bits_jobs(LSTM, 5, (0,), 0.01, protocol)
    assert job.key == other.key != wider.key


def test_a_book_that_changed_meanwhile_is_not_read(protocol: BitsProtocol) -> None:
    assert protocol.book is not None
    Path(protocol.book).write_text(TEXT[::-1])
    (record,) = measured(bits_jobs(LSTM, 4, (0,), 0.01, protocol))
    assert record.error == f"{protocol.book}: the book changed since the bench began"


def test_a_cell_that_reads_from_both_ends_is_left_out(protocol: BitsProtocol) -> None:
    source = find_cell("bidirectional:lstm")
    assert why_no_bits(source) == (
        "bidirectional:lstm reads from both ends, and so what it is to predict"
    )
    assert why_no_bits(LSTM) == ""
    assert bits_jobs(source, 4, (0,), 0.01, protocol) == ()
    assert bits_tuning_jobs(source, 4, (0.01,), protocol) == ()


def test_a_budget_below_one_step_and_a_short_book_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        BitsProtocol.of(None, characters=2_000)
    assert str(raised.value) == (
        "bits: the budget must be 2,048 characters or more, one step of training, got 2,000"
    )
    short = tmp_path / "short.txt"
    short.write_text("a short text")
    with pytest.raises(ConfigError, match="the text has 12 characters, and windows of 64 need"):
        BitsProtocol.of(short)
    with pytest.raises(BookError, match="no such file or folder"):
        BitsProtocol.of(tmp_path / "none.txt")


def test_baselines_say_which_book_changed(protocol: BitsProtocol) -> None:
    (job,) = baseline_jobs(protocol)
    changed = replace(job, settings={**job.settings, "book_sha256": "0" * 64})
    with pytest.raises(ConfigError, match="the book changed since the bench began"):
        measure_baselines(changed)
