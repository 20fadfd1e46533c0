"""LiteRT (.tflite): all signatures in one file, builtin operators only."""

import tempfile
from pathlib import Path

import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from export import saved_model
from zoo.models.base import Model


def write_float32(model: Model, path: Path, tile: int) -> None:
    """Writes a .tflite with a batch of 1 and sides of `tile` where the model takes any.

    The graph holds no operator of dynamic shape, so that phones and browsers can compile
    it; an interpreter may still resize its input to any multiple of the model's stride.
    """
    with tempfile.TemporaryDirectory() as folder:
        saved_model.write(model, Path(folder), batch=1, side=tile)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=list(model.signatures())
        )
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(converter.convert())


def operators(path: Path) -> list[str]:
    """Names of all operators in the flatbuffer; custom ones (Flex too) as `CUSTOM:name`."""
    model = schema.Model.GetRootAs(path.read_bytes())
    names = {v: k for k, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)}
    found = set()
    for i in range(model.OperatorCodesLength()):
        code = model.OperatorCodes(i)
        # Codes below 127 stand in the deprecated one-byte field, larger ones in the new field.
        builtin = max(code.DeprecatedBuiltinCode(), code.BuiltinCode())
        custom = code.CustomCode()
        found.add(f"CUSTOM:{custom.decode()}" if custom else names[builtin])
    return sorted(found)
