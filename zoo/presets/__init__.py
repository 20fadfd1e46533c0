"""Trained models that come with the zoo, by name.

A preset is a run's folder without its checkpoints and with a card: config.json,
train.flags, best.npz, preview.png, card.json. Every --run= takes a preset's name.
"""

import hashlib
import json
import os
from pathlib import Path

from zoo.cli import UserError

ROOT = Path(__file__).parent


def names() -> list[str]:
    """All presets, sorted."""
    return sorted(path.parent.name for path in ROOT.glob("*/card.json"))


def folder(run: str | Path) -> Path:
    """The folder of a preset's name; any other path stays as it is, and so does one that exists."""
    path = Path(os.path.expanduser(run))
    return ROOT / run if str(run) in names() and not (path / "config.json").exists() else path


def find(name: str) -> Path:
    """The folder of a preset; raises UserError where there is none of this name."""
    if name not in names():
        raise UserError(f"unknown preset {name!r}; choose one of {', '.join(names())}")
    return ROOT / name


def card(name: str) -> dict:
    """The card of a preset."""
    return json.loads((ROOT / name / "card.json").read_text())


def check(weights: Path) -> None:
    """Raises UserError where weights are not those for which the card beside them was written."""
    path = weights.with_name("card.json")
    if not path.exists():
        return
    expected = json.loads(path.read_text())["sha256"]
    found = sha256(weights)
    if found != expected:
        raise UserError(
            f"{weights} is damaged: its SHA-256 is {found[:12]}..., its card says "
            f"{expected[:12]}...; install the zoo again, or restore the file"
        )


def sha256(path: Path) -> str:
    """Of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
