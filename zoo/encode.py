"""python -m zoo.encode: what a model makes of pictures, as a table, or their nearest neighbors.

    python -m zoo.encode --run=vae_mnist --split=test --output=out/codes.parquet
    python -m zoo.encode --run=vae_mnist --split=test --query=digit.png --output=out/sheet.png

.parquet and .csv have a row for every image: its `index` in the data set, its `file` in a
folder, its `label` where there are labels, and `latent_0`, `latent_1`, ...; .npy has the latents
alone, float32 [n, latent_dim]. Nothing is written before all is computed.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.files import atomic
from zoo.pictures import panels

if TYPE_CHECKING:
    from zoo.latents.encoding import Latents

FLAGS = flags.FLAGS
TABLES = ".parquet", ".csv", ".npy"


def main() -> None:
    from zoo import runs
    from zoo.latents import encoding

    output = Path(FLAGS.output)
    _check(output)
    model = runs.load(FLAGS.run)
    encoding.require(model, ("codes",), f"{FLAGS.run} has no latents")
    query = encoding.read(FLAGS.query, model) if FLAGS.query else None
    source = encoding.source_of(
        FLAGS.run, model.channels, FLAGS.dataset, FLAGS.split, FLAGS.data_dir
    )
    if FLAGS.query:
        check_not_among_inputs(output, source.name)
    latents = encoding.latents(model, source, FLAGS.limit, progress=True)
    report_broken(source)
    if FLAGS.query:
        picture = _neighbors(model, source, latents, query)
        output.parent.mkdir(parents=True, exist_ok=True)
        panels.save(output, picture)
        print(output)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        write(output, latents)
        count, width = latents.codes.shape
        print(f"{output}: {count} images of {source.name} {source.split}, {width} latents")


def write(path: Path, latents: "Latents") -> None:
    """Writes a table, of the kind that the name's ending says, beside and renames."""
    from pyarrow import csv, parquet

    kind = path.suffix.lower()
    with atomic.beside(path) as beside, beside.open("wb") as file:
        if kind == ".npy":
            np.save(file, latents.codes)
        elif kind == ".csv":
            csv.write_csv(_table(latents), file)
        else:
            parquet.write_table(_table(latents), file)


def check_not_among_inputs(output: Path, dataset: str) -> None:
    """Raises UserError where a picture written there would be one of the folder's own."""
    folder = Path(dataset.removeprefix("folder:")).expanduser().resolve()
    if dataset.startswith("folder:") and output.resolve().is_relative_to(folder):
        raise UserError(f"{output} would stand among the pictures of {dataset}; write elsewhere")


def report_broken(source) -> None:
    """Says how many files were left out; each has been named when it was met."""
    if source.broken:
        print(f"{len(source.broken)} of {source.size} files skipped", file=sys.stderr)


def _check(output: Path) -> None:
    """Raises UserError where --output does not fit the other flags."""
    kind = output.suffix.lower()
    if FLAGS.query and kind != ".png":
        raise UserError(f"--output={output}: with --query it is a picture; name it .png")
    if not FLAGS.query and kind not in TABLES:
        raise UserError(
            f"--output={output} is not a table; name it {', '.join(TABLES)}, or give --query=IMAGE"
        )
    if FLAGS.query and output.resolve() == Path(FLAGS.query).resolve():
        raise UserError(f"{output} is an input and would be overwritten; change --output")


def _table(latents: "Latents"):
    import pyarrow

    columns = {f"latent_{i}": column for i, column in enumerate(latents.codes.T)}
    return pyarrow.table(latents.about | columns)


def _neighbors(model, source, latents: "Latents", query: np.ndarray) -> np.ndarray:
    """Prints the images nearest to the query, and returns their contact sheet."""
    from zoo.latents import encoding, neighbors

    code = np.asarray(model.codes(query[np.newaxis]))[0]
    found = neighbors.nearest(latents, code, FLAGS.neighbors)
    print(neighbors.listed(found))
    shown = list(encoding.images(model, source, [neighbor.index for neighbor in found]))
    return neighbors.sheet(query, Path(FLAGS.query).name, shown, found)


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    text = f"A table of latents ({', '.join(TABLES)}), or with --query a contact sheet (.png)."
    flags.DEFINE_string("output", None, text, required=True)
    flags.DEFINE_string("query", None, "Find the images nearest to the one in this file instead.")
    flags.DEFINE_integer("neighbors", 15, "How many of them.", lower_bound=1)
    define_source_flags(limit=None)


def define_source_flags(limit: int | None, most: int | None = None) -> None:
    """What is encoded; as in `zoo.evaluate`."""
    flags.DEFINE_string("dataset", None, "Data set (as in train.py); default: the run's own.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    flags.DEFINE_string("split", "", "Such as test[:100]; default: all of test, or all there is.")
    flags.DEFINE_integer("limit", limit, "At most so many images.", 1, most)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
