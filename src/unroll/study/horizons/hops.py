"""How far a label travels across a graph: what each hop horizon says of it."""

from collections.abc import Sequence

from unroll.study.graphs.sections.hops import SHAPES, network_name
from unroll.study.graphs.summary import horizon_of, networks_of
from unroll.study.graphs.view import GraphView, Look
from unroll.study.horizons.travel import Influence, Measured, Travel, relative


def travels_in_hops(views: Sequence[GraphView]) -> list[Travel]:
    """Return every kind of network of the hop horizon asked for last, on every shape of graph."""
    view = next((v for v in views if v.kind == "graph-horizon" and v.looks), None)
    return [] if view is None else [_travel(view, network) for network in networks_of(view)]


def _travel(view: GraphView, network: tuple[str, str, str]) -> Travel:
    shape, model, residual = network
    looks = [
        look
        for look in view.looks
        if (look.settings["shape"], look.settings["model"], look.settings["residual"]) == network
    ]
    name = f"{network_name(network)} on {SHAPES.get(shape, shape)}"
    trained = _influence(looks, "trained")
    return Travel(
        unit="hops",
        line=f"on {SHAPES.get(shape, shape)}",
        network=name,
        kind="learned",
        trained_to=None,
        horizon=horizon_of(view, (shape, model, residual)),
        use=tuple(
            Measured(
                seed=look.settings["seed"],
                distance=look.settings["distance"],
                value=(look.values["accuracy"] - look.values["chance"])
                / (1 - look.values["chance"]),
            )
            for look in looks
        ),
        influence=(
            Influence(condition="before training", points=_influence(looks, "untrained")),
            Influence(condition="trained", points=trained),
        ),
        arriving=trained,
        command=view.commands[-1],
    )


def _influence(looks: Sequence[Look], when: str) -> tuple[Measured, ...]:
    """Return ‖∂h(reader) / ∂x(source)‖ over that at the nearest distance trained at."""
    return relative(
        Measured(
            seed=look.settings["seed"],
            distance=look.settings["distance"],
            value=look.values["influence"][when],
        )
        for look in looks
    )
