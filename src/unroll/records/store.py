"""The run directory: one SQLite file of results, one safetensors file a trial."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock

from unroll.errors import StoreError
from unroll.records.atomic import describe_os_error, write_atomically
from unroll.records.opening import (
    FILE_NAME,
    TEXT_FILE_NAME,
    check_directory,
    check_file,
    connect,
    is_new,
    is_older,
    take_lock,
    text_training,
    translated,
)
from unroll.records.rows import (
    SELECT_EVALUATIONS,
    SELECT_MEASUREMENT,
    SELECT_REQUESTS,
    SELECT_TRIAL,
    evaluation_from_row,
    insert_evaluations,
    insert_measurement,
    insert_request,
    insert_trial,
    measurement_from_row,
    request_from_row,
    trial_from_row,
)
from unroll.records.schema import (
    SCHEMA_VERSION,
    CurveKind,
    CurvePoint,
    EvaluationRecord,
    MeasurementRecord,
    RequestRecord,
    TrialRecord,
    WeightsKind,
)
from unroll.records.tables import CREATE_TABLES


class Store:
    """The results in one directory. One process writes; others may read meanwhile.

    Every write is one transaction: after a crash it is there whole or not at all, and a trial's
    weights are on disk before the row that speaks of them.
    """

    def __init__(self, directory: Path, connection: sqlite3.Connection, lock: FileLock | None):
        self.directory = directory
        self._connection = connection
        self._lock = lock

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Open `directory` for writing, and make the store where there is none.

        Raises: StoreError when it is a file, is not writable, holds something else, is damaged,
        or is being written by another process.
        """
        path = directory / FILE_NAME
        check_directory(directory)
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise describe_os_error(directory, error) from error
        with ExitStack() as on_failure:
            lock = take_lock(directory)
            on_failure.callback(lock.release)
            connection = on_failure.enter_context(closing(connect(path, "rwc")))
            with translated(path):
                if is_new(connection, path):
                    connection.executescript(CREATE_TABLES)
            check_file(connection, path)
            with translated(path):
                # Now, not after an hour of training, is the time to learn that nobody may write.
                connection.execute("BEGIN")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                connection.rollback()
            on_failure.pop_all()
        return cls(directory, connection, lock)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Open `directory` for reading only.

        Raises: StoreError when there is no store, or it is damaged.
        """
        path = directory / FILE_NAME
        try:
            is_there = path.is_file()
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror})") from error
        if not is_there and (directory / TEXT_FILE_NAME).is_file():
            raise text_training(directory)
        if not is_there:
            raise StoreError(
                f"{directory}: no unroll store here (no {FILE_NAME}); give the --out directory "
                "of an earlier run"
            )
        with ExitStack() as on_failure:
            # A run that was killed while writing leaves a journal, which SQLite must roll back.
            mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
            connection = on_failure.enter_context(closing(connect(path, mode)))
            if mode == "ro" and is_older(connection, path):
                connection = on_failure.enter_context(closing(connect(path, "rw")))
            check_file(connection, path)
            on_failure.pop_all()
        return cls(directory, connection, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def find_trial(self, key: str) -> TrialRecord | None:
        """Return the trial with this key, or None."""
        with self._reading() as connection:
            row = connection.execute(SELECT_TRIAL, (key,)).fetchone()
        return trial_from_row(row) if row else None

    def curve(self, key: str, kind: CurveKind) -> list[CurvePoint]:
        """Return a trial's curve, by step."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT step, loss_nats, accuracy FROM curves WHERE trial = ? AND kind = ?"
                " ORDER BY step",
                (key, kind),
            ).fetchall()
        return [CurvePoint(step=s, loss_nats=n, accuracy=a) for s, n, a in rows]

    def evaluations(self, key: str, weights: WeightsKind = "best") -> list[EvaluationRecord]:
        """Return a trial's scores, by length tested."""
        with self._reading() as connection:
            rows = connection.execute(SELECT_EVALUATIONS, (key, weights)).fetchall()
        return [evaluation_from_row(row) for row in rows]

    def requests(self) -> list[RequestRecord]:
        """Return what this directory was asked for, the oldest first."""
        with self._reading() as connection:
            rows = connection.execute(SELECT_REQUESTS).fetchall()
        return [request_from_row(row) for row in rows]

    def add_request(self, request: RequestRecord) -> None:
        """Note what was asked for; asking for the same again moves it to the end."""
        with self._writing() as connection:
            insert_request(connection, request)

    def find_measurement(self, key: str) -> MeasurementRecord | None:
        """Return the measurement with this key, or None."""
        with self._reading() as connection:
            row = connection.execute(SELECT_MEASUREMENT, (key,)).fetchone()
        return measurement_from_row(row) if row else None

    def add_measurement(self, measurement: MeasurementRecord) -> None:
        """Record a measurement; one that is there already is replaced."""
        with self._writing() as connection:
            insert_measurement(connection, measurement)

    def add_trial(
        self,
        trial: TrialRecord,
        *,
        weights: bytes | None = None,
        curves: dict[CurveKind, list[CurvePoint]] | None = None,
        evaluations: Iterable[EvaluationRecord] = (),
    ) -> None:
        """Record a finished trial with its curves and scores; its weights go to disk first."""
        if weights is not None:
            path = self.weights_path(trial.key)
            try:
                path.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise describe_os_error(path.parent, error) from error
            write_atomically(path, weights)
        points = [
            (trial.key, kind, p.step, p.loss_nats, p.accuracy)
            for kind, curve in (curves or {}).items()
            for p in curve
        ]
        with self._writing() as connection:
            for table in ("curves", "evaluations"):
                connection.execute(f"DELETE FROM {table} WHERE trial = ?", (trial.key,))
            insert_trial(connection, trial)
            connection.executemany("INSERT INTO curves VALUES (?, ?, ?, ?, ?)", points)
            insert_evaluations(connection, trial.key, evaluations)

    def add_evaluations(self, key: str, evaluations: Iterable[EvaluationRecord]) -> None:
        """Record further scores of a trial that is there already."""
        with self._writing() as connection:
            insert_evaluations(connection, key, evaluations)

    def weights_path(self, key: str) -> Path:
        """Return where a trial's weights lie."""
        return self.directory / "weights" / f"{key}.safetensors"

    def has_weights(self, key: str) -> bool:
        """Return whether a trial's weights are there."""
        return self.weights_path(key).is_file()

    def load_weights(self, trial: TrialRecord) -> bytes:
        """Return a trial's safetensors file.

        Raises: StoreError, naming the file, when it is missing or not the one that was written.
        """
        path = self.weights_path(trial.key)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: weights cannot be read ({error.strerror})") from error
        if sha256(data).hexdigest() != trial.weights_sha256:
            raise StoreError(
                f"{path}: damaged (its SHA-256 is not the recorded one); left as it is: remove it "
                "to have that trial trained again, or use another directory"
            )
        return data

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with translated(self.directory / FILE_NAME):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with translated(self.directory / FILE_NAME), self._connection:
            yield self._connection
