"""A stack of recurrent cells that predicts the next character."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from unroll.engines import run_scan
from unroll.errors import ConfigError
from unroll.models.dropout import Dropout, DropoutMasks
from unroll.shapes import check_shape


class CharacterModel(nn.Module):
    """Read characters with a stack of cells, and score the next one after each.

        x(t)    = E[v(t)]                          or one-hot, without E
        h_1(t)  = cell_1(x(t)),   h_l(t) = cell_l(h_(l−1)(t))
        p(t)    = W_ph h_L(t) + b_p,   p(next = v) = softmax(p(t))_v

    `weight_e` is E (V, E), from N(0, 1); `weight_p` is W_ph (V, H) and `bias_p` b_p (V,), from
    U(−g/√H, g/√H) with the readout gain g. The scores p(t) are returned, not their softmax. Dropout
    happens only where masks are passed: no mode of the module can leave it on.

    Shapes: ids (B, T) int64 -> scores (B, T, V), state after the last step: one of each cell's.
    Raises: ConfigError when a size is below 1, or there is no cell; ShapeError when ids are not
    (B, T) or masks do not fit them.
    """

    def __init__(
        self,
        cells: Sequence[nn.Module],
        *,
        hidden_size: int,
        vocabulary_size: int,
        embedding_size: int | None,
        readout_gain: float = 1.0,
        engine: str = "auto",
        generator: torch.Generator | None = None,
    ) -> None:
        """Put made cells together: the first reads E or V numbers, the others H."""
        super().__init__()
        check_sizes(len(cells), hidden_size, vocabulary_size, embedding_size)
        self.hidden_size = hidden_size
        self.vocabulary_size = vocabulary_size
        self.embedding_size = embedding_size
        self.engine = engine
        self.cells = nn.ModuleList(cells)
        bound = readout_gain / math.sqrt(hidden_size)
        self.weight_e: nn.Parameter | None = None
        if embedding_size is not None:
            self.weight_e = nn.Parameter(torch.empty(vocabulary_size, embedding_size))
        self.weight_p = nn.Parameter(torch.empty(vocabulary_size, hidden_size))
        self.bias_p = nn.Parameter(torch.empty(vocabulary_size))
        with torch.no_grad():
            if self.weight_e is not None:
                self.weight_e.normal_(generator=generator)
            self.weight_p.uniform_(-bound, bound, generator=generator)
            self.bias_p.uniform_(-bound, bound, generator=generator)

    @property
    def parameter_count(self) -> int:
        """Numbers to train."""
        return sum(parameter.numel() for parameter in self.parameters())

    def initial_state(self, batch_size: int) -> tuple[Any, ...]:
        """Return each cell's own initial state."""
        return tuple(cell.initial_state(batch_size) for cell in self._cells)

    def forward(
        self, ids: Tensor, state: tuple[Any, ...] | None = None, masks: DropoutMasks | None = None
    ) -> tuple[Tensor, tuple[Any, ...]]:
        """Return the scores of the character after each of `ids`, and the state."""
        check_shape("character model", "ids", ids, "B T")
        return self.score_embedded(self.embed(ids), state, masks)

    def embed(self, ids: Tensor) -> Tensor:
        """Return what the first cell reads: ids (…,) -> (…, E), or (…, V) without an embedding."""
        if self.weight_e is not None:
            return nn.functional.embedding(ids, self.weight_e)
        return nn.functional.one_hot(ids, self.vocabulary_size).to(self.weight_p.dtype)

    def score_embedded(
        self,
        inputs: Tensor,
        state: tuple[Any, ...] | None = None,
        masks: DropoutMasks | None = None,
    ) -> tuple[Tensor, tuple[Any, ...]]:
        """As `forward`, from embedded characters: (B, T, D) -> (B, T, V), state."""
        outputs, following = self.read_embedded(inputs, state, masks)
        return self.score(outputs), following

    def read_embedded(
        self,
        inputs: Tensor,
        state: tuple[Any, ...] | None = None,
        masks: DropoutMasks | None = None,
    ) -> tuple[Tensor, tuple[Any, ...]]:
        """Return what `score` makes scores of: (B, T, D) -> the last cell's (B, T, H), state."""
        masks = masks or DropoutMasks()
        B, T = inputs.shape[:2]
        if state is None:
            state = self.initial_state(B)
        outputs = _dropped(inputs, masks.inputs, B, T)
        following = []
        for n, cell in enumerate(self._cells):
            outputs, after = self._run_layer(n, cell, outputs, state[n], masks)
            outputs = _dropped(outputs, masks.layers[n] if masks.layers else None, B, T)
            following.append(after)
        return outputs, tuple(following)

    def score(self, outputs: Tensor) -> Tensor:
        """Return the scores of the next character: (…, H) -> (…, V)."""
        return outputs @ self.weight_p.T + self.bias_p

    def step(self, tokens: Tensor, state: tuple[Any, ...]) -> tuple[Tensor, tuple[Any, ...]]:
        """Read one character a row, calling each cell once: (B,), state -> scores (B, V), state."""
        output = self.embed(tokens)
        following = []
        for cell, before in zip(self._cells, state, strict=True):
            output, after = cell(output, before)
            following.append(after)
        return self.score(output), tuple(following)

    def draw_masks(
        self, B: int, T: int, dropout: Dropout, generator: torch.Generator
    ) -> DropoutMasks:
        """Draw the masks of one piece of B rows and T steps, all from `generator`.

        They are drawn on the generator's device and brought to the parameters', so that a CPU
        generator gives the same ones everywhere.
        Raises: ConfigError for recurrent dropout of a cell without a matrix `weight_h`.
        """

        def draw(share: float, *shape: int) -> Tensor:
            mask = torch.empty(shape, dtype=self.weight_p.dtype, device=generator.device)
            mask.bernoulli_(1 - share, generator=generator).div_(1 - share)
            return mask.to(self.weight_p.device)

        inputs = layers = recurrent = None
        if dropout.inputs:
            inputs = draw(dropout.inputs, B, T, self.embedding_size or 1)
        if dropout.layers:
            layers = tuple(draw(dropout.layers, B, T, self.hidden_size) for _ in self.cells)
        if dropout.recurrent:
            matrices = [_recurrent_matrix(cell) for cell in self.cells]
            recurrent = tuple(draw(dropout.recurrent, *matrix.shape) for matrix in matrices)
        return DropoutMasks(inputs=inputs, layers=layers, recurrent=recurrent)

    @property
    def _cells(self) -> Sequence[Any]:
        # nn.ModuleList knows its members only as modules.
        cells: Sequence[Any] = self.cells  # type: ignore[assignment]
        return cells

    def _run_layer(
        self, n: int, cell: Any, inputs: Tensor, state: Any, masks: DropoutMasks
    ) -> tuple[Tensor, Any]:
        if masks.recurrent is None:
            outputs, state = run_scan(cell, inputs, state, self.engine)
        else:
            dropped = {"cell.weight_h": _recurrent_matrix(cell) * masks.recurrent[n]}
            layer = _Layer(cell, self.engine)
            outputs, state = torch.func.functional_call(layer, dropped, (inputs, state))
        if outputs.dtype != self.weight_p.dtype:
            # A user's cell may compute in more bits than its parameters have.
            outputs = outputs.to(self.weight_p.dtype)
        return outputs, state


