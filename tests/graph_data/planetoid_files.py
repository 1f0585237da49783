"""Planetoid's eight files made up: nine papers, three of them for testing, one missing."""

import pickle
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

WORDS = np.array(
    [
        [1, 0, 0, 1],
        [0, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 1, 1, 1],
        [0, 0, 1, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
        [1, 1, 1, 1],
    ],
    dtype=np.float32,
)
"""Of each paper; paper 7 stands in no file."""
CLASSES = np.array([0, 1, 0, 1, 1, 0, 1, -1, 0])
TEST = [8, 5, 6]
"""As test.index has them: not in order, and without 7."""
NEIGHBOURS = {0: [1, 2, 2], 1: [0, 1], 2: [0, 5], 3: [8], 4: [], 5: [2], 6: [4], 8: [3]}
"""A citation given twice, a paper that cites itself, one given from one side alone."""


def one_hot(classes: Any) -> Any:
    return np.eye(2, dtype=np.int32)[classes]


def parts() -> dict[str, bytes]:
    """Return what each of the files holds."""
    neighbours = defaultdict(list, {node: list(others) for node, others in NEIGHBOURS.items()})
    contents = {
        "x": csr_matrix(WORDS[:2]),
        "y": one_hot(CLASSES[:2]),
        "allx": csr_matrix(WORDS[:5]),
        "ally": one_hot(CLASSES[:5]),
        "tx": csr_matrix(WORDS[TEST]),
        "ty": one_hot(CLASSES[TEST]),
        "graph": neighbours,
    }
    pickled = {part: pickle.dumps(content, protocol=2) for part, content in contents.items()}
    return {**pickled, "test.index": "".join(f"{node}\n" for node in TEST).encode()}


def write(folder: Path, name: str = "citeseer", **changed: bytes) -> Path:
    """Write the files, some of them with other contents, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, content in {**parts(), **changed}.items():
        (folder / f"ind.{name}.{part.replace('test_index', 'test.index')}").write_bytes(content)
    return folder
