"""Records as rows of the store's tables, and back."""

import json
import sqlite3
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from unroll.records.schema import (
    EvaluationRecord,
    MeasurementRecord,
    RequestRecord,
    TrialRecord,
)

_COLUMNS = (
    "key",
    "settings",
    "status",
    "error",
    "engine",
    "parameters",
    "steps",
    "best_step",
    "plateau_step",
    "seconds",
    "validation_seconds",
    "weights_sha256",
    "lessons",
)

_AS_JSON = ("settings", "lessons")

SELECT_TRIAL = (
    f"SELECT {', '.join(_COLUMNS)}, facts FROM trials"
    " JOIN environments ON environments.id = trials.environment WHERE key = ?"
)

_SCORES = ("weights", "length", "accuracy", "loss_nats", "count", "held_out", "seconds")

SELECT_EVALUATIONS = (
    f"SELECT {', '.join(_SCORES)} FROM evaluations WHERE trial = ? AND weights = ? ORDER BY length"
)

SELECT_REQUESTS = (
    "SELECT kind, settings, command, trials, started, measurements FROM requests ORDER BY id"
)

SELECT_MEASUREMENT = (
    "SELECT key, kind, settings, result, error, seconds, facts FROM measurements"
    " JOIN environments ON environments.id = measurements.environment WHERE key = ?"
)


def insert_trial(connection: sqlite3.Connection, trial: TrialRecord) -> None:
    """Insert or replace a trial."""
    values = {name: getattr(trial, name) for name in _COLUMNS}
    for name in _AS_JSON:
        values[name] = json.dumps(values[name], sort_keys=True)
    values["environment"] = _insert_environment(connection, trial.environment)
    connection.execute(
        f"INSERT OR REPLACE INTO trials ({', '.join(values)})"
        f" VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )


def trial_from_row(row: tuple[Any, ...]) -> TrialRecord:
    """Return the trial that a row of `SELECT_TRIAL` describes."""
    values = dict(zip((*_COLUMNS, "environment"), row, strict=True))
    for name in (*_AS_JSON, "environment"):
        values[name] = json.loads(values[name])
    values["lessons"] = tuple((step, length) for step, length in values["lessons"])
    return TrialRecord(**values)


def insert_measurement(connection: sqlite3.Connection, measurement: MeasurementRecord) -> None:
    """Insert or replace a measurement."""
    values = measurement.values
    connection.execute(
        "INSERT OR REPLACE INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            measurement.key,
            measurement.kind,
            json.dumps(measurement.settings, sort_keys=True),
            None if values is None else json.dumps(values, allow_nan=False),
            measurement.error,
            measurement.seconds,
            _insert_environment(connection, measurement.environment),
        ),
    )


def measurement_from_row(row: tuple[Any, ...]) -> MeasurementRecord:
    """Return the measurement that a row of `SELECT_MEASUREMENT` describes."""
    key, kind, settings, result, error, seconds, facts = row
    return MeasurementRecord(
        key=key,
        kind=kind,
        settings=json.loads(settings),
        values=None if result is None else json.loads(result),
        error=error,
        seconds=seconds,
        environment=json.loads(facts),
    )


def insert_evaluations(
    connection: sqlite3.Connection, key: str, evaluations: Iterable[EvaluationRecord]
) -> None:
    """Insert or replace scores of a trial."""
    connection.executemany(
        f"INSERT OR REPLACE INTO evaluations (trial, {', '.join(_SCORES)})"
        f" VALUES (?{', ?' * len(_SCORES)})",
        [(key, *(getattr(each, name) for name in _SCORES)) for each in evaluations],
    )


def evaluation_from_row(row: tuple[Any, ...]) -> EvaluationRecord:
    """Return the score that a row of `SELECT_EVALUATIONS` describes."""
    values = dict(zip(_SCORES, row, strict=True))
    return EvaluationRecord(**{**values, "held_out": bool(values["held_out"])})


def insert_request(connection: sqlite3.Connection, request: RequestRecord) -> None:
    """Insert a request behind all others; the same one, asked for before, goes.

    So does one of the same command that asked for less: a command of several rounds knows what a
    later one asks for only when the earlier are recorded.
    """
    settings = json.dumps(request.settings, sort_keys=True)
    asked = [json.dumps(list(keys)) for keys in (request.trials, request.measurements)]
    same = connection.execute(
        "SELECT id, command, trials, measurements FROM requests WHERE kind = ? AND settings = ?",
        (request.kind, settings),
    ).fetchall()
    for number, command, *known in same:
        is_part = all(
            set(json.loads(part)) <= set(json.loads(whole))
            for part, whole in zip(known, asked, strict=True)
        )
        if known == asked or (command == request.command and is_part):
            connection.execute("DELETE FROM requests WHERE id = ?", (number,))
    connection.execute(
        "INSERT INTO requests (kind, settings, command, started, trials, measurements)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (request.kind, settings, request.command, request.started, *asked),
    )


def request_from_row(row: tuple[Any, ...]) -> RequestRecord:
    """Return the request that a row of `SELECT_REQUESTS` describes."""
    kind, settings, command, trials, started, measurements = row
    return RequestRecord(
        kind=kind,
        settings=json.loads(settings),
        command=command,
        trials=tuple(json.loads(trials)),
        started=started,
        measurements=tuple(json.loads(measurements)),
    )


def _insert_environment(connection: sqlite3.Connection, environment: dict[str, str]) -> str:
    """Return the id of an environment, which is stored once for all that share it."""
    facts = json.dumps(environment, sort_keys=True)
    name = sha256(facts.encode()).hexdigest()[:16]
    connection.execute("INSERT OR IGNORE INTO environments VALUES (?, ?)", (name, facts))
    return name
