"""python -m zoo.encode: what a model makes of pictures, as a table, or their nearest neighbors.

    python -m zoo.encode --run=vae_mnist --split=test --output=out/codes.parquet
    python -m zoo.encode --run=vae_mnist --split=test --query=digit.png --output=out/sheet.png

.parquet and .csv have a row for every image: its `index` in the data set, its `file` in a
folder, its `label` where there are labels, and `latent_0`, `latent_1`, ...; .npy has the latents
alone, float32 [n, d]. Nothing is written before all is computed.
"""

from pathlib import Path

import numpy as np
from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.data import data_flags
from zoo.files import atomic
from zoo.latents import tables
from zoo.pictures import panels

FLAGS = flags.FLAGS


def main() -> None:
    from zoo import runs
    from zoo.latents import encoding

    output = Path(FLAGS.output)
    _check(output)
    atomic.require_folder(output.parent)
    model = runs.load(FLAGS.run)
    encoding.require(model, f"{FLAGS.run} has no latents")
    query = encoding.read(FLAGS.query, model) if FLAGS.query else None
    source = encoding.source_of(
        FLAGS.run, model.channels, FLAGS.dataset, FLAGS.split, FLAGS.data_dir
    )
    if FLAGS.query:
        tables.check_not_among_inputs(output, source.name)
    latents = encoding.latents(model, source, FLAGS.limit, progress=True)
    tables.report_broken(source)
    if FLAGS.query:
        picture = _neighbors(model, source, latents, query)
        output.parent.mkdir(parents=True, exist_ok=True)
        panels.save(output, picture)
        print(output)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        tables.write(output, latents)
        count, width = latents.codes.shape
        print(f"{output}: {count} images of {source.name} {source.split}, {width} latents")


def _check(output: Path) -> None:
    """Raises UserError where --output does not fit the other flags."""
    kind = output.suffix.lower()
    if FLAGS.query and kind != ".png":
        raise UserError(f"--output={output}: with --query it is a picture; name it .png")
    if not FLAGS.query and kind not in tables.KINDS:
        kinds = ", ".join(tables.KINDS)
        raise UserError(f"--output={output} is not a table; name it {kinds}, or give --query=IMAGE")
    if FLAGS.query and output.resolve() == Path(FLAGS.query).resolve():
        raise UserError(f"{output} is an input and would be overwritten; change --output")


def _neighbors(model, source, latents, query: np.ndarray) -> np.ndarray:
    """Prints the images nearest to the query, and returns their contact sheet."""
    from zoo.latents import encoding, neighbors

    code = encoding.encoder(model)(query[np.newaxis])[0]
    found = neighbors.nearest(latents, code, FLAGS.neighbors)
    print(neighbors.listed(found))
    shown = list(encoding.images(model, source, [neighbor.index for neighbor in found]))
    return neighbors.sheet(query, Path(FLAGS.query).name, shown, found)


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    kinds = ", ".join(tables.KINDS)
    text = f"A table of latents ({kinds}), or with --query a contact sheet (.png)."
    flags.DEFINE_string("output", None, text, required=True)
    flags.DEFINE_string("query", None, "Find the images nearest to the one in this file instead.")
    flags.DEFINE_integer("neighbors", 15, "How many of them.", lower_bound=1)
    data_flags.define(limit=None)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
