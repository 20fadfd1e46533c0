"""ONNX Runtime's side of the comparison: presets in float32 and int8."""

import time
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization import shape_inference

from benchmarks import cases
from benchmarks.worker import THREADS, serve

SESSIONS: dict[tuple[str, str], tuple[onnxruntime.InferenceSession, np.ndarray]] = {}
VNNI = {"avx512_vnni", "avx_vnni"}  # as Linux names what sums products of bytes without overflow


def prepare(name: str, folder: str) -> list[str]:
    """Runs a preset on the images to judge by; writes NAME_ONNX Runtime KIND.npy for each kind.

    Returns:
      float32, int8 and, where there is NAME_twin.onnx, twin.
    """
    path = Path(folder)
    _quantize(path, name)
    files = {"float32": f"{name}.onnx", "int8": f"{name}_int8.onnx"}
    if cases.PRESETS[name].twin:
        files["twin"] = f"{name}_twin.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    inputs = _planes(np.load(path / f"{name}_inputs.npy"))
    for kind, file in files.items():
        session = onnxruntime.InferenceSession(
            str(path / file), options, providers=["CPUExecutionProvider"]
        )
        SESSIONS[name, kind] = session, inputs[:1]
        outputs = np.concatenate([_run(session, image[None]) for image in inputs])
        np.save(path / f"{name}_ONNX Runtime {kind}.npy", outputs.transpose(0, 2, 3, 1))
    return list(files)


def infer(name: str, kind: str, times: int) -> float:
    """Seconds of so many inferences."""
    session, image = SESSIONS[name, kind]
    _run(session, image)
    begun = time.perf_counter()
    for _ in range(times):
        _run(session, image)
    return time.perf_counter() - begun


class Reader(quantization.CalibrationDataReader):
    """Images [n, c, h, w], one after the other."""

    def __init__(self, name: str, images: np.ndarray):
        self._feeds = iter([{name: image[None]} for image in images])

    def get_next(self):
        return next(self._feeds, None)


def _quantize(path: Path, name: str) -> None:
    """Static, per channel, bytes times signed bytes: the fastest here.

    ONNX Runtime advises 7 bits for weights where their products would overflow.
    """
    whole, ready = path / f"{name}.onnx", path / f"{name}_ready.onnx"
    shape_inference.quant_pre_process(str(whole), str(ready))
    session = onnxruntime.InferenceSession(str(whole), providers=["CPUExecutionProvider"])
    images = _planes(np.load(path / f"{name}_calibration.npy"))
    quantization.quantize_static(
        str(ready),
        str(path / f"{name}_int8.onnx"),
        Reader(session.get_inputs()[0].name, images),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        reduce_range=not VNNI & set(Path("/proc/cpuinfo").read_text().split()),
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
    )


def _planes(images: np.ndarray) -> np.ndarray:
    """[n, h, w, c] -> [n, c, h, w]"""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def _run(session: onnxruntime.InferenceSession, image: np.ndarray) -> np.ndarray:
    return session.run(None, {session.get_inputs()[0].name: image})[0]


if __name__ == "__main__":
    serve({"prepare": prepare, "infer": infer})
