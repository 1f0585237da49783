"""The hop horizon: how far a label is carried, on paths and on trees, by use and by influence."""

import statistics

from unroll.records import Horizon
from unroll.report.charts import accuracy_by_hops, influence_by_hops
from unroll.report.markup import inert
from unroll.report.section import Block, Check, Column, Prose, Table
from unroll.study.graphs.sections.rows import hop_rows
from unroll.study.graphs.sections.words import model_name
from unroll.study.graphs.summary import MODELS, horizon_of, networks_of
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_commands
from unroll.study.words import count, join

SHAPES = {"path": "a path", "tree": "a binary tree"}


def hop_ran(view: GraphView) -> str:
    """Say what was trained."""
    shapes = join(SHAPES.get(shape, shape) for shape in sorted(view.options("shape")))
    models = join(
        model_name(model) for model in sorted(view.options("model"), key=list(MODELS).index)
    )
    kinds = join(f"{name} layers" for name in sorted(view.options("residual")))
    horizon = horizon_of(view, networks_of(view)[0])
    return (
        f"**Horizon.** On {shapes} every node has a random label, one node at distance d from the "
        "reader is marked, and the reader must say the marked node's label. Networks "
        f"({models}; {kinds}) with as many layers as there are hops are trained at "
        f"d = {join(sorted(view.options('distance')))}, {count(len(view.options('seed')), 'seed')} "
        f"each. **By use**, the horizon is the last d passed ({inert(horizon.criterion)}; "
        f"{inert(horizon.budget)}). **By influence**: ‖∂h(reader) / ∂x(source)‖ after training."
    )


def hop_blocks(view: GraphView, index: int) -> list[Block]:
    """Return what was measured."""
    rows = hop_rows(view)
    suffix = f"-{index}" if index else ""
    blocks: list[Block] = [
        Prose(text=_told(view)),
        _table(view),
        accuracy_by_hops(rows, figure_id=f"hop-accuracy{suffix}"),
        influence_by_hops(rows, figure_id=f"hop-influence{suffix}"),
        below_check(view),
    ]
    return with_commands(blocks, view.commands)


def network_name(network: tuple[str, str, str]) -> str:
    """Return a network in words: `residual GCN`."""
    _, model, residual = network
    return f"{residual} {model_name(model)}"


def hops_words(horizon: Horizon) -> str:
    """Return a horizon's median and range in hops."""
    if horizon.median is None:
        return "none"
    low, high = horizon.range
    more = " or more" if horizon.is_open else ""
    if low == high:
        return f"{horizon.median}{more}"
    return f"{horizon.median}{more} ({'none' if low is None else low}–{high})"


def _told(view: GraphView) -> str:
    told = []
    for shape in sorted(view.options("shape")):
        mine = [network for network in networks_of(view) if network[0] == shape]
        parts = (f"{network_name(n)} {hops_words(horizon_of(view, n))}" for n in mine)
        told.append(f"on {SHAPES.get(shape, shape)}: {join(parts)}")
    return f"**The hop horizon.** A label is carried so many hops, {'; '.join(told)}."


def _table(view: GraphView) -> Table:
    return Table(
        columns=(
            Column(title="graph"),
            Column(title="network"),
            Column(title="horizon (hops)", numeric=True),
            Column(title="nearest", numeric=True),
            Column(title="furthest", numeric=True),
            Column(title="factor a hop", numeric=True),
        ),
        rows=tuple(
            (
                network[0],
                network_name(network),
                hops_words(horizon_of(view, network)),
                *_influence_words(view, network),
            )
            for network in networks_of(view)
        ),
        caption="How many hops a label is carried: median (lowest–highest) over seeds; and how "
        "much the reader's state depends on the source after training, at the nearest and at the "
        "furthest distance tested on that graph: median over seeds, and the factor a hop between.",
    )


def _influence(view: GraphView, network: tuple[str, str, str]) -> dict[int, float]:
    """Return the median influence after training at each distance."""
    found: dict[int, list[float]] = {}
    for look in view.looks:
        settings = look.settings
        if (settings["shape"], settings["model"], settings["residual"]) == network:
            found.setdefault(settings["distance"], []).append(look.values["influence"]["trained"])
    return {distance: statistics.median(found[distance]) for distance in sorted(found)}


def _factor(influence: dict[int, float]) -> float | None:
    """Return by what influence is multiplied from hop to hop, between the ends."""
    near, far = min(influence), max(influence)
    if near == far or influence[near] <= 0 or influence[far] <= 0:
        return None
    return float((influence[far] / influence[near]) ** (1 / (far - near)))


def _influence_words(view: GraphView, network: tuple[str, str, str]) -> tuple[str, str, str]:
    influence = _influence(view, network)
    factor = _factor(influence)
    return (
        f"{influence[min(influence)]:.2g}",
        f"{influence[max(influence)]:.2g}",
        "–" if factor is None else f"{factor:.2f}",
    )


