"""`unroll check`: every rule tried on a cell, and the cell beside a built-in one."""

import inspect
from typing import Any

from unroll.cells import is_causal
from unroll.cells.bidirectional import PREFIX
from unroll.cells.contract import BrokenFormError, check_cell
from unroll.cells.source import find_cell
from unroll.errors import CellError
from unroll.probes.likeness import compare, find_family
from unroll.probes.rules import RULES, Finding, Subject, check_rules
from unroll.study.check.settings import CheckSettings
from unroll.study.check.telling import LIKENESS, summarise, tell
from unroll.study.result import Result

FORM = "form"
"""The rule of `check_cell`, without which no other can be tried."""
_FORM_HINT = (
    "forward(x, state) returns (output, state): output (B, H), and a NamedTuple of tensors (B, …) "
    "as initial_state gives it; docs/own-cell.md has one in twenty lines."
)


def run_check(cell: str, settings: CheckSettings) -> Result:
    """Carry out `unroll check CELL`; it succeeds where no rule is broken.

    Raises: UnrollError, in one line, for a cell that cannot be found, built or run at all.
    """
    if cell.startswith(PREFIX):
        raise _not_stepping(cell)
    _check_reference(settings)
    try:
        source = find_cell(cell)
    except BrokenFormError as error:
        return _of_form(cell, settings, error)
    return _check(source.load(), cell, settings)


def check(
    cell: type[Any] | str,
    *,
    as_: str | None = None,
    input_size: int = 5,
    hidden_size: int = 8,
    seed: int = 0,
) -> Result:
    """Try every rule on a cell, a class or as the command line names it, and return what came.

        unroll.lab.check(MyLSTM, as_="lstm")

    Printed, it is what `unroll check` prints; `.summary["findings"]` has each rule.
    Raises: UnrollError, in one line, for a cell that cannot be built or run at all.
    """
    settings = CheckSettings(as_=as_, input_size=input_size, hidden_size=hidden_size, seed=seed)
    if isinstance(cell, str):
        return run_check(cell, settings)
    _check_reference(settings)
    name = getattr(cell, "__name__", type(cell).__name__)
    if not is_causal(cell):
        raise _not_stepping(name)
    try:
        check_cell(cell, name)
    except BrokenFormError as error:
        return _of_form(name, settings, error)
    return _check(cell, name, settings)


def _not_stepping(cell: str) -> CellError:
    return CellError(
        f"cell '{cell}': reads from both ends and so takes no steps that could be checked; check "
        f"the cell inside it"
    )


def _check_reference(settings: CheckSettings) -> None:
    if settings.as_ is not None:
        find_family(settings.as_)


def _of_form(cell: str, settings: CheckSettings, error: CellError) -> Result:
    told = str(error).removeprefix(f"cell '{cell}': ")
    broken = Finding(rule=FORM, outcome="broken", told=told, hint=_FORM_HINT)
    rest = [
        Finding(rule=rule.name, outcome="untold", told=f"cannot be told while {FORM} is not kept")
        for rule in RULES
    ]
    return _result(cell, settings, (broken, *rest))


def _check(cell_class: type[Any], name: str, settings: CheckSettings) -> Result:
    subject = Subject(
        cell_class=cell_class,
        path=_path_of(cell_class),
        D=settings.input_size,
        H=settings.hidden_size,
        seed=settings.seed,
    )
    form = "built, called and answering as a scan needs it"
    try:
        findings = [Finding(rule=FORM, outcome="kept", told=form), *check_rules(subject)]
    except CellError as error:
        raise CellError(f"cell '{name}': {error}") from error
    if settings.as_ is not None:
        findings.append(_compare(subject, settings.as_, findings))
    return _result(name, settings, tuple(findings))


def _compare(subject: Subject, reference: str, findings: list[Finding]) -> Finding:
    unkept = [
        one.rule
        for one in findings
        if one.rule in ("seed", "same-twice", "in-place") and one.outcome != "kept"
    ]
    if unkept:
        told = f"cannot be told while {unkept[0]} is not kept"
        return Finding(rule=LIKENESS, outcome="untold", told=told)
    return compare(subject, find_family(reference))


def _path_of(cell_class: type[Any]) -> str | None:
    """Return the file of a class; None where it was written in a notebook or a prompt."""
    try:
        return inspect.getsourcefile(cell_class)
    except (OSError, TypeError):
        return None


def _result(cell: str, settings: CheckSettings, findings: tuple[Finding, ...]) -> Result:
    return Result(
        summary=summarise(cell, settings, findings),
        text=tell(cell, settings, findings),
        succeeded=all(one.outcome != "broken" for one in findings),
    )
