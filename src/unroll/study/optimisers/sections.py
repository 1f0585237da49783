"""Question 1.4: what is asked, what was run, what was measured, what follows."""

from collections.abc import Sequence
from dataclasses import replace

from unroll.report.charts import Palette, loss_by_optimiser, loss_by_rate, ravine_paths
from unroll.report.section import Block, Equation, Prose, Section
from unroll.study.optimisers.blocks import OptimiserBlocks
from unroll.study.optimisers.ravine_sentences import ravine_sentence, ravine_setup
from unroll.study.optimisers.ravine_view import Walk
from unroll.study.optimisers.sentences import best_losses_sentence, what_follows
from unroll.study.optimisers.view import OptimiserView
from unroll.study.parts import THROUGH_TIME
from unroll.study.reproduction import with_commands

UPDATE_EQUATIONS = (
    ("SGD", "θ_t = θ_{t-1} - η g_t"),
    (
        "momentum",
        """v_t = 0.9 v_{t-1} + g_t
θ_t = θ_{t-1} - η v_t""",
    ),
    (
        "RMSProp",
        """s_t = 0.99 s_{t-1} + 0.01 g_t^2
θ_t = θ_{t-1} - η frac{g_t}{sqrt{s_t} + ε}""",
    ),
    (
        "Adam",
        """m_t = 0.9 m_{t-1} + 0.1 g_t
s_t = 0.999 s_{t-1} + 0.001 g_t^2
θ_t = θ_{t-1} - η frac{m_t / (1 - 0.9^t)}{sqrt{s_t / (1 - 0.999^t)} + ε}""",
    ),
)
"""The update of parameters θ by the gradient g at rate η, as PyTorch has it; ε = 1e-8."""


def optimiser_section(views: Sequence[OptimiserView]) -> Section | None:
    """Return the answer to 1.4, or None while nothing of it is recorded."""
    told = [view for view in views if view.trials]
    if not told:
        return None
    blocks: list[Block] = [
        Prose(
            role="asked",
            text="Train the same network from the same weights with SGD, momentum, RMSProp and "
            "Adam, and explain by the curves what momentum and adaptive rates do.",
        ),
        *(Equation(text=text, label=label) for label, text in UPDATE_EQUATIONS),
    ]
    walked: list[tuple[Walk, ...]] = []
    for index, view in enumerate(told):
        if len(told) > 1:
            blocks.append(_heading(view))
        # The ravine knows nothing of cells and lengths: told once, it is told.
        seen = replace(view, walks=()) if view.walks in walked else view
        blocks += _tell(seen, suffix=f"-{index}" if index else "")
        walked.append(view.walks)
    return Section(
        number="1.4",
        title="Four optimisers on one task",
        part=THROUGH_TIME,
        blocks=tuple(blocks),
    )


def _heading(view: OptimiserView) -> Prose:
    """Say which protocol follows, where there are several."""
    settings = view.trials[0].settings
    return Prose(
        text=f"**T = {settings.length}, recipe `{view.protocol['recipe']}`, "
        f"{view.max_steps:,} steps a trial**"
    )


def _tell(view: OptimiserView, *, suffix: str) -> list[Block]:
    """Return all blocks of one protocol; `suffix` keeps its figures apart from another's."""
    blocks = OptimiserBlocks(view=view)
    palette = Palette.of_optimisers((*view.optimisers, *(walk.optimiser for walk in view.walks)))
    setup = [Prose(text=ravine_setup(view))] if view.walks else []
    ravine = [Prose(text=text)] if (text := ravine_sentence(view)) else []
    return [
        Prose(role="ran", text=blocks.what_was_run()),
        *setup,
        *blocks.same_start(),
        Prose(role="measured", text=best_losses_sentence(view)),
        *blocks.failures(),
        *with_commands(
            [
                *_descents(blocks, palette, suffix),
                blocks.results(),
                loss_by_rate(
                    blocks.rate_rows(), palette=palette, figure_id=f"optimiser-rates{suffix}"
                ),
                *_paths(blocks, palette, suffix),
            ],
            view.commands,
        ),
        Prose(role="follows", text=what_follows(view)),
        *ravine,
    ]


def _descents(blocks: OptimiserBlocks, palette: Palette, suffix: str) -> list[Block]:
    """Return the training curves; there are none where every optimiser diverged at every rate."""
    rows = blocks.descent_rows()
    if not rows:
        return []
    return [loss_by_optimiser(rows, palette=palette, figure_id=f"optimiser-descents{suffix}")]


def _paths(blocks: OptimiserBlocks, palette: Palette, suffix: str) -> list[Block]:
    """Return the paths down the ravines, once they are measured."""
    rows = blocks.path_rows()
    if not rows:
        return []
    return [
        ravine_paths(
            rows,
            surfaces=blocks.surfaces(),
            palette=palette,
            figure_id=f"ravine-paths{suffix}",
        )
    ]
