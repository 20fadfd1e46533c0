"""signatures.json: what a client, a phone or a page reads before it calls."""

import hashlib
from pathlib import Path
from typing import Any

import tensorflow as tf

from export.litert import flatbuffer
from export.savedmodel import endpoints
from zoo.models.base import Model, Tensor

VERSION = 2


def describe(model: Model, name: str, side: int, folder: Path, files: dict[str, str]) -> dict:
    """Every signature's inputs and outputs, where they are, and what a tile loop needs.

    Args:
      model: built, with its weights.
      name: of the run.
      side: of LiteRT's input where the model takes any.
      folder: of the artifacts.
      files: format -> paths of LiteRT files in the folder.

    Returns:
      What BUILD.md describes; JSON-able.
    """
    return {
        "version": VERSION,
        "run": name,
        "model": model.registered_name,
        "stride": model.stride,
        "overlap": model.overlap,
        "scale": model.scale,
        "input_side": None if model.image_size else side,
        "signatures": {
            key: {"inputs": _declared(s.inputs), "outputs": _declared(s.outputs)}
            for key, s in model.signatures().items()
        },
        "endpoints": {
            key: {name: _spec(spec) for name, spec in endpoint.specs.items()}
            for key, endpoint in endpoints.of_model(model).items()
        },
        "files": [_file(folder, path, kind) for kind, paths in files.items() for path in paths],
    }


def _declared(named: dict[str, Tensor]) -> dict[str, dict[str, Any]]:
    return {
        key: {
            "dtype": tensor.dtype,
            "shape": [None, *tensor.shape],
            "range": tensor.range,
            "image": tensor.is_image,
            "meaning": tensor.meaning,
        }
        for key, tensor in named.items()
    }


def _spec(spec: tf.TensorSpec) -> dict[str, Any]:
    return {"dtype": spec.dtype.name, "shape": spec.shape.as_list()}


def _file(folder: Path, path: Path, kind: str) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "path": str(path.relative_to(folder)),
        "format": kind,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "signatures": flatbuffer.signatures(content),
    }
