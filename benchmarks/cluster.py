"""Restoring by the workers of a cluster on this machine: pictures a second, and memory.

    python -m benchmarks.cluster --run=denoise_color
    python -m benchmarks.cluster --run=denoise_color --count=10000 --side=32 --rounds=1 --memory

Every worker has one core. One worker, two, one for each core, and `zoo.restore`, which takes all
cores, do the same pictures in turns. Pictures a second are those between the first and the last
line of the record: starts, the same for one picture and for a million, are left out.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
from absl import app, flags
from PIL import Image

from benchmarks.worker import ROOT

FLAGS = flags.FLAGS
CORES = sorted(os.sched_getaffinity(0))


def main(argv: list[str]) -> None:
    del argv
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        few, all_ = (_pictures(folder / kind, n) for kind, n in (("few", 64), ("all", FLAGS.count)))
        sizes = [len(CORES)] if FLAGS.memory else sorted({1, 2, len(CORES)})
        clusters = {workers: stack.enter_context(_cluster(workers)) for workers in sizes}
        for workers, (address, _) in clusters.items():  # models are loaded before
            _restore(few, folder / f"few{workers}", address)
        rates: dict[str, list[float]] = {}
        for turn in range(FLAGS.rounds):
            for workers, (address, processes) in clusters.items():
                out = folder / f"{turn}-{workers}"
                with _watched(processes, out) if FLAGS.memory else contextlib.nullcontext():
                    rates.setdefault(f"{workers}", []).append(_restore(all_, out, address))
            if not FLAGS.memory:
                alone = _restore(all_, folder / f"{turn}-alone", None)
                rates.setdefault("zoo.restore", []).append(alone)
    for side, found in rates.items():
        told = ", ".join(f"{rate:.1f}" for rate in found)
        print(f"{side:>12}  {told} pictures a second")
    if not FLAGS.memory:
        _print_ratio(rates, "2", "1")
        _print_ratio(rates, f"{len(CORES)}", "zoo.restore")


def _print_ratio(rates: dict[str, list[float]], side: str, other: str) -> None:
    """Of neighbors in time."""
    found = [a / b for a, b in zip(rates[side], rates[other], strict=True)]
    low, middle, high = min(found), statistics.median(found), max(found)
    print(f"{side} / {other}: {middle:.2f} ({low:.2f} to {high:.2f})")


def _pictures(folder: Path, count: int) -> Path:
    """Crops of a photograph."""
    from sklearn.datasets import load_sample_image

    photograph = load_sample_image("flower.jpg")
    folder.mkdir()
    for i in range(count):
        y, x = 7 * i % (427 - FLAGS.side), 31 * i % (640 - FLAGS.side)
        crop = photograph[y : y + FLAGS.side, x : x + FLAGS.side]
        Image.fromarray(crop).save(folder / f"{i:06}.png")
    return folder


@contextlib.contextmanager
def _cluster(workers: int) -> Iterator[tuple[str, dict[str, psutil.Process]]]:
    """Its address, and its processes by name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard"]
    commands = {"scheduler": [sys.executable, "-m", "dask", *scheduler]}
    one = ["-m", "dask", "worker", address, "--nthreads=1", "--no-nanny", "--no-dashboard"]
    for i in range(workers):
        pinned = ["taskset", "--cpu-list", str(CORES[i]), sys.executable]
        commands[f"worker {i}"] = [*pinned, *one]
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        # dask's workers leave their files where they stand
        environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
        started = {}
        for name, command in commands.items():
            started[name] = subprocess.Popen(command, cwd=scratch, **quiet)
            stack.callback(started[name].wait)
            stack.callback(started[name].kill)
        yield address, {name: psutil.Process(process.pid) for name, process in started.items()}


def _restore(pictures: Path, out: Path, scheduler: str | None) -> float:
    """Pictures a second, by a cluster or by zoo.restore."""
    module = ["export.cluster", f"--scheduler={scheduler}"] if scheduler else ["zoo.restore"]
    told = f"--run={FLAGS.run}", f"--output_dir={out}", str(pictures)
    command = [sys.executable, "-m", *module, *told]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    lines = [line for path in out.glob("restored-*") for line in path.read_text().splitlines()]
    times = [x["time_ns"] for x in map(json.loads, filter(None, lines)) if x["bytes"] >= 0]
    return 1e9 * (len(times) - 1) / (max(times) - min(times))


@contextlib.contextmanager
def _watched(processes: dict[str, psutil.Process], out: Path) -> Iterator[None]:
    """Prints the memory of each, at every tenth of the pictures."""
    from threading import Event, Thread

    ended = Event()

    def watch() -> None:
        print(f"{'pictures':>10}" + "".join(f"{name:>14}" for name in processes))
        for done in range(0, FLAGS.count + 1, FLAGS.count // 10):
            while sum(1 for _ in out.glob("*.png")) < done and not ended.is_set():
                time.sleep(0.2)
            held = [process.memory_info().rss / 1e6 for process in processes.values()]
            print(f"{done:>10}" + "".join(f"{megabytes:>11.0f} MB" for megabytes in held))

    watcher = Thread(target=watch)
    watcher.start()
    yield
    ended.set()
    watcher.join()


if __name__ == "__main__":
    flags.DEFINE_string("run", "denoise_color", "A run's folder, or a preset's name.")
    flags.DEFINE_integer("count", 500, "Pictures.")
    flags.DEFINE_integer("side", 96, "Of a picture, in pixels.")
    flags.DEFINE_integer("rounds", 3, "Turns of all sides.")
    flags.DEFINE_bool("memory", False, "Watch the memory of a cluster instead of comparing.")
    app.run(main)
