"""What is measured besides the tasks, told from made-up records."""

from typing import Any

from unroll.records import MeasurementRecord
from unroll.report.charts import Palette
from unroll.report.section import Block, Figure, Notice, Prose, Table
from unroll.study.bench.bits_blocks import bits_blocks
from unroll.study.bench.bits_view import read_bits
from unroll.study.bench.cost_blocks import cost_blocks
from unroll.study.bench.cost_view import ratio_to, read_cost
from unroll.study.bench.gradient_blocks import gradient_blocks
from unroll.study.bench.gradient_view import read_gradient

LABELS = {"lstm": "lstm", "a.py:Mine": "Mine"}
PALETTE = Palette.of(LABELS.values())
LENGTHS = (10, 30, 100, 300, 1_000, 3_000, 10_000)


def record(
    kind: str, cell: str, values: dict[str, Any] | None, error: str | None = None, **settings: Any
) -> MeasurementRecord:
    given = {"cell": cell, "cell_class": cell, "cell_sha256": "0" * 64, **settings}
    return MeasurementRecord(
        key=f"{kind} {cell} {settings}", kind=kind, settings=given, values=values, error=error
    )


def cost(
    cell: str,
    *,
    power: float = 1.0,
    factor: float = 1.0,
    engine: str = "auto",
    ran: str = "parallel",
    share: float = 1.0,
    lines: tuple[dict[str, Any], ...] = (),
) -> MeasurementRecord:
    measured = [
        {
            "mode": mode,
            "length": length,
            "engine": ran if engine == "auto" else engine,
            "seconds": [1e-5 * factor * length**power, 2e-5 * factor * length**power],
            "wall_seconds": [
                1e-5 * factor * length**power / share,
                2e-5 * factor * length**power / share,
            ],
            "peak_bytes": int(2**20 * factor * length**power / 100),
        }
        for mode in ("evaluation", "training")
        for length in LENGTHS
    ]
    return record(
        "bench-cost",
        cell,
        {"lines": [*measured, *lines], "load": 1.25, "cores": 2},
        engine=engine,
        device="cpu",
        batch_size=4,
        hidden_size=64,
    )


def told(blocks: list[Block]) -> str:
    return " ".join(block.text for block in blocks if isinstance(block, Prose))


def notices(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Notice)]


def table(blocks: list[Block]) -> Table:
    (found,) = [block for block in blocks if isinstance(block, Table)]
    return found


def test_linear_costs_are_told_as_multiples_of_the_lstm() -> None:
    found = read_cost([cost("lstm"), cost("a.py:Mine", factor=2.5)])
    blocks = cost_blocks(found, LABELS, PALETTE)
    text = told(blocks)
    assert "The time of a training step grows linearly with T for LSTM and Mine." in text
    assert "The memory of a training step grows linearly with T for LSTM and Mine." in text
    assert (
        "Beside the LSTM, at the longest length that both were measured at, a training step takes "
        "2.5 times as long for Mine."
    ) in text
    assert "Other work" not in text
    assert [b.id for b in blocks if isinstance(b, Figure)] == [
        "bench-cost-seconds",
        "bench-cost-mib",
    ]
    assert table(blocks).rows[1] == (
        "Mine",
        "parallel",
        "10,000",
        "250 ms",
        "2.50",
        "25",
        "250",
        "1.00 ± 0.00",
        "1.00 ± 0.00",
    )


def test_a_cost_that_grows_faster_is_found() -> None:
    found = read_cost([cost("lstm"), cost("a.py:Mine", power=2.0)])
    text = told(cost_blocks(found, LABELS, PALETTE))
    assert (
        "The time of a training step grows linearly with T for LSTM. It grows faster than linearly "
        "with T for Mine ($T^{2.00 ± 0.00}$)."
    ) in text


def test_a_ratio_between_engines_says_so_and_stands_beside_that_of_one_loop() -> None:
    one_loop = cost("lstm", factor=20.0, engine="plain")
    found = read_cost(
        [cost("lstm", ran="torch"), cost("a.py:Mine", factor=30.0, ran="plain"), one_loop]
    )
    assert (
        "Beside the LSTM (PyTorch's kernel), at the longest length that both were measured at, a "
        "training step takes 30 times as long for Mine (plain loop). With the LSTM by the plain "
        "loop too, it takes 1.5 times as long for Mine (T = 10,000)."
    ) in told(cost_blocks(found, LABELS, PALETTE))


def test_engines_beside_each_other_are_compared() -> None:
    found = read_cost([cost("a.py:Mine"), cost("a.py:Mine", factor=8.0, engine="plain")])
    blocks = cost_blocks(found, LABELS, PALETTE, suffix="-1")
    assert (
        "Mine takes 100 ms at T = 10,000 by engine parallel and 800 ms by the plain loop, 8 times "
        "as much."
    ) in told(blocks)
    assert [row[0] for row in table(blocks).rows] == ["Mine", "Mine (plain loop)"]
    assert ratio_to(found, "a.py:Mine") is None
    assert [b.id for b in blocks if isinstance(b, Figure)][1] == "bench-cost-mib-1"


