"""Makes a model's artifacts in a folder, and the report on how well they agree with Keras."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from export import formats, signatures
from export.kinds import ALL
from export.litert import flatbuffer, latency
from export.litert.qat import Finetuned
from export.parity import multiply_adds, readme, served, task_metric, tensors
from export.parity.real_images import RealImages
from zoo import runs
from zoo.models.base import Model

COMPARED = 4  # images, number by number


def write(
    model: Model,
    folder: Path,
    name: str,
    version: int,
    images: RealImages,
    tile: int,
    kinds: Sequence[str] = ALL,
    for_int8: Finetuned | None = None,
) -> dict:
    """Writes the formats, `signatures.json`, `report.json` and `README.md`.

    Args:
      model: built, with its weights.
      folder: gets serving/NAME/VERSION, tflite/NAME_FORMAT.tflite and the other three.
      name: of the artifacts.
      version: of the SavedModel.
      images: real ones, to calibrate on, to compare with and to judge by.
      tile: side of LiteRT's input where the model takes any.
      kinds: some of the formats.
      for_int8: the same model with weights made for 8 bits, where it has them.

    Returns:
      The report, which export/README.md describes.

    Raises:
      UserError: where LiteRT cannot run what was made.
    """
    given = tensors.feeds(model, images.inputs(COMPARED))
    steps = for_int8.steps if for_int8 else 0
    in_8_bits = for_int8.model if for_int8 else model
    files = formats.write(model, in_8_bits, folder, name, version, tile, kinds, images)
    described = {path: _described(path, folder) for paths in files.values() for path in paths}
    keras = tensors.keras_call(model)
    reference = task_metric.score(model, keras, images.judged)
    artifacts = []
    for kind, paths in files.items():
        is_served = kind == "saved_model"
        call = tensors.saved_model_call(paths[0]) if is_served else tensors.tflite_call(paths)
        score = task_metric.score(model, call, images.judged)
        apart = tensors.differences(keras, call, given)
        for path in paths:
            artifact = {"format": kind} | described[path]
            held = artifact["signatures"] or {signature: {} for signature in apart}
            artifact["signatures"] = {k: found | apart[k] for k, found in held.items()}
            if is_served:
                artifact["endpoints"] = served.differences(model, path, given)
            artifact |= {"metric": score, "loss": task_metric.loss(model, reference, score)}
            artifact["tolerance"] = tensors.TOLERANCE.get(kind)
            artifacts.append(artifact | {"passed": _passed(artifact)})
    report = {
        "run": name,
        "version": version,
        "parameters": model.count_params(),
        "multiply_adds": {
            key: multiply_adds.multiply_adds(model, key, signature.specs(1, tile))
            for key, signature in model.signatures().items()
        },
        "input_side": None if model.image_size else tile,
        "qat_steps": steps,
        "images": {"about": images.about, "calibration": len(images.calibration)},
        "metric": task_metric.described(model) | {"images": len(images.judged), "keras": reference},
        "artifacts": artifacts,
    }
    lite = {kind: paths for kind, paths in files.items() if kind != "saved_model"}
    described = signatures.describe(model, name, tile, folder, lite)
    runs.write_json(folder / "signatures.json", described)
    runs.write_json(folder / "report.json", report)
    runs.write_text(folder / "README.md", readme.markdown(report))
    return report


def _described(path: Path, folder: Path) -> dict[str, Any]:
    """What a file says by itself. A file that kills its interpreter does so in another process."""
    where = {"path": str(path.relative_to(folder))}
    if path.is_dir():
        size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
        return where | {"bytes": size, "operators": None, "signatures": {}}
    content = path.read_bytes()
    measured = latency.measure(path)
    types = flatbuffer.signatures(content)
    return where | {
        "bytes": len(content),
        "operators": flatbuffer.operators(content),
        "peak_memory_mb": measured["peak_memory_mb"],
        "signatures": {
            name: types[name] | {"latency_ms": milliseconds}
            for name, milliseconds in measured["latency_ms"].items()
        },
    }


def _passed(artifact: dict) -> bool:
    if flatbuffer.custom(artifact["operators"] or {}):
        return False
    limit = artifact["tolerance"]
    found = [entry | {"tolerance": limit} for entry in artifact["signatures"].values()]
    found += artifact.get("endpoints", {}).values()
    return all(e["tolerance"] is None or e["max_scaled_diff"] <= e["tolerance"] for e in found)
