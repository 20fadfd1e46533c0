"""What a phone gets of a model: its LiteRT files and signatures.json, and nothing else."""

from pathlib import Path

import numpy as np

from export import signatures
from export.litert import int8, tflite
from export.parity import tensors
from zoo import runs
from zoo.files import image_files
from zoo.models.base import Model


def export(model: Model, folder: Path, name: str, side: int, formats: list[str]) -> None:
    """Writes FOLDER/NAME as `python -m export` does, without a report."""
    output = folder / name
    (output / "tflite").mkdir(parents=True)
    files = {}
    with tflite.fixed(model, side) as source:
        for kind in formats:
            path = output / "tflite" / f"{name}_{kind}.tflite"
            if kind == "int8":
                signature = "restore" + ("_part" if "restore_part" in model.signatures() else "")
                int8.write(model, source, signature, path, _feeds(model, signature, side))
            else:
                tflite.write(source, list(model.signatures()), path, kind)
            files[kind] = [path]
    described = signatures.describe(model, name, side, output, files)
    runs.write_json(output / "signatures.json", described)


def pictures(model: Model, photograph: np.ndarray, height: int, width: int) -> dict:
    """The corner of a photograph for each input; for a mask, a hole in it."""
    found = {}
    for name, tensor in model.signatures()["restore"].inputs.items():
        corner = image_files.to_channels(photograph[:height, :width], tensor.shape[-1])
        if name == "mask":
            corner = np.zeros([height, width, 1], np.uint8)
            corner[height // 3 :, width // 3 :][:12, :15] = 255
        found[name] = corner
    return found


def _feeds(model: Model, signature: str, side: int) -> list[dict[str, np.ndarray]]:
    from sklearn.datasets import load_sample_image

    found = []
    for name in ("china.jpg", "flower.jpg"):
        for top, left in np.ndindex(3, 4):
            corner = load_sample_image(name)[140 * top :, 160 * left :]
            given = pictures(model, corner, side, side)
            given = {key: np.float32(x)[np.newaxis] / 255 for key, x in given.items()}
            found.append(tensors.feeds(model, given)[signature])
    return found
