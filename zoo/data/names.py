"""Data sets by name, as far as is known before they are opened: this needs no TensorFlow."""

import re
from pathlib import Path

from zoo.cli import UserError
from zoo.data import layout

GIVEN = "given in Python"  # the name of what lies in no file


def parts(name: str) -> list[tuple[int, str]]:
    """Each data set of "3*folder:A,digits", and how many times its pictures count."""
    if name.startswith("folder:") and Path(name.removeprefix("folder:")).expanduser().is_dir():
        return [(1, name)]  # its path may hold commas
    found = [re.fullmatch(r"(?:(\d+)\*)?(.*)", part.strip()).groups() for part in name.split(",")]
    return [(max(1, int(count or 1)), part) for count, part in found]


def check(name: str) -> None:
    """Raises UserError where pictures are in no file, or their folder is none or has no images."""
    if name == GIVEN:
        raise UserError(f"these pictures were {GIVEN}, and are in no file; name a --dataset")
    for _, part in parts(name):
        if part.startswith("folder:"):
            layout.require_images(layout.root_of(part))
