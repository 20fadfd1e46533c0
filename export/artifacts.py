"""Makes a model's artifacts in a folder, and the report on how well they agree with Keras."""

from pathlib import Path
from typing import Any

from export import parity, serving, tflite
from zoo import runs
from zoo.models.base import Model


def write(model: Model, folder: Path, name: str, version: int, inputs: Any, tile: int) -> dict:
    """Writes all formats, `signatures.json` and `report.json`.

    Args:
      model: built, with its weights.
      folder: gets serving/NAME/VERSION, tflite/NAME_float32.tflite and the two JSON files.
      name: of the artifacts.
      version: of the SavedModel.
      inputs: a batch of real inputs, as `model.example` makes them.
      tile: side of LiteRT's input where the model takes any.

    Returns:
      The report: for every artifact its format, path, bytes, operators, by signature the
      largest absolute difference from Keras, and whether it passed.
    """
    version_folder = folder / "serving" / name / str(version)
    lite = folder / "tflite" / f"{name}_float32.tflite"
    given = parity.feeds(model, inputs)
    serving.write(model, version_folder, name, given)
    tflite.write_float32(model, lite, tile)
    calls = {
        "saved_model": (version_folder, parity.saved_model_call(version_folder), None),
        "float32": (lite, parity.tflite_call(lite), tflite.operators(lite)),
    }
    artifacts = []
    for kind, (path, call, operators) in calls.items():
        differences = parity.max_abs_diff(parity.keras_call(model), call, given)
        builtin_only = not any(op.startswith("CUSTOM") for op in operators or [])
        artifacts.append(
            {
                "format": kind,
                "path": str(path.relative_to(folder)),
                "bytes": sum(f.stat().st_size for f in [path, *path.rglob("*")] if f.is_file()),
                "operators": operators,
                "signatures": {k: {"max_abs_diff": v} for k, v in differences.items()},
                "tolerance": parity.TOLERANCE[kind],
                "passed": builtin_only and max(differences.values()) <= parity.TOLERANCE[kind],
            }
        )
    report = {"version": version, "parameters": model.count_params(), "artifacts": artifacts}
    runs.write_json(folder / "signatures.json", describe(model))
    runs.write_json(folder / "report.json", report)
    return report


def describe(model: Model) -> dict:
    """Every signature's inputs and outputs: what a client, a phone or a page reads."""

    def tensors(named: dict) -> dict:
        return {
            key: {
                "dtype": "float32",
                "shape": [None, *tensor.shape],
                "range": tensor.range,
                "meaning": tensor.meaning,
            }
            for key, tensor in named.items()
        }

    return {
        "model": model.registered_name,
        "stride": model.stride,
        "overlap": model.overlap,
        "scale": model.scale,
        "signatures": {
            name: {"inputs": tensors(s.inputs), "outputs": tensors(s.outputs)}
            for name, s in model.signatures().items()
        },
    }


def table(report: dict) -> str:
    """The report as lines for a terminal."""
    lines = [f"{'format':<14}{'signature':<14}{'max |diff|':>12}{'tolerance':>12}{'size':>11}"]
    for artifact in report["artifacts"]:
        for signature, values in artifact["signatures"].items():
            lines.append(
                f"{artifact['format']:<14}{signature:<14}{values['max_abs_diff']:>12.1e}"
                f"{artifact['tolerance']:>12.0e}{artifact['bytes'] / 1e6:>8.2f} MB"
            )
    return "\n".join(lines)