def test_what_ran_beside_and_what_was_left_out_is_said() -> None:
    problem = {"mode": "training", "length": 30_000, "problem": "it would need about 9 MiB"}
    blocks = cost_blocks(read_cost([cost("lstm", share=0.5, lines=(problem,))]), LABELS, PALETTE)
    assert told(blocks).endswith(
        "Other work ran beside: a measured process had a core for as little as 50% of the time, "
        "with up to 1.2 processes wanting one of 2 cores. Times of the processor leave the waiting "
        "out, but not what a shared cache costs."
    )
    assert notices(blocks) == [
        "LSTM: not measured: training from T = 30,000 on: it would need about 9 MiB."
    ]
    nothing = record(
        "bench-cost",
        "lstm",
        {"lines": [{"problem": "ended after 15 minutes"}], "load": None, "cores": 2},
        engine="auto",
    )
    assert notices(cost_blocks(read_cost([nothing]), LABELS, PALETTE)) == [
        "LSTM: not measured: ended after 15 minutes."
    ]


def bits(
    cell: str, by_seed: tuple[float | None, ...], rate: float = 0.01
) -> list[MeasurementRecord]:
    shared: dict[str, Any] = {
        "book_name": "grimm",
        "book_characters": 5_000,
        "embedding_size": 32,
        "characters": 10_000,
        "window": 64,
        "batch_size": 32,
    }
    tuned = [
        record(
            "bench-bits",
            cell,
            {"bits": 1.0 if tried == rate else 2.0, "parameters": 1_234},
            split="tuning",
            seed=1_000,
            rate=tried,
            **shared,
        )
        for tried in (0.001, 0.01, 0.1)
    ]
    final = [
        record(
            "bench-bits",
            cell,
            {"bits": value, "parameters": 1_234},
            split="validation",
            seed=seed,
            rate=rate,
            **shared,
        )
        for seed, value in enumerate(by_seed)
    ]
    return [*tuned, *final]


BASELINE = record(
    "bench-bits-baseline",
    "",
    {
        "ngram_bits": {"1": 4.5, "2": 3.5, "5": 2.35},
        "uniform_bits": 6.5,
        "training_characters": 4_000,
        "validation_characters": 500,
    },
)


def test_cells_apart_are_ranked_and_cells_that_overlap_are_not() -> None:
    apart = read_bits([*bits("lstm", (2.2, 2.3)), *bits("a.py:Mine", (2.4, 2.5)), BASELINE])
    blocks = bits_blocks(apart, LABELS, PALETTE)
    assert (
        "Bits per character, median of 2 seeds: LSTM 2.250 (2.200–2.300); Mine 2.450 "
        "(2.400–2.500). LSTM needs fewest, with every seed. The best of the n-grams, n = 5, needs "
        "2.350 after counting 4,000 characters once; LSTM needs fewer, with every seed."
    ) in told(blocks)
    assert table(blocks).rows[0] == ("lstm", "2.250 (2.200–2.300)", "0.01", "1,234")
    assert table(blocks).rows[-1] == ("all characters alike", "6.500", None, None)
    beside = read_bits([*bits("lstm", (2.2, 2.45)), *bits("a.py:Mine", (2.4, 2.5))])
    assert "The ranges of LSTM and Mine overlap: none of them is ahead." in told(
        bits_blocks(beside, LABELS, PALETTE)
    )


def test_edges_and_divergence_are_said() -> None:
    reading = read_bits([*bits("lstm", (2.0, None), rate=0.1), *bits("a.py:Mine", (None,))])
    blocks = bits_blocks(reading, LABELS, PALETTE)
    assert "At the edge of the grid, so that a rate beyond may be better: LSTM (0.1)." in told(
        blocks
    )
    assert notices(blocks) == ["LSTM: 1 of 2 seeds diverged.", "Mine: 1 of 1 seed diverged."]
    failed = record("bench-bits", "lstm", None, "no such book", split="tuning", seed=0, rate=0.1)
    assert notices(bits_blocks(read_bits([failed]), LABELS, PALETTE)) == ["LSTM: no such book."]


def look(cell: str, seed: int, factor: float, trained_at: int | None = None) -> MeasurementRecord:
    norms = [factor ** (9 - t) for t in range(1, 10)]
    return record(
        "bench-gradient",
        cell,
        {
            "by_time": {"h": norms},
            "factor": {"h": factor},
            "share": {"h": norms[0] / norms[-1]},
            "loss_nats": 2.3,
        },
        seed=seed,
        trained_at=trained_at,
        length=10,
        sequences=4,
    )


def test_the_gradient_is_told_before_and_after_training() -> None:
    found = read_gradient(
        [look("lstm", 0, 0.5), look("lstm", 1, 0.7), look("a.py:Mine", 0, 1.0, trained_at=50)]
    )
    blocks = gradient_blocks(found, LABELS, PALETTE)
    assert told(blocks) == (
        "**Gradient over time.** 2 untrained networks of each cell, and up to 1 that this bench "
        "trained on palindromes; 4 palindromes of 10 digits, of which the last is asked for; the "
        "norm is that of one sequence's own gradient, averaged over the sequences, in float64. "
        "Before training the gradient changes with each step back by a factor of LSTM 0.600 "
        "(0.500–0.700) (arriving: 0.031 (0.0039–0.058)). After training the gradient "
        "changes with each step back by a factor of Mine 1.000 (arriving: 1). Arriving is what "
        "of the norm at step 9 is left at step 1, median over seeds (least–greatest). A factor "
        "near 1 lets the loss speak to the first step; it does not say that the cell will learn."
    )
    assert [row[:3] for row in table(blocks).rows] == [
        ("lstm", "untrained", "h"),
        ("Mine", "trained by this bench", "h"),
    ]
    assert gradient_blocks((), LABELS, PALETTE) == []
