"""A made-up look at reach: the six-node graph, worked out without the library."""

import math
from typing import Any

from tests.study.graphs.made_up.views import view
from unroll.study.graphs.view import GraphView, Look

NAMES = ("A", "B", "C", "D", "E", "F")
EDGES = ((0, 1), (0, 4), (0, 5), (1, 3), (2, 3), (3, 5))
HOPS = (3, 2, 0, 1, 4, 2)
PLACES = ((0.35, 0.62, 1.0, 0.75, 0.0, 0.5), (0.5, 0.85, 0.4, 0.5, 0.5, 0.1))


def _adjacency() -> list[list[int]]:
    linked = {*EDGES, *((j, i) for i, j in EDGES), *((i, i) for i in range(6))}
    return [[int((i, j) in linked) for j in range(6)] for i in range(6)]


def _power(matrix: list[list[float]], k: int) -> list[list[float]]:
    result = [[float(i == j) for j in range(6)] for i in range(6)]
    for _ in range(k):
        result = [
            [sum(result[i][m] * matrix[m][j] for m in range(6)) for j in range(6)] for i in range(6)
        ]
    return result


def reach_values(**changed: Any) -> dict[str, Any]:
    """Return what a look at the six-node graph holds, worked out without the library."""
    tilde = _adjacency()
    degrees = [sum(row) for row in tilde]
    hat = [[tilde[i][j] / math.sqrt(degrees[i] * degrees[j]) for j in range(6)] for i in range(6)]
    powers = [_power(hat, k) for k in range(5)]
    return {
        "names": list(NAMES),
        "edges": [list(edge) for edge in EDGES],
        "is_directed": False,
        "x": list(PLACES[0]),
        "y": list(PLACES[1]),
        "a_tilde": tilde,
        "a_hat": hat,
        "degrees": degrees,
        "row_sums": [sum(row) for row in hat],
        "source": "C",
        "target": "E",
        "updates": 4,
        "hops": list(HOPS),
        "by_layer": [
            {
                "layers": k,
                "power": [powers[k][i][2] for i in range(6)],
                "jacobian": [1.4 * powers[k][i][2] for i in range(6)],
            }
            for k in range(5)
        ],
        "updates_by_jacobian": 4,
        "squared": {"updates": 2},
        "twins": [["B", "F"]],
        "twin_difference": 0.0,
        "checks": [
            {
                "claim": "Below 4 layers the Jacobian of E by C is exactly zero",
                "passed": True,
                "detail": "largest entry 0.0",
            }
        ],
    } | changed


def reach_view(**changed: Any) -> GraphView:
    """Return a view of one look at reach."""
    settings = {"edges": "A-B,A-E,A-F,B-D,C-D,D-F", "source": "C", "target": "E"}
    look = Look(settings=settings, values=reach_values(**changed))
    return view("graph-reach", [look], 'unroll graph reach --edges "A-B,A-E" --source C --target E')
