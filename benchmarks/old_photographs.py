"""Photographs as old ones are met, gray, small, noisy and compressed, through a chain: one picture.

    python -m benchmarks.old_photographs --folder=data/cbsd68 --output=out/old_photographs.jpg

Which photographs is drawn by the seed, not chosen. Prints each step's PSNR of the lightness, where
smaller pictures are enlarged by bicubic interpolation.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import app, flags
from PIL import Image

import zoo
from zoo.files import atomic, levels
from zoo.images import degradations
from zoo.metrics.luma import psnr_y
from zoo.pictures import panels

FLAGS = flags.FLAGS
DAMAGE = degradations.parse("blur:0.7+camera:6+jpeg:40")


def main(argv: list[str]) -> None:
    del argv
    files = sorted(p for p in Path(FLAGS.folder).iterdir() if p.suffix in (".png", ".jpg"))
    order = np.random.default_rng(FLAGS.seed).permutation(len(files))[: FLAGS.count]
    models = [zoo.load(name) for name in FLAGS.run]
    columns: dict[str, list[np.ndarray]] = {}
    for place in order:
        whole = np.asarray(Image.open(files[place]).convert("RGB"))
        whole = whole[: whole.shape[0] // 2 * 2, : whole.shape[1] // 2 * 2]
        stages = {"old": damaged(whole, int(place))}
        for name, model in zip(FLAGS.run, models, strict=True):
            stages[name] = zoo.chain([model]).restore(list(stages.values())[-1])
        scores = {name: quality(whole, picture) for name, picture in stages.items()}
        print(files[place].name, ", ".join(f"{n} {s:.2f} dB" for n, s in scores.items()))
        for title, picture in (stages | {"the photograph": whole}).items():
            columns.setdefault(title, []).append(levels.to_float(as_large(picture, whole)))
    output = Path(FLAGS.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with atomic.beside(output) as path:
        Image.fromarray(panels.sheet(columns, FLAGS.count)).save(path, "JPEG", quality=90)


def damaged(picture: np.ndarray, seed: int) -> np.ndarray:
    """Gray, of half the sides, uint8 [h, w, 1]."""
    half = picture.shape[1] // 2, picture.shape[0] // 2
    small = Image.fromarray(picture).convert("L").resize(half, Image.Resampling.BICUBIC)
    image = tf.constant(np.asarray(small)[..., np.newaxis] / 255, tf.float32)
    return levels.from_float(degradations.apply(image, tf.constant([0, seed]), DAMAGE).numpy())


def quality(whole: np.ndarray, picture: np.ndarray) -> float:
    """PSNR of the lightness, in dB."""
    both = [levels.to_float(x)[np.newaxis] for x in (whole, as_large(picture, whole))]
    return float(psnr_y(*map(tf.constant, both), border=2)[0])


def as_large(picture: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """As RGB, of the photograph's size."""
    shown = Image.fromarray(picture.squeeze()).convert("RGB")
    return np.asarray(shown.resize(whole.shape[1::-1], Image.Resampling.BICUBIC))


if __name__ == "__main__":
    steps = ["deblock", "denoise_camera", "colorize_vivid", "photo_x2"]
    flags.DEFINE_list("run", steps, "Runs or presets, in the order in which they restore.")
    flags.DEFINE_string("folder", "data/cbsd68", "Photographs.")
    flags.DEFINE_integer("count", 3, "How many.", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "Of the draw.")
    flags.DEFINE_string("output", "out/old_photographs.jpg", "The picture.")
    app.run(main)
