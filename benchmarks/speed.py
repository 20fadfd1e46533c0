"""The zoo beside PyTorch and ONNX Runtime on this machine's CPU.

    make bench
    python -m benchmarks.speed --peers=.venv-bench/bin/python --output=out/bench.json

First the networks are shown to be the same: equal outputs and equal losses while training, from
the same weights. Then all take turns, round after round, each in a process of its own with two
threads, so that whatever else the machine does meets all alike. `benchmarks.speed_table` turns
the result into a table.
"""

import functools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from absl import app, flags

from benchmarks import cases, machine, memory, scaling, startup
from benchmarks.photographs import make_folder
from benchmarks.worker import THREADS, Worker

FLAGS = flags.FLAGS
FEWEST_ROUNDS = 3
SIZES = "512x512", "1024x1536", "2048x3072", "3000x4000"
Turn = Callable[[int], float]  # how many -> seconds


def main(argv: list[str]) -> None:
    del argv
    begun = time.time()
    if os.getloadavg()[0] > 0.7:
        _say("other work is running here: what waits at OpenMP's barriers will look slow")
    zoo = Worker(sys.executable, "benchmarks.zoo_worker")
    litert = Worker(sys.executable, "benchmarks.litert_worker")
    torch = Worker(FLAGS.peers, "benchmarks.torch_worker")
    onnx = Worker(FLAGS.peers, "benchmarks.onnx_worker")
    report: dict = {"machine": machine.described(), "threads": THREADS}
    report |= {"load_before": os.getloadavg()[0], "training": {}, "inference": {}}
    with tempfile.TemporaryDirectory() as folder:
        for name, case in cases.CASES.items():
            _say(f"{name}: the same network on all sides")
            costs = zoo("prepare", name=name, folder=folder)
            others = {"PyTorch": torch, "LiteRT": litert, "ONNX Runtime": onnx}
            differences = same_network(name, folder, zoo, others)
            ask = functools.partial(torch, name=name, channels_last=False)
            ask_last = functools.partial(torch, name=name, channels_last=True)
            sides: dict[str, Turn] = {
                "zoo": lambda n, name=name: zoo("train", name=name, steps=n),
                "PyTorch": lambda n, ask=ask: ask("train", steps=n),
                "PyTorch, channels last": lambda n, ask=ask_last: ask("train", steps=n),
            }
            seconds = _in_turns(f"{name}, training", sides)
            rates = {side: [case.batch / s for s in found] for side, found in seconds.items()}
            shape = {"batch": case.batch, "side": case.side}
            report["training"][name] = costs | shape | {"images_per_second": rates}

            sides = {
                "LiteRT": lambda n, name=name: litert("infer", name=name, times=n),
                "ONNX Runtime": lambda n, name=name: onnx("infer", name=name, times=n),
                "PyTorch": lambda n, ask=ask: ask("infer", times=n),
                "PyTorch, channels last": lambda n, ask=ask_last: ask("infer", times=n),
            }
            seconds = _in_turns(f"{name}, inference", sides)
            report["inference"][name] = {
                "tile": case.tile,
                "difference_from_keras": differences,
                "milliseconds": {k: [1000 * s for s in found] for k, found in seconds.items()},
            }
        _say("matrix products, and the data pipeline alone")
        report["peak_multiply_adds_per_second"] = max(
            side("peak", side=cases.PEAK_SIDE) for side in (zoo, torch) for _ in range(3)
        )
        photographs = FLAGS.photographs or make_folder(Path(folder, "photographs"))
        report["pipeline_images_per_second"] = [
            zoo("images_per_second", folder=str(photographs), count=1600)
            for _ in range(FLAGS.rounds)
        ]
    for worker in (zoo, litert, torch, onnx):
        worker.close()
    _say("one worker, and two")
    report["scaling"] = scaling.measure(FLAGS.launches) if FLAGS.launches else {}
    report["memory"] = {}
    for size in SIZES[: FLAGS.sizes]:
        report["memory"][size] = memory.measure("denoise_color", size)
        _say("{}: {:.1f} s, {:.0f} MB".format(size, *report["memory"][size]))
    _say("from a command to its end")
    report["startup"] = startup.times({"here": startup.ROOT}, FEWEST_ROUNDS)
    report["minutes"] = round((time.time() - begun) / 60, 1)
    output = Path(FLAGS.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")
    _say(f"{output}, after {report['minutes']} minutes")


def same_network(
    name: str, folder: str, zoo: Worker, others: dict[str, Worker]
) -> dict[str, float]:
    """The largest difference of each side's output from the zoo's, which has prepared it.

    Raises SystemExit where one is not small, or where the losses of PyTorch's first training
    steps are not the zoo's.
    """
    differences = {k: worker("prepare", name=name, folder=folder) for k, worker in others.items()}
    for side, difference in differences.items():
        if not difference < 1e-4:
            raise SystemExit(f"{side}'s {name} differs by {difference} from the zoo's")
    ours = zoo("losses_of", name=name, steps=3)
    for last in (False, True):
        theirs = others["PyTorch"]("losses_of", name=name, steps=3, channels_last=last)
        if any(abs(a - b) > 1e-3 * abs(a) for a, b in zip(ours, theirs, strict=True)):
            raise SystemExit(f"{name} trains otherwise in PyTorch: {ours} here, {theirs} there")
    return differences


def _in_turns(title: str, sides: dict[str, Turn]) -> dict[str, list[float]]:
    """Seconds of one step or inference, for each side and round."""
    deadline = time.time() + 60 * FLAGS.minutes / (2 * len(cases.CASES))
    counts = {}
    for side, turn in sides.items():  # how many fill a turn
        once = min(turn(1), turn(2) / 2)
        counts[side] = max(1, min(1000, round(FLAGS.seconds / once)))
    found: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(FLAGS.rounds):
        if number >= FEWEST_ROUNDS and time.time() > deadline:
            break
        for side in sides if number % 2 == 0 else reversed(sides):
            found[side].append(sides[side](counts[side]) / counts[side])
        told = ", ".join(f"{side} {1000 * v[-1]:.1f} ms" for side, v in found.items())
        _say(f"{title}, round {number + 1} of {FLAGS.rounds}: {told}")
    return found


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    flags.DEFINE_string("peers", ".venv-bench/bin/python", "Interpreter with PyTorch and ONNX.")
    flags.DEFINE_string("output", "out/bench.json", "Where the result goes.")
    flags.DEFINE_string("photographs", None, "Folder for the data pipeline; default: one is made.")
    flags.DEFINE_integer("rounds", 9, "Turns of each side, at most.", 1)
    flags.DEFINE_float("seconds", 2.0, "Of a turn, about.", 0.01)
    flags.DEFINE_float("minutes", 9.0, "After these no rounds beyond three are begun.", 0.1)
    flags.DEFINE_integer("launches", 3, "Of one worker and of two.", 0)
    flags.DEFINE_integer("sizes", len(SIZES), "How many picture sizes to measure memory at.", 0)
    app.run(main)
