"""A source's codes as a table: .parquet and .csv with what is known of each image, .npy without."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.cli import UserError
from zoo.files import atomic

if TYPE_CHECKING:
    from zoo.data.source import Source
    from zoo.latents.encoding import Latents

KINDS = ".parquet", ".csv", ".npy"


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


def _table(latents: "Latents"):
    import pyarrow

    columns = {f"latent_{i}": column for i, column in enumerate(latents.codes.T)}
    return pyarrow.table(latents.about | columns)


def check_not_among_inputs(output: Path, dataset: str) -> None:
    """Raises UserError where a picture written there would be one of the folder's own."""
    folder = Path(dataset.removeprefix("folder:")).expanduser().resolve()
    if dataset.startswith("folder:") and output.resolve().is_relative_to(folder):
        raise UserError(f"{output} would stand among the pictures of {dataset}; write elsewhere")


def report_broken(source: "Source") -> None:
    """Says how many files were left out; each has been named when it was met."""
    if source.broken:
        print(f"{len(source.broken)} of {source.size} files skipped", file=sys.stderr)
