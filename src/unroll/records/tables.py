"""The store's tables, and a trial as a row of them."""

import json
import sqlite3
from hashlib import sha256
from typing import Any

from unroll.records.schema import SCHEMA_VERSION, TrialRecord

APPLICATION_ID = 0x756E726C
"""Marks a SQLite file as ours: the letters u n r l."""

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
    environment TEXT NOT NULL REFERENCES environments (id)
);
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
    started TEXT NOT NULL
);
COMMIT;
"""

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
)

SELECT_TRIAL = (
    f"SELECT {', '.join(_COLUMNS)}, facts FROM trials"
    " JOIN environments ON environments.id = trials.environment WHERE key = ?"
)


def insert_trial(connection: sqlite3.Connection, trial: TrialRecord) -> None:
    """Insert or replace a trial; its environment is stored once for all that share it."""
    facts = json.dumps(trial.environment, sort_keys=True)
    environment = sha256(facts.encode()).hexdigest()[:16]
    connection.execute("INSERT OR IGNORE INTO environments VALUES (?, ?)", (environment, facts))
    values = {name: getattr(trial, name) for name in _COLUMNS}
    values["settings"] = json.dumps(values["settings"], sort_keys=True)
    marks = ", ".join("?" * (len(values) + 1))
    connection.execute(
        f"INSERT OR REPLACE INTO trials VALUES ({marks})", (*values.values(), environment)
    )


def trial_from_row(row: tuple[Any, ...]) -> TrialRecord:
    """Return the trial that a row of `SELECT_TRIAL` describes."""
    values = dict(zip((*_COLUMNS, "environment"), row, strict=True))
    for name in ("settings", "environment"):
        values[name] = json.loads(values[name])
    return TrialRecord(**values)
