"""How long do fifty readers wait for the next character, when all write at once?

    python -m benchmarks.playground [--quick] [--repetitions N]

The playground's server runs in a process of its own on a model of preset `assignment`'s size, two
layers of 128, trained for a few steps on the prose that Python carries. 50 connections ask at the
same moment for 500 characters each, with 8 alternatives a character, as the page does. Times are
the client's: between the moments at which two characters of one text came in. Those that came
together have 0 between them. The client is plain sockets in one more process, and takes its share
of the machine's cores.

The floor is the decoder alone: the same 50 texts one after the other in one process, with the same
alternatives, and neither turns, JSON nor sockets.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import numpy as np
import uvicorn

from benchmarks.timing import Options, parse_options, print_table, seconds_of, spread
from unroll.app.playground import Playground
from unroll.app.serve import HOST, configured
from unroll.app.settings import AppSettings
from unroll.decoding import SamplingSettings, stream
from unroll.study.text.commands.writer import make_writing_step
from unroll.training.characters.fit import train
from unroll.training.characters.presets import TEXT_PRESETS
from unroll.training.characters.run import open_run
from unroll.training.characters.watcher import Unwatched

STREAMS = 50
LENGTH = 500
ALTERNATIVES = 8
TEMPERATURE = 0.8
PROMPT = "The "
_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Round:
    """What the client saw of all streams, once."""

    seconds: float
    """From the first request to the last character."""
    first_ms: list[float]
    """From a stream's request to its first character."""
    gaps_ms: list[float]
    """Between neighbouring characters of a stream."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server in another process."""

    pid: int
    """Its number."""
    port: int
    """Where it listens."""

    def pss_mib(self) -> float:
        """Return its memory now; pages that processes share are shared out among them."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        (kib,) = (int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return kib * 1024 / _MIB

    def peak_mib(self) -> float:
        """Return the most that it has had resident."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (kib,) = (int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return kib * 1024 / _MIB


