"""What grows with the work: seconds and memory against pixels, pictures, batch, workers and files.

    python -m benchmarks.growth --output=out/growth.json --figure=out/growth.png

Begins again where it was cut off, and prints the table. Takes some 25 minutes.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from absl import app, flags
from tabulate import tabulate

from benchmarks import memory, scaling

FLAGS = flags.FLAGS
RESTORE = [sys.executable, "-m", "zoo.restore", "--run=denoise_color"]
TRAIN = [sys.executable, "train.py", "--model=denoising", "--width=8", "--depth=1", "--levels=0"]
TRAIN += ["--crop_size=32", "--steps=1", "--validate_every=1", "--validation_limit=8"]
SIZES = {0.25: "500x500", 1: "1000x1000", 3: "1500x2000", 12: "3000x4000", 48: "6000x8000"}
SIZES |= {200: "10000x20000"}


def pixels(megapixels: float) -> dict[str, float]:
    """One photograph restored, from the command to the file."""
    seconds, peak = memory.measure("denoise_color", SIZES[megapixels])
    return {"seconds": seconds, "peak MB": peak}


def pictures(count: int) -> dict[str, float]:
    """A folder of pictures of 32x32 restored."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder, "in"), count)
        seconds, peak = memory.of_command([*RESTORE, f"--output_dir={folder}/out", f"{folder}/in"])
    return {"seconds": seconds, "peak MB": peak}


def batch(size: int) -> dict[str, float]:
    """Digits through `vae_mnist` and back, so many at once."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(_reconstructed, size).result()


def workers(count: int) -> dict[str, float]:
    """Trainings of `denoising` together, each worker with half of the cores, or a share of that."""
    return {"images a second": scaling.measure(1, [count])["denoising"][count][0]}


def files(count: int) -> dict[str, float]:
    """A folder to train from: the command's first step, with its validation and checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder, "in"), count)
        splits = ["--split=train[50:]", "--validation_split=train[:50]"]
        data = [f"--dataset=folder:{folder}/in", f"--output_dir={folder}/run", *splits]
        seconds, peak = memory.of_command([*TRAIN, *data])
    return {"seconds": seconds, "peak MB": peak}


PARTS: dict[Callable, list] = {
    pixels: list(SIZES),
    pictures: [10, 100, 1000, 10_000],
    batch: [1, 8, 64, 512],
    workers: [1, 2, 4, 8],
    files: [100, 1000, 10_000, 100_000],
}


def main(argv: list[str]) -> None:
    del argv
    output = Path(FLAGS.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    found = json.loads(output.read_text()) if output.exists() else {}
    for part, amounts in PARTS.items():
        rows = found.setdefault(part.__name__, {})
        for amount in amounts:
            if str(amount) not in rows:
                rows[str(amount)] = part(amount)
                output.write_text(json.dumps(found, indent=1))
        columns = list(next(iter(rows.values())))
        table = [[key, *(f"{row[c]:,.1f}" for c in columns)] for key, row in rows.items()]
        print(tabulate(table, [part.__name__, *columns], "pipe", disable_numparse=True), "\n")
    draw(found, Path(FLAGS.figure))


def fill(folder: Path, count: int) -> None:
    """So many small JPEGs, a thousand to a sub-folder; only the first thousand differ."""
    from PIL import Image
    from sklearn.datasets import load_sample_image

    photograph = Image.fromarray(load_sample_image("flower.jpg"))
    for i in range(count):
        inside = folder / f"{i // 1000:03d}"
        inside.mkdir(parents=True, exist_ok=True)
        path = inside / f"{i:06d}.jpg"
        if i < 1000:
            left, top = i % 40 * 15, i // 40 * 15
            photograph.crop((left, top, left + 32, top + 32)).save(path, quality=90)
        else:
            os.link(folder / "000" / f"{i % 1000:06d}.jpg", path)


def draw(found: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    """A panel for each kind of work, both axes in powers; memory beside seconds."""
    from zoo.pictures import plots

    with plots.styled():
        figure, panels = plots.new(13, 2.8, columns=len(found))
        for axes, (part, rows) in zip(panels, found.items(), strict=True):
            amounts = [float(key) for key in rows]
            for number, column in enumerate(next(iter(rows.values()))):
                values = [row[column] for row in rows.values()]
                axes.loglog(amounts, values, marker="o", label=column, color=plots.COLORS[number])
            axes.set(title=part, xlabel="megapixels" if part == "pixels" else part)
            axes.legend()
        plots.save(figure, path)


def _reconstructed(size: int) -> dict[str, float]:
    import resource
    import time

    from zoo import cli, runs

    cli.start_tensorflow()
    import tensorflow as tf

    model = runs.load("vae_mnist")
    images = tf.random.stateless_uniform([size, *model.image_size, model.channels], [0, 0])
    reconstruct = tf.function(model.signatures()["reconstruct"].function)
    reconstruct(image=images)
    rounds, started = max(5, 2000 // size), time.time()
    for _ in range(rounds):
        reconstruct(image=images)
    rate = rounds * size / (time.time() - started)
    return {
        "images a second": rate,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    flags.DEFINE_string("output", "out/growth.json", "Where measurements are kept.")
    flags.DEFINE_string("figure", "out/growth.png", "Where the picture goes.")
    app.run(main)
