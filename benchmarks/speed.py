"""The zoo beside PyTorch and ONNX Runtime on this machine's CPU.

    make bench
    python -m benchmarks.speed --peers=.venv-bench/bin/python --output=out/bench.json

Networks are shown to be the same before they are measured. Then all take turns, round after round,
each in a process of its own with two threads. `benchmarks.speed_table` turns the result into a
table.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from absl import app, flags

from benchmarks import cases, machine, memory, scaling, shipped, startup, training
from benchmarks.photographs import make_folder
from benchmarks.turns import FEWEST_ROUNDS, say
from benchmarks.worker import THREADS, Worker

FLAGS = flags.FLAGS
SIZES = "512x512", "1024x1536", "2048x3072", "3000x4000"


def main(argv: list[str]) -> None:
    del argv
    begun = time.time()
    if os.getloadavg()[0] > 0.7:
        say("other work is running here: what waits at OpenMP's barriers will look slow")
    report: dict = {"machine": machine.described(), "threads": THREADS}
    report["load_before"] = os.getloadavg()[0]
    torch = Worker(FLAGS.peers, "benchmarks.torch_worker")
    with tempfile.TemporaryDirectory() as folder:
        report |= _training(Path(folder), torch)
        report |= _presets(Path(folder), torch)
    torch.close()
    say("one worker, and two")
    report["scaling"] = scaling.measure(FLAGS.launches) if FLAGS.launches else {}
    report["memory"] = {}
    for size in SIZES[: FLAGS.sizes]:
        report["memory"][size] = memory.measure("denoise_color", size)
        say("{}: {:.1f} s, {:.0f} MB".format(size, *report["memory"][size]))
    say("from a command to its end")
    report["startup"] = startup.times({"here": startup.ROOT}, FEWEST_ROUNDS)
    report["minutes"] = round((time.time() - begun) / 60, 1)
    output = Path(FLAGS.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n")
    say(f"{output}, after {report['minutes']} minutes")


def _training(folder: Path, torch: Worker) -> dict:
    """Training, products of matrices, and the data pipeline alone."""
    zoo = Worker(sys.executable, "benchmarks.zoo_worker")
    report: dict = {
        "training": {
            name: training.measure(name, folder, zoo, torch, **_length(FLAGS.seconds))
            for name in cases.CASES
        }
    }
    say("matrix products, and the data pipeline alone")
    report["peak_multiply_adds_per_second"] = max(
        side("peak", side=cases.PEAK_SIDE) for side in (zoo, torch) for _ in range(3)
    )
    photographs = FLAGS.photographs or make_folder(folder / "photographs")
    report["pipeline_images_per_second"] = [
        zoo("images_per_second", folder=str(photographs), count=1600) for _ in range(FLAGS.rounds)
    ]
    zoo.close()
    return report


def _presets(folder: Path, torch: Worker) -> dict:
    """Presets in LiteRT and ONNX Runtime, and the convolutions that LiteRT calls."""
    zoo = Worker(sys.executable, "benchmarks.preset_worker")
    litert = Worker(sys.executable, "benchmarks.litert_worker")
    onnx = Worker(FLAGS.peers, "benchmarks.onnx_worker")
    report: dict = {"convolutions": zoo("rates"), "presets": {}}
    for name in cases.PRESETS:
        length = _length(FLAGS.seconds / 2)
        report["presets"][name] = shipped.measure(name, folder, zoo, litert, onnx, torch, **length)
    for worker in (zoo, litert, onnx):
        worker.close()
    return report


def _length(seconds: float) -> dict[str, float]:
    return {"rounds": FLAGS.rounds, "seconds": seconds, "minutes": FLAGS.minutes / 6}


if __name__ == "__main__":
    flags.DEFINE_string("peers", ".venv-bench/bin/python", "Interpreter with PyTorch and ONNX.")
    flags.DEFINE_string("output", "out/bench.json", "Where the result goes.")
    flags.DEFINE_string("photographs", None, "Folder for the data pipeline; default: one is made.")
    flags.DEFINE_integer("rounds", 9, "Turns of each side, at most.", 1)
    flags.DEFINE_float("seconds", 2.0, "Of a turn, about.", 0.01)
    flags.DEFINE_float("minutes", 9.0, "Of all turns; after these there are three each.", 0.1)
    flags.DEFINE_integer("launches", 3, "Of one worker and of two.", 0)
    flags.DEFINE_integer("sizes", len(SIZES), "How many picture sizes to measure memory at.", 0)
    app.run(main)
