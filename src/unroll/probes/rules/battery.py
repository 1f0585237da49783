"""All rules of a cell, one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from unroll.errors import CellError, in_one_line
from unroll.probes.rules.answers import check_no_softmax
from unroll.probes.rules.device import check_device
from unroll.probes.rules.finding import BreachError, Finding, UntoldError
from unroll.probes.rules.form import check_dtype, check_shapes
from unroll.probes.rules.gradients import check_gradcheck, check_parameters_used, check_reach
from unroll.probes.rules.keeping import check_saving, check_seed, tell_count
from unroll.probes.rules.passing import (
    check_halves,
    check_in_place,
    check_inputs_read,
    check_long,
    check_memory,
    check_passed_state,
    check_same_twice,
)
from unroll.probes.rules.rows import check_rows
from unroll.probes.rules.subject import Subject, default_dtype, in_float64


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the public contract."""

    name: str
    """What it is called."""
    check: Callable[[Subject], str]
    """Returns what was found; raises BreachError or UntoldError."""
    needs: tuple[str, ...] = ()
    """Rules without which this one says nothing."""


RULES: tuple[Rule, ...] = (
    Rule(name="shapes", check=check_shapes),
    Rule(name="seed", check=check_seed),
    Rule(name="same-twice", check=check_same_twice, needs=("seed",)),
    Rule(name="in-place", check=check_in_place),
    Rule(name="halves", check=check_halves, needs=("same-twice", "in-place")),
    Rule(name="passed-state", check=check_passed_state, needs=("same-twice", "in-place")),
    Rule(name="memory", check=check_memory, needs=("same-twice",)),
    Rule(name="inputs", check=check_inputs_read, needs=("same-twice",)),
    Rule(name="rows", check=check_rows, needs=("same-twice", "in-place")),
    Rule(name="gradient", check=check_reach, needs=("same-twice", "in-place")),
    Rule(name="gradient-parameters", check=check_parameters_used, needs=("in-place",)),
    Rule(
        name="gradient-check",
        check=check_gradcheck,
        needs=("same-twice", "in-place", "gradient", "gradient-parameters"),
    ),
    Rule(name="parameters", check=tell_count),
    Rule(name="saving", check=check_saving, needs=("same-twice",)),
    Rule(name="dtype", check=check_dtype),
    Rule(name="device", check=check_device),
    Rule(name="long", check=check_long),
    Rule(name="no-softmax", check=check_no_softmax),
)
"""The rules in the order in which they are tried."""


def check_rules(subject: Subject) -> tuple[Finding, ...]:
    """Try every rule on a cell that `unroll.cells.contract.check_cell` has let pass.

    Torch's default dtype is float64 meanwhile, so that what is equal is equal to many digits.
    Raises: CellError where its first outputs are not finite: every rule would fail for that.
    """
    with in_float64():
        if (only := _tell_only_float32(subject)) is not None:
            return only
        _check_finite(subject)
        findings: list[Finding] = []
        for rule in RULES:
            findings.append(_try(rule, subject, findings))
        return tuple(findings)


def _tell_only_float32(subject: Subject) -> tuple[Finding, ...] | None:
    """Return the breach of `dtype` by a cell that runs in float32 alone; None for any other."""
    if _runs(subject, torch.float64) or not _runs(subject, torch.float32):
        return None
    rule = next(rule for rule in RULES if rule.check is check_dtype)
    found = _try(rule, subject, ())
    told = f"cannot be told while {rule.name} is not kept"
    untold = (Finding(rule=other.name, outcome="untold", told=told) for other in RULES)
    return tuple(found if one.rule == rule.name else one for one in untold)


def _runs(subject: Subject, dtype: torch.dtype) -> bool:
    with default_dtype(dtype):
        try:
            subject.run(subject.build(), subject.inputs(T=2))
        except (Exception, SystemExit):
            return False
    return True


def _check_finite(subject: Subject) -> None:
    try:
        outputs, _ = subject.run(subject.build(), subject.inputs(T=2))
    except (Exception, SystemExit) as error:
        where = f"with D = {subject.D}, H = {subject.H}"
        raise CellError(
            f"{where} it raised {in_one_line(error)}{subject.line_of(error)}"
        ) from error
    for t, output in enumerate(outputs.unbind(1), start=1):
        if not bool(output.isfinite().all()):
            raise CellError(f"its output is not finite at step {t}, on inputs of about 1")


def _try(rule: Rule, subject: Subject, before: Sequence[Finding]) -> Finding:
    unkept = [one.rule for one in before if one.rule in rule.needs and one.outcome != "kept"]
    if unkept:
        told = f"cannot be told while {unkept[0]} is not kept"
        return Finding(rule=rule.name, outcome="untold", told=told)
    try:
        return Finding(rule=rule.name, outcome="kept", told=rule.check(subject))
    except BreachError as breach:
        return Finding(rule=rule.name, outcome="broken", told=breach.told, hint=breach.hint)
    except UntoldError as error:
        return Finding(rule=rule.name, outcome="untold", told=str(error))
    except (Exception, SystemExit) as error:
        told = f"it raised {in_one_line(error)}{subject.line_of(error)}"
        hint = "Mend what is raised first; the rule is about something else."
        return Finding(rule=rule.name, outcome="broken", told=told, hint=hint)