class _Layer(nn.Module):
    """A scan as a module, whose parameters `functional_call` can put others in place of."""

    def __init__(self, cell: nn.Module, engine: str) -> None:
        super().__init__()
        self.cell = cell
        self.engine = engine

    def forward(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        return run_scan(self.cell, inputs, state, self.engine)  # type: ignore[arg-type]


def check_sizes(
    layers: int, hidden_size: int, vocabulary_size: int, embedding_size: int | None
) -> None:
    """Raise ConfigError when a size is below 1."""
    for name, size in (
        ("layers", layers),
        ("hidden_size", hidden_size),
        ("vocabulary_size", vocabulary_size),
        ("embedding_size", embedding_size),
    ):
        if size is not None and size < 1:
            raise ConfigError(f"character model: {name} must be 1 or more, got {size}")


def _dropped(numbers: Tensor, mask: Tensor | None, B: int, T: int) -> Tensor:
    if mask is None:
        return numbers
    check_shape("character model", "mask", mask, "B T X", B=B, T=T)
    return numbers * mask


def _recurrent_matrix(cell: Any) -> Tensor:
    matrix = getattr(cell, "weight_h", None)
    if not isinstance(matrix, Tensor) or matrix.dim() != 2:
        raise ConfigError(
            f"dropout: recurrent needs a matrix weight_h, and {type(cell).__name__} has none: "
            "leave recurrent dropout out"
        )
    return matrix
