"""Requests of one row each, of one client and of eight: what joining them gives, and costs.

    python -m benchmarks.batching --run=vae_mnist --signature=reconstruct
    python -m benchmarks.batching --run=denoise_grey --signature=restore --side=128

Clients are threads that ask a graph session as the C++ server does, each one request after the
other; there is no transport. Nor is there a TensorFlow Serving: what its --enable_batching does is
imitated by the same scheduler of TensorFlow, put in front of the guards with the settings that it
had. At the end half of eight clients give up after a millisecond, and it is counted how many
requests of the others fail by that. (There the imitation would be wrong: the server waits for the
most patient.)
"""

import contextlib
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
from absl import flags

from zoo import cli

FLAGS = flags.FLAGS
CLIENTS = 1, 8
IMPATIENCE = 1  # milliseconds
APART = {"joined": lambda call, *_: call}
IN_FRONT = "in front of the guards, 2 ms"
# What export/savedmodel/batching.py is changed to.
KINDS = {
    "no batching": APART,
    IN_FRONT: {"MOST_ROWS": 8, "TIMEOUT": 2000, "THREADS": 2},
    "in the graph": {},
    "in the graph, 1 ms": {"TIMEOUT": 1000},
    "in the graph, 1 thread": {"THREADS": 1},
}
COLUMNS = "clients", "a second", "CPU, ms", "p50, ms", "p99, ms", "failed"


class Measured(NamedTuple):
    """Requests a second, milliseconds of each, and the share of requests that failed."""

    rate: float
    cpu: float
    p50: float
    p99: float
    failed: float


def main() -> None:
    from benchmarks import machine
    from export.savedmodel import batching

    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        asks = {kind: _asking(kind, Path(folder) / str(i)) for i, kind in enumerate(KINDS)}
    begun = time.process_time()
    time.sleep(FLAGS.seconds)
    idle = (time.process_time() - begun) / FLAGS.seconds
    found: dict[tuple[str, int], list[Measured]] = {}
    for _ in range(FLAGS.rounds):
        for kind, ask in asks.items():
            for clients in CLIENTS:
                found.setdefault((kind, clients), []).append(_measure([ask] * clients))
    told = machine.described()
    print(f"{told['cpu']}, {told['cores']} cores, {told['vectors']}; load before {load:.1f}")
    threads = sum(kind.get("THREADS", batching.THREADS) for kind in KINDS.values() if kind != APART)
    print(f"while nobody asks: {idle:.1%} of a core, of {threads} threads that join")
    print(f"{'':30}" + "".join(f"{column:>10}" for column in COLUMNS))
    for (kind, clients), turns in found.items():
        rate, cpu, p50, p99, _ = (statistics.median(column) for column in zip(*turns, strict=True))
        print(f"{kind:30}{clients:>10}{rate:>10.0f}{cpu:>10.2f}{p50:>10.2f}{p99:>10.2f}", end="")
        failed = ""
        if clients > 1 and kind != IN_FRONT:
            impatient = [lambda ask=asks[kind]: ask(IMPATIENCE)] * 4
            failed = f"{_measure([asks[kind]] * 4, impatient).failed:.1%}"
        print(f"{failed:>10}")


def _asking(kind: str, folder: Path) -> Callable[..., object]:
    """Exports the signature, loads it, and gives what asks it for a row once."""
    import keras
    from tensorflow.errors import DeadlineExceededError

    from export.savedmodel import batching, guards
    from tests.export.graph_session import GraphSession
    from zoo import runs

    model, name = runs.load(FLAGS.run), FLAGS.signature
    signature = model.signatures()[name]
    sides = {k: tuple(n or FLAGS.side for n in t.shape) for k, t in signature.inputs.items()}
    fixed = {k: t._replace(shape=sides[k]) for k, t in signature.inputs.items()}
    signature = signature._replace(inputs=fixed)
    archive = keras.export.ExportArchive()
    archive.track(model)
    with (
        mock.patch.object(model, "signatures", return_value={name: signature}),
        mock.patch.dict(vars(batching), KINDS[kind]),
    ):
        if kind == IN_FRONT:
            with mock.patch.dict(vars(batching), APART):
                call = guards.guarded(model, name)
            call = batching.joined(call, signature, name)
        else:
            call = guards.guarded(model, name)
        archive.add_endpoint(name, call, input_signature=[signature.specs()])
        archive.write_out(str(folder), verbose=False)
    session, random = GraphSession(folder), np.random.default_rng(0)
    row = {k: random.random([1, *t.shape], np.float32) for k, t in signature.inputs.items()}
    for patience in (IMPATIENCE, 0):  # a session plans each kind of call once
        with contextlib.suppress(DeadlineExceededError):
            session(name, row, patience)
    for _ in range(20):
        session(name, row)
    return lambda patience=0: session(name, row, patience)


def _measure(patient: list[Callable], impatient: list[Callable] = ()) -> Measured:
    """What the patient clients see in --seconds, beside those who give up."""
    from tensorflow.errors import OpError

    times: list[float] = []
    failures: list[OpError] = []
    begun, cpu = time.perf_counter(), time.process_time()

    def patiently(ask: Callable) -> None:
        while (asked := time.perf_counter()) < begun + FLAGS.seconds:
            try:
                ask()
                times.append(time.perf_counter() - asked)
            except OpError as error:
                failures.append(error)

    def impatiently(ask: Callable) -> None:
        while time.perf_counter() < begun + FLAGS.seconds:
            with contextlib.suppress(OpError):
                ask()

    threads = [threading.Thread(target=patiently, args=[ask]) for ask in patient]
    threads += [threading.Thread(target=impatiently, args=[ask]) for ask in impatient]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    p50, p99 = 1e3 * np.percentile(times, [50, 99])
    count = len(times)
    return Measured(
        count / seconds, 1e3 * cpu / count, p50, p99, len(failures) / (len(failures) + count)
    )


if __name__ == "__main__":
    flags.DEFINE_string("run", "vae_mnist", "A run's folder, or a preset's name.")
    flags.DEFINE_string("signature", "reconstruct", "One of the model's.")
    flags.DEFINE_integer("side", 128, "Of pictures, in pixels, where the model takes any.", 1)
    flags.DEFINE_integer("rounds", 3, "Turns of all.", 1)
    flags.DEFINE_float("seconds", 2.0, "Of a turn, of one kind and number of clients.", 0.1)
    cli.run(main)
