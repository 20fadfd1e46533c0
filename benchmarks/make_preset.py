"""Turns a run into a preset with a card.

    python -m benchmarks.make_preset --run=runs/sr_x2 --preset=sr_x2

Every result of the card comes from the `zoo.evaluate` command written beside it; which
commands, and what others published, stands in benchmarks/presets.toml. Weights are kept as
float16 where that costs less than 0.01 of the headline metric on the validation images, or a
ten-thousandth of it where it is large, such as thousands of nats.
"""

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import numpy as np
from absl import flags

from benchmarks import bfloat16
from zoo import cli, presets
from zoo.cli import UserError

FLAGS = flags.FLAGS
SPECS = Path(__file__).with_name("presets.toml")
PICTURE = (321, 481)  # height and width for which multiply-adds are counted


def main() -> None:
    from zoo import runs

    specs = tomllib.loads(SPECS.read_text())
    if FLAGS.preset not in specs:
        raise UserError(f"{SPECS.name} has no [{FLAGS.preset}]; it has {', '.join(specs)}")
    cli.start_tensorflow()
    spec, run = specs[FLAGS.preset], Path(FLAGS.run)
    folder = presets.ROOT / FLAGS.preset
    folder.mkdir(exist_ok=True)
    if run != folder:
        config = _read(run / "config.json")
        if "then" in spec:  # flags and recipe stay those of the first part
            config["recipe"] = _read(folder / "config.json")["recipe"]
        else:
            shutil.copy(run / "train.flags", folder / "train.flags")
        runs.write_json(folder / "config.json", config)
        _store_weights(run, folder)
    _draw_preview(run, folder / "preview.png", spec.get("preview"))
    card = _facts(run, folder, spec)
    # The card must be there, with the right checksum, before its weights can be loaded by name.
    runs.write_json(folder / "card.json", card)
    for evaluation in spec["evaluations"]:
        card["results"] += _results(FLAGS.preset, evaluation)
        runs.write_json(folder / "card.json", card)
    if "Restorer" in runs.check(FLAGS.preset).lineage:
        bfloat16.write(FLAGS.preset, bfloat16.cost(FLAGS.preset))
    print(f"{folder.name}: {card['parameters']:,} parameters, {len(card['results'])} results")


def _store_weights(run: Path, folder: Path) -> None:
    from zoo import runs
    from zoo.data import sources
    from zoo.evaluation.evaluate import evaluate
    from zoo.files import weights

    arrays = runs.best_weights(run)
    half = {k: v.astype(np.float16) if v.dtype == np.float32 else v for k, v in arrays.items()}
    data = runs.read_config(run)["data"]
    model = runs.load(run)
    source = sources.load(data["dataset"], data["validation_split"], None, model.channels)

    def score(arrays: dict[str, np.ndarray]) -> float:
        weights.assign(model, arrays)
        return evaluate(model, source, limit=100)[0][model.headline]["model"]

    exact = score(arrays)
    cost = abs(exact - score(half))
    print(f"float16 changes {model.headline} by {cost:.4f}")
    weights.save(folder / "best.npz", half if cost < max(0.01, 1e-4 * abs(exact)) else arrays)


def _draw_preview(run: Path, path: Path, split: str | None) -> None:
    """On the embedded photographs, or on the data set's own `split` or small test images."""
    from zoo import runs
    from zoo.data import sources
    from zoo.pictures import panels

    model, name = runs.load(run), runs.read_config(run)["data"]["dataset"]
    if "folder:" in name and not split:
        china, flower = (sources.load("photos", s, None, model.channels) for s in ("train", "test"))
        shown = [panels.preview(model, source, crop_size=192) for source in (flower, china)]
        columns = {title: [*shown[0][title], *shown[1][title]] for title in shown[0]}
    else:
        columns = panels.preview(model, sources.load(name, split or "test", None, model.channels))
    panels.save(path, panels.sheet(columns))


