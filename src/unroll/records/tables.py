"""The store's tables, and a trial as a row of them."""

import json
import sqlite3
from hashlib import sha256
from typing import Any

from unroll.records.schema import SCHEMA_VERSION, MeasurementRecord, TrialRecord

APPLICATION_ID = 0x756E726C
"""Marks a SQLite file as ours: the letters u n r l."""

_MEASUREMENTS = """
CREATE TABLE measurements (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    result TEXT,
    error TEXT,
    seconds REAL NOT NULL,
    environment TEXT NOT NULL REFERENCES environments (id)
);
"""

CREATE_TABLES = f"""
BEGIN;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
CREATE TABLE environments (
    id TEXT PRIMARY KEY,
    facts TEXT NOT NULL
);
CREATE TABLE trials (
    key TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('stopped', 'budget', 'diverged', 'failed')),
    error TEXT,
    engine TEXT,
    parameters INTEGER,
    steps INTEGER NOT NULL,
    best_step INTEGER NOT NULL,
    plateau_step INTEGER,
    seconds REAL NOT NULL,
    validation_seconds REAL NOT NULL,
    weights_sha256 TEXT,
    environment TEXT NOT NULL REFERENCES environments (id),
    lessons TEXT NOT NULL DEFAULT '[]'
);
{_MEASUREMENTS}
CREATE TABLE curves (
    trial TEXT NOT NULL REFERENCES trials (key),
    kind TEXT NOT NULL CHECK (kind IN ('training', 'validation')),
    step INTEGER NOT NULL,
    loss_nats REAL,
    accuracy REAL NOT NULL,
    PRIMARY KEY (trial, kind, step)
);
CREATE TABLE evaluations (
    trial TEXT NOT NULL REFERENCES trials (key),
    weights TEXT NOT NULL CHECK (weights IN ('best', 'final')),
    length INTEGER NOT NULL,
    accuracy REAL NOT NULL,
    loss_nats REAL,
    count INTEGER NOT NULL,
    held_out INTEGER NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (trial, weights, length)
);
CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL,
    command TEXT NOT NULL,
    trials TEXT NOT NULL,
    started TEXT NOT NULL,
    measurements TEXT NOT NULL DEFAULT '[]'
);
COMMIT;
"""

UPGRADES = {
    1: f"""
BEGIN;
ALTER TABLE trials ADD COLUMN lessons TEXT NOT NULL DEFAULT '[]';
ALTER TABLE requests ADD COLUMN measurements TEXT NOT NULL DEFAULT '[]';
{_MEASUREMENTS}
PRAGMA user_version = 2;
COMMIT;
"""
}
"""What makes the next version of a store out of an older one."""

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


def _insert_environment(connection: sqlite3.Connection, environment: dict[str, str]) -> str:
    """Return the id of an environment, which is stored once for all that share it."""
    facts = json.dumps(environment, sort_keys=True)
    name = sha256(facts.encode()).hexdigest()[:16]
    connection.execute("INSERT OR IGNORE INTO environments VALUES (?, ?)", (name, facts))
    return name
