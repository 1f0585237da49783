from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.characters.cases import DROPPING
from unroll.cells import LSTMState
from unroll.errors import ConfigError
from unroll.text import Extent
from unroll.training.characters.precision import (
    Precision,
    check_precision,
    has_native_bfloat16,
    map_state,
    resolve_precision,
)
from unroll.training.characters.trainer import Trainer


def test_auto_is_bfloat16_only_where_the_processor_has_it() -> None:
    assert resolve_precision("auto", native=True) == "bfloat16"
    assert resolve_precision("auto", native=False) == "float32"
    assert resolve_precision("float32", native=True) == "float32"
    assert resolve_precision("bfloat16", native=True) == "bfloat16"
    assert resolve_precision("auto", native=True, built_in=False) == "float32"
    assert resolve_precision("bfloat16", native=True, built_in=False) == "bfloat16"
    assert resolve_precision("auto") == ("bfloat16" if has_native_bfloat16() else "float32")
    with pytest.raises(ConfigError) as caught:
        resolve_precision("bfloat16", native=False)
    assert str(caught.value) == (
        "precision: this processor has no bfloat16 (avx512_bf16 or amx_bf16), and emulating it is "
        "many times slower; choose auto or float32"
    )


def test_a_run_in_bfloat16_goes_on_only_where_the_processor_has_it() -> None:
    check_precision("float32", native=False)
    check_precision("bfloat16", native=True)
    with pytest.raises(ConfigError) as caught:
        check_precision("bfloat16", native=False)
    assert str(caught.value) == (
        "precision: the run computes in bfloat16, and this processor has none (avx512_bf16 or "
        "amx_bf16): go on with it on a machine like that it began on"
    )


@pytest.mark.parametrize(
    ("flags", "native"),
    [
        ("fpu avx2 avx512f", False),
        ("fpu avx2 avx512_bf16 x", True),
        ("amx_bf16 amx_tile", True),
        ("", False),
    ],
)
def test_the_processor_is_asked_by_its_flags(tmp_path: Path, flags: str, native: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    assert not has_native_bfloat16(cpuinfo)
    cpuinfo.write_text(f"processor : 0\nflags\t\t: {flags}\n\n")
    assert has_native_bfloat16(cpuinfo) is native


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_bfloat16_trains_float32_weights(cell: str) -> None:
    """Without oneDNN's LSTM, which some processors cannot run in bfloat16 at all."""
    ids = np.random.default_rng(0).integers(0, 20, 4000).astype(np.uint8)

    def trained(precision: Precision) -> Trainer:
        trainer = Trainer(
            replace(DROPPING, cell=cell, hidden_size=16),
            ids=ids,
            extent=Extent(0, 3500),
            vocabulary_size=20,
            seed=0,
            precision=precision,
        )
        for _ in range(20):
            trainer.step(0.003)
        return trainer

    rounded, exact = trained("bfloat16"), trained("float32")
    assert not torch.equal(rounded.optimiser.weights, exact.optimiser.weights)
    for name, tensor in rounded.tensors().items():
        assert tensor.dtype == exact.tensors()[name].dtype
    # bfloat16 keeps 8 bits: about three digits of each product.
    assert rounded.take_sums().loss_nats == pytest.approx(exact.take_sums().loss_nats, rel=0.01)


def test_a_state_is_mapped_whole() -> None:
    state = (LSTMState(torch.ones(2), torch.zeros(2)), (torch.ones(1),))
    mapped = map_state(torch.Tensor.double, state)
    assert isinstance(mapped[0], LSTMState)
    assert mapped[0].c.dtype == mapped[1][0].dtype == torch.float64
    with pytest.raises(ConfigError, match=r"^a cell's state must be tensors and tuples of them"):
        map_state(torch.Tensor.double, [torch.ones(1)])
