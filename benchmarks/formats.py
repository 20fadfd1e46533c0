"""What each format costs, preset by preset: a table from exports' reports, and int8's speed.

    python -m export --run=denoise_grey,sr_x3 --output_dir=artifacts/presets
    python -m benchmarks.formats --artifacts=artifacts/presets

Latencies of float32 and int8 are taken in turns, one thread, so that a busy machine slows both.
"""

import json
import time
from pathlib import Path

import numpy as np
from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS
ROUNDS = 25
HEAD = [
    "preset",
    "judged by",
    "float16 lost",
    "dynamic lost",
    "int8 lost",
    "float32 MB",
    "int8",
    "SavedModel, max diff",
    "float32",
    "float16",
    "files and bytes",
    "int8 is faster by",
]


def main() -> None:
    folders = sorted(path.parent for path in Path(FLAGS.artifacts).glob("*/report.json"))
    if not folders:
        raise UserError(f"--artifacts={FLAGS.artifacts} has no NAME/report.json; export some runs")
    for line in HEAD, ["---"] * len(HEAD):
        print(f"| {' | '.join(line)} |")
    for folder in folders:
        print(f"| {' | '.join(row(folder))} |", flush=True)


def row(folder: Path) -> list[str]:
    """One line of the table, for one export of all formats."""
    report = json.loads((folder / "report.json").read_text())
    formats: dict[str, list[dict]] = {}
    for artifact in report["artifacts"]:
        formats.setdefault(artifact["format"], []).append(artifact)
    metric, whole = report["metric"], formats["float32"][0]
    largest = max(formats["int8"], key=lambda artifact: artifact["bytes"])
    steps = f" (fine-tuned, {report['qat_steps']} steps)" if report["qat_steps"] else ""
    endpoints = [e["max_abs_diff"] * 255 for e in formats["saved_model"][0]["endpoints"].values()]
    return [
        f"`{report['run']}`",
        "-" if metric["keras"] is None else f"{metric['keras']:.3f} {metric['unit']}".strip(),
        _lost(formats["float16"][0]),
        _lost(formats["dynamic_int8"][0]),
        _lost(largest) + steps,
        f"{whole['bytes'] / 1e6:.2f}",
        f"{largest['bytes'] / whole['bytes']:.0%}",
        *(_apart(formats[kind][0]) for kind in ("saved_model", "float32", "float16")),
        f"{max(endpoints):.2f}/255" if endpoints else "-",
        _speed(folder / whole["path"], folder / largest["path"]),
    ]


def _lost(artifact: dict) -> str:
    return "-" if artifact["loss"] is None else f"{artifact['loss']:.3f}"


def _apart(artifact: dict) -> str:
    return f"{max(s['max_scaled_diff'] for s in artifact['signatures'].values()):.0e}"


def _speed(float32: Path, int8: Path) -> str:
    """How many times as fast the int8 file's signature is: median and quartiles of the ratios."""
    from ai_edge_litert.interpreter import Interpreter

    lite = [Interpreter(str(path), num_threads=1) for path in (float32, int8)]
    name = next(iter(lite[1].get_signature_list()))
    runners = [interpreter.get_signature_runner(name) for interpreter in lite]
    ratios = []
    for _ in range(ROUNDS):
        slow, fast = (_seconds(runner) for runner in runners)
        ratios.append(slow / fast)
    low, middle, high = np.percentile(ratios[3:], [25, 50, 75])  # the first warm up
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def _seconds(runner) -> float:
    inputs = {
        name: np.zeros(detail["shape"], detail["dtype"])
        for name, detail in runner.get_input_details().items()
    }
    start = time.perf_counter()
    runner(**inputs)
    return time.perf_counter() - start


if __name__ == "__main__":
    flags.DEFINE_string("artifacts", "artifacts/presets", "Folder of exports, one a run.")
    cli.run(main)
