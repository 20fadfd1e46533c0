"""Plots in one style: matplotlib's figures, without its global state."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zoo.files import atomic

STYLE = Path(__file__).with_suffix(".mplstyle")
COLORS = matplotlib.color_sequences["petroff10"]  # told apart by the color-blind (Petroff 2021)
MUTED = "0.45"


def new(width: float, height: float, rows: int = 1, columns: int = 1, **given) -> tuple:
    """A figure of width x height inches, and its axes; to be used within `styled`."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **given)


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Everything drawn and saved inside is in the zoo's style."""
    with matplotlib.rc_context(fname=STYLE):
        yield


def show(axes: Axes, image: np.ndarray, title: str = "", below: str = "") -> None:
    """One picture, [h, w, 1 or 3] in [0, 1] or uint8, without ticks, pixel for pixel."""
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.dtype != np.uint8:
        image = np.clip(image, 0, 1)
    axes.imshow(image, cmap="gray", vmin=0, vmax=255 if image.dtype == np.uint8 else 1)
    axes.set(xticks=[], yticks=[], title=title, xlabel=below)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def save(figure: Figure, path: Path) -> None:
    """Writes a PNG beside and renames."""
    with atomic.beside(path) as temporary:
        figure.savefig(temporary, format="png")
