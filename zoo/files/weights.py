"""Arrays on disk: one .npz, no pickle, written beside and renamed, with its own SHA-256.

The checksum is over names, types, shapes and bytes, and lies in the file as one more
array, so that a file is whole or known to be damaged, wherever it is copied.
"""

import hashlib
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.files import atomic

if TYPE_CHECKING:
    import keras


class DamagedFile(Exception):
    """The file is cut, altered or not ours; the text names it and the reason."""


def save(path: str | Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes the arrays; the file appears whole or not at all."""
    with atomic.beside(Path(path)) as beside, open(beside, "wb") as file:
        np.savez(file, **arrays, sha256=np.array(_digest(arrays)))
        file.flush()
        os.fsync(file.fileno())


def load(path: str | Path) -> dict[str, np.ndarray]:
    """Reads the arrays back; raises DamagedFile where the checksum does not match."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        stored = str(arrays.pop("sha256"))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedFile(f"{path} cannot be read ({error})") from None
    if stored != _digest(arrays):
        raise DamagedFile(f"{path} is damaged (its SHA-256 does not match)")
    return arrays


def of_model(model: "keras.Model") -> dict[str, np.ndarray]:
    """A model's weights by their path inside the model, as float32."""
    import keras

    return {_name(model, v): keras.ops.convert_to_numpy(v) for v in model.weights}


def assign(model: "keras.Model", arrays: dict[str, np.ndarray]) -> None:
    """Puts weights by name into a built model; raises ValueError where they do not fit."""
    shapes = {_name(model, v): tuple(v.shape) for v in model.weights}
    given = {name: array.shape for name, array in arrays.items()}
    if shapes != given:
        differing = sorted(set(shapes.items()) ^ set(given.items()))
        raise ValueError(f"weights do not fit {model.name}: {differing[0][0]} differs")
    for variable in model.weights:
        variable.assign(arrays[_name(model, variable)])


def assign_matching(model: "keras.Model", arrays: dict[str, np.ndarray]) -> int:
    """Puts in what fits by name and shape, leaves the rest; returns how many arrays fitted."""
    shapes = {name: array.shape for name, array in arrays.items()}
    fitting = [v for v in model.weights if shapes.get(_name(model, v)) == tuple(v.shape)]
    for variable in fitting:
        variable.assign(arrays[_name(model, variable)])
    return len(fitting)


def _name(model: "keras.Model", variable) -> str:
    return variable.path.removeprefix(f"{model.name}/")


def _digest(arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        array = np.asarray(array)
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
