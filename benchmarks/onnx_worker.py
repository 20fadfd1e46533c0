"""ONNX Runtime's side of the comparison."""

import time
from pathlib import Path

import numpy as np
import onnxruntime

from benchmarks import cases
from benchmarks.worker import THREADS, serve

SESSIONS = {}


def prepare(name: str, folder: str) -> float:
    """Loads the .onnx; the largest difference of its output from Keras's."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    SESSIONS[name] = onnxruntime.InferenceSession(
        str(Path(folder) / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
    )
    expected = np.load(Path(folder) / f"{name}.npy").transpose(0, 3, 1, 2)
    return float(np.abs(_run(name, _image(name)) - expected).max())


def infer(name: str, times: int) -> float:
    """Seconds of so many inferences."""
    image = _image(name)
    _run(name, image)
    begun = time.perf_counter()
    for _ in range(times):
        _run(name, image)
    return time.perf_counter() - begun


def _image(name: str) -> np.ndarray:
    return np.ascontiguousarray(cases.image(name).transpose(0, 3, 1, 2))


def _run(name: str, image: np.ndarray) -> np.ndarray:
    session = SESSIONS[name]
    return session.run(None, {session.get_inputs()[0].name: image})[0]


if __name__ == "__main__":
    serve({"prepare": prepare, "infer": infer})