def _facts(run: Path, folder: Path, spec: dict) -> dict:
    """What is not a result: data, command, minutes, hardware, sizes."""
    from zoo import runs

    config = runs.read_config(run)
    model = runs.load(run)
    old = _read(folder / "card.json") if run == folder else {}
    return {
        "model": config["model"],
        "about": spec["about"],
        "data": f"{config['data']['dataset']}, {config['data']['split']}",
        "command": _command(folder.name, spec),
        "minutes": old.get("minutes") or _minutes(run, spec),
        "curve": old.get("curve") or _curve(run, model.headline),
        "hardware": old.get("hardware") or _hardware(spec),
        "precision": config.get("precision", "float32"),
        "seed": config["recipe"]["seed"],
        "parameters": model.count_params(),
        "multiply_adds": _multiply_adds(model),
        "multiply_adds_of": "one picture of {1}x{0} pixels".format(*(model.image_size or PICTURE)),
        "sha256": presets.sha256(folder / "best.npz"),
        "results": [],
    }


def _command(name: str, spec: dict) -> str:
    """The training; where it went on, the commands of all its parts."""
    train = f"python train.py --flagfile=zoo/presets/{name}/train.flags"
    commands, run = [f"{train} --output_dir=runs/{name}"], f"runs/{name}"
    for i, flags_of_part in enumerate(spec.get("then", []), start=2):
        given = f"--start_from={run} {flags_of_part}"
        run = f"runs/{name}_{i}"
        commands.append(f"{train} {given} --output_dir={run}")
    return " && ".join(commands)


def _minutes(run: Path, spec: dict) -> float:
    """Of all parts, times the cores."""
    minutes = _read(run / "metrics.json")["minutes"] * spec.get("cores", 1)
    return round(spec.get("minutes_before", 0.0) + minutes, 1)


def _hardware(spec: dict) -> str:
    cores = spec.get("cores", 1)
    return f"{'one core' if cores == 1 else f'{cores} cores'} of an {_processor()}"


def _curve(run: Path, metric: str) -> dict:
    """How the validation pictures' score grew with the minutes, in the last part."""
    rows = _read(run / "metrics.json")["validations"]
    scores = [round(row["metrics"][metric]["model"], 3) for row in rows]
    return {"metric": metric, "minutes": [row["minutes"] for row in rows], "scores": scores}


def _read(path: Path) -> dict:
    return json.loads(path.read_text())


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def _multiply_adds(model) -> int:
    """Of the first signature."""
    import tensorflow as tf

    from export.parity import multiply_adds

    name, signature = next(iter(model.signatures().items()))
    height, width = model.image_size or PICTURE
    specs = {
        key: tf.TensorSpec([1, height, width, tensor.shape[-1]], tf.float32)
        for key, tensor in signature.inputs.items()
    }
    with cli.quiet_tensorflow():
        return multiply_adds.multiply_adds(model, name, specs)


def _results(preset: str, evaluation: dict) -> list[dict]:
    """Runs one command, and takes the metrics that the spec names from its report."""
    command = f"python -m zoo.evaluate --run={preset} {evaluation['flags']}"
    print(command, flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, "report.json")
        arguments = [*command.split()[1:], f"--json={report}"]
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
        if done.returncode:
            raise UserError(done.stderr.strip().splitlines()[-1])
        metrics = json.loads(report.read_text())["metrics"]
    print(done.stdout, flush=True)
    rows = []
    for metric, published in evaluation["metrics"].items():
        found = metrics[metric]
        rows.append(
            {
                "dataset": evaluation["dataset"],
                "metric": metric,
                "unit": found["unit"],
                "model": round(found["model"], 3),
                "baseline": round(found["baseline"], 3),
                "peers": {k: round(v, 3) for k, v in found.get("peers", {}).items()},
                "published": published,
                "command": command,
                "tolerance": 0.01,
            }
        )
    return rows


if __name__ == "__main__":
    flags.DEFINE_string("run", None, "A finished run's folder.", required=True)
    flags.DEFINE_string("preset", None, "Its name in presets.toml, and as a preset.", required=True)
    cli.run(main)
