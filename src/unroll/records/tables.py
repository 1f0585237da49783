"""The tables of a store, and what makes an older store a newer one."""

from unroll.records.schema import SCHEMA_VERSION

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
