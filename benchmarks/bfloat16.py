"""What restoring in bfloat16 costs each preset, and how much faster it is; written on its card.

    python -m benchmarks.bfloat16 --preset=denoise_color,sr_x2

On the pictures of the card's first result. `zoo.restore` computes so by itself where the processor
multiplies such numbers and the cost is small (zoo/runs/precision.py).
"""

import time
import tomllib
from pathlib import Path

import numpy as np
from absl import flags
from tabulate import tabulate

from zoo import cli, presets, runs

FLAGS = flags.FLAGS
SPECS = Path(__file__).with_name("presets.toml")


def main() -> None:
    restoring = [name for name in presets.names() if "Restorer" in runs.check(name).lineage]
    cli.start_tensorflow()
    rows = []
    for name in FLAGS.preset or restoring:
        found = cost(name, FLAGS.limit)
        write(name, found)
        rows.append({"preset": name} | found | {"largest": 255 * found["largest"]})
        print(f"{name}: {rows[-1]}", flush=True)
    print(tabulate(rows, "keys", "github", floatfmt=".3f"))


def cost(preset: str, limit: int | None = None) -> dict[str, float]:
    """Of its headline metric, what is lost; of its answers in [0, 1], the largest difference.

    Args:
      preset: one that gives pictures back.
      limit: at most so many pictures of the first result's set.

    Returns:
      lost, largest, and faster: the time of all pictures in float32 over that in bfloat16.
    """
    from zoo.data import pipeline, sources

    told = _arguments(tomllib.loads(SPECS.read_text())[preset]["evaluations"][0]["flags"])
    dataset = told.pop("dataset", runs.read_config(preset)["data"]["dataset"])
    split, crop_size = told.pop("split", ""), int(told.pop("crop_size", 0))
    usual = int(told.pop("limit", 0)) or None
    exact, coarse = (runs.load(preset, each, **told) for each in ("float32", "mixed_bfloat16"))
    source = sources.load(dataset, split, None, exact.channels)
    metric = exact.eval_metrics()[exact.headline]
    scores, seconds, largest = ([], []), ([], []), 0.0
    batches = pipeline.eval_batches(
        source, exact, seed=0, limit=limit or usual, crop_size=crop_size
    )
    for inputs, target in batches:
        extra = {"inputs": inputs} if metric.needs_inputs else {}
        answers = []
        for i, model in enumerate((exact, coarse)):
            model.infer(inputs)  # compiles for this size
            started = time.perf_counter()
            answers.append(np.asarray(model.infer(inputs)))
            seconds[i].append(time.perf_counter() - started)
            scores[i].append(np.asarray(metric.function(target, answers[i], **extra)))
        largest = max(largest, float(np.abs(answers[0] - answers[1]).max()))
    better, worse = (float(metric.reduce(np.concatenate(each))) for each in scores)
    faster = float(np.median(np.divide(*seconds)))
    return {"lost": better - worse, "largest": largest, "faster": faster}


def write(preset: str, found: dict[str, float]) -> None:
    """On the card, what `cost` found; speed is the machine's."""
    kept = {key: round(found[key], 4) for key in ("lost", "largest")}
    runs.write_json(presets.find(preset) / "card.json", presets.card(preset) | {"bfloat16": kept})


def _arguments(command_line: str) -> dict[str, str | float | list[float]]:
    """The flags of zoo.evaluate that have a value."""
    parts = (part.removeprefix("--").split("=", 1) for part in command_line.split())
    return {part[0]: _value(part[1]) for part in parts if len(part) == 2}


def _value(text: str) -> str | float | list[float]:
    try:
        numbers = [float(number) for number in text.split(",")]
    except ValueError:
        return text
    return numbers if len(numbers) > 1 else numbers[0]


if __name__ == "__main__":
    flags.DEFINE_list("preset", [], "Names; all that give pictures back, if none.")
    flags.DEFINE_integer("limit", None, "At most so many pictures of each set.", 1)
    cli.run(main)