def serve(runs: Path) -> None:
    """Serve the playground on a free port, which is printed; it trains nothing for itself."""
    with socket.create_server((HOST, 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        settings = AppSettings(runs=(runs,), out=runs / "app", port=0)
        uvicorn.Server(configured(Playground(settings=settings))).run(sockets=[listening])


def write_alone(runs: Path, length: int, repetitions: int) -> None:
    """Write the same texts one after the other, and print the seconds of each repetition."""
    run = open_run(runs / "assignment")
    step, state = make_writing_step(run.load_model("best"), run.corpus)
    prompt = run.corpus.vocabulary.read_prompt(PROMPT).ids
    settings = SamplingSettings(temperature=TEMPERATURE)

    def write_all() -> None:
        for seed in range(STREAMS):
            for _ in stream(
                step,
                state,
                prompt,
                settings=settings,
                length=length,
                seed=seed,
                alternatives=ALTERNATIVES,
            ):
                pass

    print(json.dumps([seconds_of(write_all, 1) for _ in range(repetitions)]))


async def read_stream(port: int, body: bytes) -> list[float]:
    """Ask for a text; return when it was asked for and when each character came."""
    reader, writer = await asyncio.open_connection(HOST, port)
    head = (
        f"POST /api/write HTTP/1.1\r\nhost: {HOST}:{port}\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    times = [time.perf_counter()]
    writer.write(head.encode() + body)
    left = b""
    while data := await reader.read(2**16):
        now = time.perf_counter()
        # A mark that lies across two readings is counted with the second.
        *whole, left = (left + data).split(b'"kind": "character"')
        times += [now] * len(whole)
    writer.close()
    return times


async def read_all(port: int, run: str, length: int) -> Round:
    """Ask for all texts at once."""
    asked = {"run": run, "prompt": PROMPT, "length": length, "temperature": TEMPERATURE}
    bodies = [
        json.dumps({**asked, "seed": seed, "alternatives": ALTERNATIVES}).encode()
        for seed in range(STREAMS)
    ]
    start = time.perf_counter()
    streams = await asyncio.gather(*(read_stream(port, body) for body in bodies))
    seconds = time.perf_counter() - start
    if any(len(times) != 1 + length for times in streams):
        raise RuntimeError(f"{length} characters a stream were asked for, and others came")
    gaps = [np.diff(times[1:]) * 1e3 for times in streams]
    return Round(
        seconds=seconds,
        first_ms=[(times[1] - times[0]) * 1e3 for times in streams],
        gaps_ms=np.concatenate(gaps).tolist(),
    )


def command(*words: str) -> list[str]:
    """Return how this module is started in a process of its own."""
    return [sys.executable, "-m", "benchmarks.playground", *words]


def one_thread() -> dict[str, str]:
    """Return the environment that the playground gives itself."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def measure(runs: Path, length: int, repetitions: int) -> tuple[list[Round], list[float], float]:
    """Return the rounds, the server's memory in MiB, and the milliseconds of one text alone.

    Memory: with the model loaded, after the last round, and at most.
    """
    with subprocess.Popen(
        command("--serve", str(runs)), stdout=subprocess.PIPE, text=True, env=one_thread()
    ) as process:
        assert process.stdout is not None
        served = Served(pid=process.pid, port=int(process.stdout.readline()))
        try:
            with httpx2.Client(base_url=f"http://{HOST}:{served.port}", timeout=60) as client:
                run = client.get("/api/runs").json()["default"]
                client.get("/api/write/ready", params={"run": run}).raise_for_status()
            memory = [served.pss_mib()]
            body = json.dumps({"run": run, "prompt": PROMPT, "length": 1}).encode()
            alone = [asyncio.run(read_stream(served.port, body)) for _ in range(9)]
            first_ms = statistics.median((times[1] - times[0]) * 1e3 for times in alone)
            rounds = [asyncio.run(read_all(served.port, run, length)) for _ in range(repetitions)]
            memory += [served.pss_mib(), served.peak_mib()]
        finally:
            process.terminate()
    return rounds, memory, first_ms


def alone_seconds(runs: Path, length: int, repetitions: int) -> list[float]:
    """Return how long the same characters take the decoder alone."""
    words = ["--alone", str(runs), str(length), str(repetitions)]
    told = subprocess.run(
        command(*words), check=True, capture_output=True, text=True, env=one_thread()
    )
    seconds: list[float] = json.loads(told.stdout)
    return seconds


def rates(values: list[float]) -> str:
    """Return the median with the smallest and the largest, in whole numbers."""
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def main(options: Options) -> None:
    """Train a small model, and print what was measured with it."""
    length = LENGTH // (5 if options.quick else 1)
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        recipe = replace(TEXT_PRESETS["assignment"], evaluations=1)
        train(
            runs / "assignment",
            book=None,
            recipe=recipe,
            steps=30 if options.quick else 300,
            watcher=Unwatched(),
        )
        sys.stdout.flush()
        rounds, memory, first_ms = measure(runs, length, options.repetitions)
        floor = alone_seconds(runs, length, options.repetitions)
    characters = STREAMS * length
    ratios = [one.seconds / statistics.median(floor) for one in rounds]
    rows = [
        ["median ms to the next character", spread([np.median(one.gaps_ms) for one in rounds])],
        ["99th percentile ms", spread([np.percentile(one.gaps_ms, 99) for one in rounds])],
        ["longest ms", spread([max(one.gaps_ms) for one in rounds])],
        ["median ms to the first", spread([statistics.median(one.first_ms) for one in rounds])],
        ["longest ms to the first", spread([max(one.first_ms) for one in rounds])],
        ["ms to the first, nobody else there", f"{first_ms:.1f}"],
        ["characters a second, all", rates([characters / one.seconds for one in rounds])],
        ["the same by the decoder alone", rates([characters / one for one in floor])],
        ["time over the decoder's", spread(ratios)],
        ["server MiB before, after, peak", ", ".join(f"{one:.0f}" for one in memory)],
    ]
    title = f"{STREAMS} readers, {length} characters each, at once"
    print_table(title, ["what", f"median (least–greatest) of {len(rounds)} rounds"], rows)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve", folder]:
            serve(Path(folder))
        case ["--alone", folder, length, repetitions]:
            write_alone(Path(folder), int(length), int(repetitions))
        case _:
            main(parse_options(__doc__ or ""))
