"""PyTorch's side of the comparison: the twins, trained in several ways, or written as ONNX.

A way is a few words of "channels last", "bfloat16" and "compiled", or "plain".
"""

import contextlib
import sys
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from benchmarks import cases
from benchmarks.twins import to_torch, twin
from benchmarks.worker import THREADS, serve

WAYS = ["plain", "channels last", "compiled", "channels last, compiled"]
IN_16_BITS = ["channels last, bfloat16", "channels last, bfloat16, compiled"]


class Training(NamedTuple):
    """A twin that learns in one way."""

    model: torch.nn.Module
    loss: Any
    optimizer: torch.optim.Optimizer
    way: str


TRAININGS: dict[tuple[str, str], Training] = {}


def prepare(name: str, folder: str, bfloat16: bool) -> dict:
    """Takes over the zoo's weights, once for each way.

    Returns:
      {"difference": largest of an output from the zoo's, "ways": those that work here,
      "left_out": {way: why}}.
    """
    path, left_out = Path(folder), {}
    arrays = dict(np.load(path / f"{name}.npz"))
    for way in WAYS + IN_16_BITS * bfloat16:
        training = _training(name, arrays, way)
        try:
            _loss(training, *_batch(name, way)).backward()  # compiles
        except Exception as error:  # of any kind: no compiler, or one that fails
            left_out[way] = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
            continue
        TRAININGS[name, way] = training
    expected = np.load(path / f"{name}.npy").transpose(0, 3, 1, 2)
    with torch.inference_mode():
        output = TRAININGS[name, "plain"].model.infer(to_torch(cases.images(name))).numpy()
    ways = [way for kept, way in TRAININGS if kept == name]
    difference = float(np.abs(output - expected).max())
    return {"difference": difference, "ways": ways, "left_out": left_out}


def losses_of(name: str, way: str, steps: int) -> list[float]:
    """The losses of the first training steps, each on another batch."""
    training = TRAININGS[name, way]
    return [_step(training, *_batch(name, way, number)) for number in range(steps)]


def train(name: str, way: str, steps: int) -> float:
    """Seconds of so many training steps."""
    training, batch = TRAININGS[name, way], _batch(name, way)
    _step(training, *batch)
    begun = time.perf_counter()
    for _ in range(steps):
        _step(training, *batch)
    return time.perf_counter() - begun


def to_onnx(name: str, arguments: dict, weights: str, shape: list[int], path: str) -> None:
    """Writes a twin with these weights, for images [b, h, w, c] of a shape."""

    class Inference(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = twin(name, dict(np.load(weights)), **arguments)

        def forward(self, image):
            return self.model.infer(image)

    image = to_torch(np.zeros(shape, np.float32))
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
        torch.onnx.export(Inference().eval(), (image,), path, verbose=False)


def peak(side: int) -> float:
    """Multiply-adds a second in a product of square matrices, the best of ten."""
    matrix, seconds = torch.randn([side, side]), []
    matrix @ matrix
    for _ in range(10):
        begun = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - begun)
    return side**3 / min(seconds)


def _training(name: str, arrays: dict[str, np.ndarray], way: str) -> Training:
    model = twin(name, arrays, **cases.CASES[name].arguments)
    if "channels last" in way:
        model = model.to(memory_format=torch.channels_last)
    # As the zoo's AdamW; fused is the fastest that there is.
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=cases.LEARNING_RATE,
        eps=cases.EPSILON,
        weight_decay=0.0,
        fused=True,
    )
    loss = torch.compile(model.loss) if "compiled" in way else model.loss
    return Training(model, loss, optimizer, way)


def _batch(name: str, way: str, number: int = 0) -> list:
    return [to_torch(value, "channels last" in way) for value in cases.batch(name, number)]


def _loss(training: Training, inputs, target) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16, enabled="bfloat16" in training.way):
        return training.loss(inputs, target)


def _step(training: Training, inputs, target) -> float:
    training.optimizer.zero_grad()
    loss = _loss(training, inputs, target)
    loss.backward()
    training.optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    torch.set_flush_denormal(True)  # as TensorFlow does
    serve({job.__name__: job for job in (prepare, losses_of, train, to_onnx, peak)})