def below_check(view: GraphView) -> Check:
    """Say whether a stack of one layer less leaves no influence at all."""
    # At one hop there is no stack of one layer less.
    looked = [values["below"] for values in view.values() if values["below"]["layers"] > 0]
    most = max((below["influence"] for below in looked), default=0.0)
    return Check(
        label="With one layer less than there are hops, the reader's state does not depend on the "
        "source at all: the derivative is exactly 0",
        passed=most == 0,
        detail=f"The largest of {count(len(looked), 'network')} is {most:g}.",
    )


def _reached(horizon: Horizon) -> int:
    return horizon.median or 0


def hop_findings(view: GraphView) -> list[str]:
    """Return what follows of distance, of the shape and of residual layers."""
    horizons = {network: horizon_of(view, network) for network in networks_of(view)}
    return [
        sentence
        for sentence in (
            _layers_are_not_enough(view, horizons),
            _shapes(horizons),
            _kinds(horizons),
        )
        if sentence
    ]


def _layers_are_not_enough(view: GraphView, horizons: dict[tuple[str, str, str], Horizon]) -> str:
    furthest = {n: max(_influence(view, n)) for n in horizons}
    short = [n for n, horizon in horizons.items() if _reached(horizon) < furthest[n]]
    told = join(dict.fromkeys(furthest.values()))
    if not short:
        return (
            "**The hop horizon.** Every network carried the label as far as was tested, "
            f"{told} hops: within these distances and with these steps of training, as many "
            "layers as hops were enough."
        )
    return (
        "**The hop horizon.** As many layers as hops are necessary, and not enough: "
        f"{len(short)} of {count(len(horizons), 'kind')} of networks stop short of the furthest "
        f"tested, {told} hops, though their layers reach that far.{_arrives(view, horizons)}"
    )


def _arrives(view: GraphView, horizons: dict[tuple[str, str, str], Horizon]) -> str:
    """Say whether news arrives, by influence, where it is not used."""
    found = [
        influence
        for network, horizon in horizons.items()
        for distance, influence in _influence(view, network).items()
        if distance > _reached(horizon)
    ]
    if not found or min(found) == 0:
        return ""
    return (
        f" News does arrive there: the derivative after training is {min(found):.2g} or more "
        "(medians over seeds), and not 0. It is not used, or not enough to pass: influence and "
        "use are two horizons."
    )


def _shapes(horizons: dict[tuple[str, str, str], Horizon]) -> str:
    """Compare paths with trees, network by network."""
    pairs = [
        (path, tree)
        for (shape, model, residual), path in horizons.items()
        if shape == "path"
        and (tree := horizons.get(("tree", model, residual))) is not None
        # A tree that carries the label as far as it was tested is not known to end sooner.
        and not (tree.is_open and _reached(path) >= _reached(tree))
    ]
    if not pairs:
        return ""
    nearer = sum(_reached(tree) < _reached(path) for path, tree in pairs)
    further = sum(_reached(tree) > _reached(path) for path, tree in pairs)
    if nearer > further and 2 * nearer >= len(pairs):
        return (
            f"On trees the horizon is nearer than on paths in {nearer} of {len(pairs)} kinds of "
            "networks"
            + (f" (and further in {further})" if further else "")
            + ". There the number of nodes within reach doubles from hop to hop, and all of their "
            "news has to pass through states of one fixed size."
        )
    if further > nearer and 2 * further >= len(pairs):
        return (
            f"On trees the horizon is further than on paths in {further} of {len(pairs)} kinds of "
            "networks: that neighbourhoods grow does not show as a harm here."
        )
    return (
        f"Paths and trees cannot be told apart by the horizon here ({nearer} of {len(pairs)} "
        f"kinds of networks stop sooner on trees, {further} on paths)."
    )


def _kinds(horizons: dict[tuple[str, str, str], Horizon]) -> str:
    """Compare residual layers with plain ones, and GAT with GCN."""
    told = []
    for words, one, other, place in (
        ("Residual layers carry the label", "plain", "residual", 2),
        ("Attention carries the label", "gcn", "gat", 1),
    ):
        pairs = [
            (horizons[network], horizons[changed])
            for network in horizons
            if network[place] == one and (changed := _changed(network, place, other)) in horizons
        ]
        if not pairs:
            continue
        more = sum(_reached(b) > _reached(a) for a, b in pairs)
        less = sum(_reached(b) < _reached(a) for a, b in pairs)
        verdict = f"further in {more}, less far in {less} and as far in {len(pairs) - more - less}"
        told.append(f"{words} {verdict} of {count(len(pairs), 'comparison')}")
    return f"{'. '.join(told)}." if told else ""


def _changed(network: tuple[str, str, str], place: int, name: str) -> tuple[str, str, str]:
    shape, model, residual = (name if i == place else part for i, part in enumerate(network))
    return shape, model, residual
