"""The figures of a lecture on autoencoders, each from one command and real training.

A figure is a function from a folder for its trainings to a `Made`, registered by `figure`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure


class Made(NamedTuple):
    """A figure, and the numbers in it, JSON-able."""

    figure: Figure
    numbers: dict[str, Any]


FIGURES: dict[str, Callable[[Path], Made]] = {}


def figure(make: Callable[[Path], Made]) -> Callable[[Path], Made]:
    """Registers a figure under its function's name."""
    FIGURES[make.__name__] = make
    return make
