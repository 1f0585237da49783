BEGIN;
PRAGMA application_id = 1970172524;
PRAGMA user_version = 1;
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
INSERT INTO environments VALUES ('e', '{"unroll": "0.1.0"}');
INSERT INTO trials VALUES
    ('k', '{"length": 5}', 'stopped', NULL, 'plain', 7, 40, 20, NULL, 1.5, 0.5, 'abc', 'e');
INSERT INTO curves VALUES ('k', 'training', 20, 0.5, 0.9);
INSERT INTO evaluations VALUES ('k', 'best', 5, 0.99, 0.1, 1000, 0, 0.2);
INSERT INTO requests (kind, settings, command, trials, started)
    VALUES ('memory', '{"recipe": "assignment"}', 'unroll memory', '["k"]', '2026-01-01');
