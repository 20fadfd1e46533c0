"""Presets as files: LiteRT's as the zoo exports them, and the same graph for ONNX Runtime."""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from benchmarks import cases, litert_widths
from benchmarks.worker import ROOT, serve
from export import in_python
from export.litert import flatbuffer, int8, tflite
from export.parity import multiply_adds, real_images, tensors
from zoo import runs
from zoo.files import weights

CALIBRATION, JUDGED = 100, 20  # images, as `python -m export` has them
OPSET = 18


def prepare(name: str, folder: str) -> dict:
    """Writes a preset's files and images into the folder.

    NAME_float32.tflite and NAME_int8.tflite, NAME.onnx, NAME.npz (weights), and arrays of images
    [n, h, w, c]: NAME_calibration.npy, NAME_inputs.npy, NAME_targets.npy.

    Returns:
      {"about": what the images are, "multiply_adds": of one inference}.
    """
    path, signature = Path(folder), cases.PRESETS[name].signature
    model, data = runs.load(name), runs.read_config(name)["data"]
    side = in_python.side_of(model, None)
    found = real_images.of(model, *real_images.open_sources(model, data), side, CALIBRATION, JUDGED)
    calibration = real_images.stacked([inputs for inputs, _ in found.calibration])
    feed = tensors.feeds(model, calibration)[signature]
    judged = tensors.feeds(model, found.inputs(JUDGED))[signature]
    arrays = {
        "calibration": feed["image"],
        "inputs": judged["image"],
        "targets": np.concatenate([target for _, target in found.judged]),
    }
    for kind, array in arrays.items():
        np.save(path / f"{name}_{kind}.npy", array)
    weights.save(path / f"{name}.npz", weights.of_model(model))
    with tflite.fixed(model, side) as source:
        tflite.write(source, list(model.signatures()), path / f"{name}_float32.tflite", "float32")
        int8.write(model, source, signature, path / f"{name}_int8.tflite", tensors.one_by_one(feed))
        alone = path / f"{name}_alone.tflite"
        tflite.write(source, [signature], alone, "float32")
    to_onnx(alone, path / f"{name}.onnx")
    specs = model.signatures()[signature].specs(1, side)
    count = multiply_adds.multiply_adds(model, signature, specs)
    return {"about": found.about, "multiply_adds": count}


def to_onnx(source: Path, path: Path) -> None:
    """The graph of a .tflite with one signature, with images as ONNX Runtime likes them, NCHW."""
    sys.path.append(str(ROOT / ".venv-tf2onnx"))
    import tf2onnx

    graph = flatbuffer.parse(source.read_bytes()).subgraphs[0]

    def images(indices: np.ndarray) -> list[str]:
        edges = [graph.tensors[i] for i in indices]
        return [tensor.name.decode() for tensor in edges if len(tensor.shape) == 4]

    tf2onnx.convert.from_tflite(
        str(source),
        opset=OPSET,
        inputs_as_nchw=images(graph.inputs),
        outputs_as_nchw=images(graph.outputs),
        output_path=str(path),
    )


if __name__ == "__main__":
    tf.get_logger().setLevel("ERROR")
    serve({"prepare": prepare, "rates": litert_widths.rates})
