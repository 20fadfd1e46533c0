"""PyTorch's side of the comparison: the twins, trained and run, and written as ONNX."""

import contextlib
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import cases
from benchmarks.twins import to_torch, twin
from benchmarks.worker import THREADS, serve

MODELS: dict[tuple[str, bool], Any] = {}


def prepare(name: str, folder: str) -> float:
    """Takes over the zoo's weights, in both layouts; writes the .onnx; see `difference`."""
    path = Path(folder)
    for channels_last in (False, True):
        model = twin(name, dict(np.load(path / f"{name}.npz")))
        if channels_last:
            model = model.to(memory_format=torch.channels_last)
        # As the zoo's AdamW; fused is the fastest that there is.
        optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=cases.LEARNING_RATE,
            eps=cases.EPSILON,
            weight_decay=0.0,
            fused=True,
        )
        MODELS[name, channels_last] = model, optimizer
    inference = Inference(MODELS[name, False][0]).eval()
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(action="ignore"):
        torch.onnx.export(
            inference, (to_torch(cases.image(name)),), str(path / f"{name}.onnx"), verbose=False
        )
    return difference(name, folder, False)


def difference(name: str, folder: str, channels_last: bool) -> float:
    """The largest of an inference's output from the zoo's."""
    expected = np.load(Path(folder) / f"{name}.npy").transpose(0, 3, 1, 2)
    with torch.inference_mode():
        output = MODELS[name, channels_last][0].infer(to_torch(cases.image(name), channels_last))
    return float(np.abs(output.numpy() - expected).max())


class Inference(torch.nn.Module):
    """A twin whose call is what is served."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model

    def forward(self, image):
        return self.model.infer(image)


def infer(name: str, times: int, channels_last: bool) -> float:
    """Seconds of so many inferences."""
    model, image = MODELS[name, channels_last][0], to_torch(cases.image(name), channels_last)
    with torch.inference_mode():
        model.infer(image)
        begun = time.perf_counter()
        for _ in range(times):
            model.infer(image)
        return time.perf_counter() - begun


def losses_of(name: str, steps: int, channels_last: bool) -> list[float]:
    """The losses of the first training steps, each on another batch."""
    batches = [[to_torch(x, channels_last) for x in cases.batch(name, i)] for i in range(steps)]
    return [_step(name, channels_last, *batch) for batch in batches]


def train(name: str, steps: int, channels_last: bool) -> float:
    """Seconds of so many training steps."""
    batch = [to_torch(x, channels_last) for x in cases.batch(name)]
    _step(name, channels_last, *batch)
    begun = time.perf_counter()
    for _ in range(steps):
        _step(name, channels_last, *batch)
    return time.perf_counter() - begun


def peak(side: int) -> float:
    """Multiply-adds a second in a product of square matrices, the best of ten."""
    matrix, seconds = torch.randn([side, side]), []
    matrix @ matrix
    for _ in range(10):
        begun = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - begun)
    return side**3 / min(seconds)


def _step(name: str, channels_last: bool, inputs, target) -> float:
    model, optimizer = MODELS[name, channels_last]
    optimizer.zero_grad()
    loss = model.loss(inputs, target)
    loss.backward()
    optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    torch.set_flush_denormal(True)  # as TensorFlow does
    jobs = (prepare, difference, losses_of, train, infer, peak)
    serve({job.__name__: job for job in jobs})
