"""What signatures.json says of one signature in one LiteRT file: all that a phone reads."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from zoo.cli import UserError

VERSION = 2  # of signatures.json
PART = "_part"  # ends the name of a signature that is told of the whole picture beside a tile of it
WHOLE, BOX = "whole", "box"  # the picture, reduced, and where the tile lies in it


class Stored(NamedTuple):
    """How a tensor lies in memory: a number is scale * (stored - zero_point).

    Attributes:
      dtype: float32, which is stored as it is, or uint8.
      shape: [1, height, width, channels], or [1, 4] of the box.
      scale, zero_point: None for float32.
    """

    dtype: str
    shape: list[int]
    scale: float | None
    zero_point: int | None

    def levels(self) -> np.ndarray:
        """What a picture's bytes 0 to 255 are stored as, [256]; themselves at 1/255 and 0."""
        numbers = np.arange(256, dtype=np.float32) / np.float32(255)
        if self.dtype == "float32":
            return numbers
        stored = numbers / np.float32(self.scale) + np.float32(self.zero_point)
        return np.clip(np.round(stored), 0, 255).astype(np.uint8)

    def numbers(self, stored: np.ndarray) -> np.ndarray:
        """float32 of what is stored."""
        if self.dtype == "float32":
            return stored
        return np.float32(self.scale) * (stored.astype(np.float32) - np.float32(self.zero_point))


class Spec(NamedTuple):
    """A signature that makes a picture of pictures of one size.

    Attributes:
      path: of the LiteRT file.
      signature: its name.
      any_size: whether other sizes than the file's go through, in tiles.
      stride, overlap, scale: what a tile loop needs; see `tiles`.
      inputs: by name.
      pictures: names of those that are given as pictures.
      output_name, output: the picture that is made.
    """

    path: Path
    signature: str
    any_size: bool
    stride: int
    overlap: int
    scale: int
    inputs: dict[str, Stored]
    output_name: str
    output: Stored

    @property
    def pictures(self) -> list[str]:
        """Names of the inputs that a person gives."""
        return [name for name in self.inputs if name not in (WHOLE, BOX)]

    @property
    def sides(self) -> tuple[int, int]:
        """Height and width that the file takes."""
        _, height, width, _ = self.inputs[self.pictures[0]].shape
        return height, width


def find(folder: Path, run: str, kind: str, signature: str) -> Spec:
    """Reads FOLDER/RUN/signatures.json, or FOLDER/signatures.json of a run exported alone.

    Args:
      folder: of the artifacts.
      run: its name.
      kind: float32, float16, dynamic_int8 or int8.
      signature: such as restore; where there is one for parts of a picture, it is taken.

    Raises:
      UserError: where something is missing, broken, or not of this run.
    """
    path = folder / run / "signatures.json"
    path = path if path.exists() else folder / "signatures.json"
    if not path.exists():
        raise UserError(f"{path} is missing; `python -m export --run={run} --output_dir={folder}`")
    try:
        described = json.loads(path.read_text())
        if described.get("version") != VERSION:
            raise UserError(f"{path} is not of version {VERSION}; export {run} again")
        if described["run"] != run:
            raise UserError(f"{path} is of {described['run']}, not of {run}")
        return _spec(path.parent, described, kind, signature)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise UserError(f"{path} is broken ({reason}); export {run} again") from None


def _spec(folder: Path, described: dict[str, Any], kind: str, signature: str) -> Spec:
    if signature + PART in described["signatures"]:
        signature += PART
    files = described["files"]
    held = [f for f in files if f["format"] == kind and signature in f["signatures"]]
    if not held:
        known = sorted({f"{f['format']} {name}" for f in files for name in f["signatures"]})
        raise UserError(f"no {kind} file with signature {signature}; there are {', '.join(known)}")
    declared, stored = described["signatures"][signature], held[0]["signatures"][signature]
    makes = [name for name, tensor in declared["outputs"].items() if tensor["image"]]
    given = [tensor for name, tensor in declared["inputs"].items() if name != BOX]
    if not makes or not all(tensor["image"] for tensor in given):
        raise UserError(f"signature {signature} does not make pictures of pictures")
    return Spec(
        _checked(folder / held[0]["path"], held[0]["sha256"]),
        signature,
        described["input_side"] is not None,
        *(described[key] for key in ("stride", "overlap", "scale")),
        {name: _stored(stored["inputs"][name]) for name in declared["inputs"]},
        makes[0],
        _stored(stored["outputs"][makes[0]]),
    )


def _stored(tensor: dict[str, Any]) -> Stored:
    found = Stored(*(tensor[key] for key in Stored._fields))
    if found.dtype not in ("float32", "uint8"):
        raise ValueError(f"dtype {found.dtype}")
    return found


def _checked(path: Path, sha256: str) -> Path:
    if not path.exists():
        raise UserError(f"{path} is missing; signatures.json names it: copy both")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise UserError(f"{path} is not the file that signatures.json describes; copy both again")
    return path
