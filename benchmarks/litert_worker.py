"""LiteRT's side of the comparison, in a process without TensorFlow."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from benchmarks import cases
from benchmarks.worker import THREADS, serve

RUNS: dict[tuple[str, str], tuple[Callable[[], object], np.ndarray]] = {}


def prepare(name: str, folder: str) -> list[str]:
    """Runs the files of a preset on the images to judge by; writes NAME_LiteRT KIND.npy for each.

    Returns:
      The kinds.
    """
    path, kinds = Path(folder), ["float32", "int8"]
    for kind in kinds:
        interpreter = Interpreter(str(path / f"{name}_{kind}.tflite"), num_threads=THREADS)
        runner = interpreter.get_signature_runner(cases.PRESETS[name].signature)
        inputs = _stored(np.load(path / f"{name}_inputs.npy"), runner.get_input_details()["image"])
        outputs = np.concatenate([runner(image=image[None])["image"] for image in inputs])
        outputs = _number(outputs, runner.get_output_details()["image"])
        np.save(path / f"{name}_LiteRT {kind}.npy", outputs)
        RUNS[name, kind] = runner, inputs[:1]
    return kinds


def infer(name: str, kind: str, times: int) -> float:
    """Seconds of so many inferences."""
    run, image = RUNS[name, kind]
    run(image=image)
    begun = time.perf_counter()
    for _ in range(times):
        run(image=image)
    return time.perf_counter() - begun


def _stored(images: np.ndarray, detail: dict) -> np.ndarray:
    """Floats as the file takes them: as they are, or as the bytes of a picture."""
    if detail["dtype"] == np.float32:
        return images
    scale, zero = detail["quantization"]
    return np.round(images / scale + zero).astype(detail["dtype"])


def _number(stored: np.ndarray, detail: dict) -> np.ndarray:
    if detail["dtype"] == np.float32:
        return stored
    scale, zero = detail["quantization"]
    return np.float32(scale) * (stored.astype(np.float32) - zero)


if __name__ == "__main__":
    serve({"prepare": prepare, "infer": infer})
