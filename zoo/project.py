"""python -m zoo.project: latents for TensorBoard's embedding projector, in a folder of its own.

    python -m zoo.project --run=vae_mnist --split=test --output_dir=projector
    tensorboard --logdir=projector

latents.tsv, metadata.tsv (labels, or places in the data set), sprite.png (every image) and
projector_config.pbtxt are what TensorBoard reads; latents.npy and latents.csv are the same
latents for everything else. Everything is made before anything is written.
"""

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from absl import flags
from PIL import Image

from zoo import cli
from zoo.data import data_flags
from zoo.files import atomic
from zoo.latents import tables
from zoo.pictures import panels

FLAGS = flags.FLAGS
LARGEST = 8192  # pixels along a side of the sprite: what TensorBoard takes
MOST = (LARGEST // 8) ** 2  # images, so that a thumbnail has at least 8 pixels a side


def main() -> None:
    from zoo import runs
    from zoo.latents import encoding

    folder = Path(FLAGS.output_dir)
    atomic.require_folder(folder)
    model = runs.load(FLAGS.run)
    encoding.require(model, f"{FLAGS.run} has no latents")
    source = encoding.source_of(
        FLAGS.run, model.channels, FLAGS.dataset, FLAGS.split, FLAGS.data_dir
    )
    tables.check_not_among_inputs(folder, source.name)
    latents = encoding.latents(model, source, FLAGS.limit, progress=True)
    tables.report_broken(source)
    count, width = latents.codes.shape
    sides = thumbnail_sides(model.image_size, count)
    picture = sprite(encoding.images(model, source, latents.about["index"]), count, sides)

    folder.mkdir(parents=True, exist_ok=True)
    panels.save(folder / "sprite.png", picture)
    tables.write(folder / "latents.npy", latents)
    tables.write(folder / "latents.csv", latents)
    rows = ["\t".join(f"{value:.9g}" for value in code) for code in latents.codes]
    runs.write_text(folder / "latents.tsv", "\n".join(rows) + "\n")
    names = latents.about.get("label", latents.about["index"])
    # A row's name is one line without tabs; one column has no header.
    names = [" ".join(str(name).split()) for name in names]
    runs.write_text(folder / "metadata.tsv", "\n".join(names) + "\n")
    runs.write_text(folder / "projector_config.pbtxt", config(sides))
    print(f"{folder}: {count} images of {source.name} {source.split}, {width} latents")
    print(f"tensorboard --logdir={folder}")


def thumbnail_sides(image_size: list[int], count: int) -> list[int]:
    """[height, width] at which `count` images in a square fit the largest sprite."""
    zoom = min(1, LARGEST // _columns(count) / max(image_size))
    return [max(1, int(side * zoom)) for side in image_size]


def sprite(images: Iterable[np.ndarray], count: int, sides: list[int]) -> np.ndarray:
    """Thumbnails row by row in a square, uint8 [columns * height, columns * width, 3].

    Args:
      images: `count` of them, [h, w, 1 or 3] in [0, 1].
      sides: [height, width] of a thumbnail.
    """
    columns, (height, width) = _columns(count), sides
    page = np.full([columns * height, columns * width, 3], 255, np.uint8)
    for place, image in enumerate(images):
        top, left = place // columns * height, place % columns * width
        tile = Image.fromarray(panels.grid(image[np.newaxis], 1, side=1, margin=0))
        page[top : top + height, left : left + width] = tile.resize([width, height])
    return page


def config(sides: list[int]) -> str:
    """projector_config.pbtxt, for thumbnails of [height, width]; paths are beside it."""
    from google.protobuf import text_format
    from tensorboard.plugins import projector

    found = projector.ProjectorConfig()
    embedding = found.embeddings.add(
        tensor_name="latents", tensor_path="latents.tsv", metadata_path="metadata.tsv"
    )
    embedding.sprite.image_path = "sprite.png"
    embedding.sprite.single_image_dim.extend(reversed(sides))  # width first
    return text_format.MessageToString(found)


def _columns(count: int) -> int:
    return math.ceil(math.sqrt(count))


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("output_dir", None, "Where the projector's files go.", required=True)
    data_flags.define(limit=2000, most=MOST)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
