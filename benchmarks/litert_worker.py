"""LiteRT's side of the comparison, in a process without TensorFlow."""

import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from benchmarks import cases
from benchmarks.worker import THREADS, serve

RUNNERS = {}


def prepare(name: str, folder: str) -> float:
    """Loads the .tflite; the largest difference of its output from Keras's."""
    interpreter = Interpreter(str(Path(folder) / f"{name}.tflite"), num_threads=THREADS)
    RUNNERS[name] = interpreter.get_signature_runner(cases.CASES[name].signature)
    output = RUNNERS[name](image=cases.image(name))["image"]
    return float(np.abs(output - np.load(Path(folder) / f"{name}.npy")).max())


def infer(name: str, times: int) -> float:
    """Seconds of so many inferences."""
    image, run = cases.image(name), RUNNERS[name]
    run(image=image)
    begun = time.perf_counter()
    for _ in range(times):
        run(image=image)
    return time.perf_counter() - begun


if __name__ == "__main__":
    serve({"prepare": prepare, "infer": infer})
