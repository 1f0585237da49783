"""A smaller form of every command: small values in the place of its own."""

import re

STEPS = 3
TINY = "--hidden-size 8 --batch-size 8"
ONE = f"--seeds 1 --max-steps 2 {TINY}"

STUDY = {
    "memory": f"{ONE} --lengths 5",
    "gradients": "--seeds 1 --max-steps 2 --hidden-size 8 --length 6 --sequences 2 --inits uniform",
    "optimisers": f"{ONE} --rates 0.1 --optimisers sgd",
    "gates": f"{ONE} --length 5",
    "ablation": f"--seeds 1 {TINY} --budget 200 --lengths 5 --rates 0.001",
    "bench": "--seeds 1 --budget 12800 --hidden-size 4 --rates 0.01 --tasks palindrome --longest 6",
    "check": "",
    "report": "",
    "app": "--port 0",
}
TEXT = {
    "train": f"--steps {STEPS} --hidden-size 8 --layers 1 --batch-size 2 --window 8",
    "write": "--length 12",
    "score": "",
    "copies": "--characters 100",
    "context": "--positions 4 --furthest 8 --warm 8 --gradients 2",
    "fetch": "",
}
GRAPH = {
    "reach": "",
    "classify": "--seeds 1 --epochs 2",
    "depth": "--seeds 1 --epochs 2 --depths 1 2",
    "horizon": "--seeds 1 --steps 2 --distances 1 2 --hidden-size 8",
    "compare": "--seeds 1 --steps 2",
}
INSTEAD = {"test-lengths": "6", "trained-at": "5", "stage": str(STEPS)}
"""Options whose values are replaced where they are given."""
LEFT_OUT = ("minutes", "steps")
"""Options of `unroll text train` that its own replacement contradicts."""


def smaller(words: tuple[str, ...], mirror: str) -> list[str]:
    """Return what to give `main` for the same in less time; `mirror` is where books come from."""
    group, *rest = words[1:]
    if group == "study":
        book = "2.2" if "--book" in rest else "3.2"
        return [group, *_with(rest, ["--preset", "smoke", "--only", book])]
    if "--resume" in rest:
        return [group, *rest]
    if group == "text":
        for option in LEFT_OUT:
            rest = _without(rest, option)
        small = TEXT[rest[0]].split()
        small += ["--mirror", mirror] if rest[0] == "fetch" else []
    else:
        small = (GRAPH[rest[0]] if group == "graph" else STUDY[group]).split()
    rest = _with(rest, small)
    for option, value in INSTEAD.items():
        if f"--{option}" in rest:
            rest = _with(rest, [f"--{option}", value])
    return [group, *rest]


def _with(words: list[str], small: list[str]) -> list[str]:
    """Return the words with these options in the place of its own: no option is given twice."""
    for word in small:
        if word.startswith("--"):
            words = _without(words, word.removeprefix("--"))
    return [*words, *small]


def _without(words: list[str], option: str) -> list[str]:
    """Return the words without an option and its values."""
    typed = "".join(f"\0{word}" for word in words)
    left = re.sub(rf"\0--{option}(\0(?!--)[^\0]+)*", "", typed)
    return left.split("\0")[1:]
