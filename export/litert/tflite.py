"""LiteRT (.tflite): all signatures in one file, builtin operators only.

A batch of 1, and sides of a fixed tile where the model takes any: phones and browsers want
static shapes. The graph holds no operator of dynamic shape, so that an interpreter may still
resize its input to any multiple of the model's stride; not where a model reduces the whole
picture, by matrices made for one size, and has restore_part for all others.
"""

import contextlib
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from export.litert import float16
from export.savedmodel import plain
from zoo.models.base import Model


def tile(model: Model) -> int:
    """A side at which overlapping tiles cost little: at least twice the overlap."""
    return 128 * max(1, math.ceil(2 * model.overlap / 128))


@contextlib.contextmanager
def fixed(model: Model, tile: int) -> Iterator[Path]:
    """A SavedModel of fixed shapes, from which all files are converted.

    Args:
      model: built, with its weights.
      tile: side of the input where the model takes any.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain.write(model, Path(folder), batch=1, side=tile)
        yield Path(folder)


def write(source: Path, signatures: list[str], path: Path, kind: str) -> None:
    """Writes all signatures.

    Args:
      source: what `fixed` gives.
      signatures: their names.
      path: of the .tflite.
      kind: float32, float16 (weights are stored so, and computed with in float32) or
        dynamic_int8 (weights of 8 bits; activations are rounded to 8 bits on the way).
    """
    making = converter(source, signatures)
    if kind == "dynamic_int8":
        making.optimizations = [tf.lite.Optimize.DEFAULT]
    content = making.convert()
    path.write_bytes(float16.halved(content) if kind == "float16" else content)


def converter(source: Path, signatures: list[str]) -> tf.lite.TFLiteConverter:
    """A converter of these signatures that accepts builtin operators alone."""
    made = tf.lite.TFLiteConverter.from_saved_model(str(source), signature_keys=signatures)
    made.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    return made
