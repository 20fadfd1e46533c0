"""Presets as they are shipped: LiteRT beside ONNX Runtime, in float32 and in int8."""

import functools
from pathlib import Path

import numpy as np

from benchmarks import cases, turns
from benchmarks.worker import Worker


def measure(
    name: str, folder: Path, zoo: Worker, litert: Worker, onnx: Worker, torch: Worker, **length
) -> dict:
    """Milliseconds of one image, and what int8 loses.

    Args:
      name: of a preset.
      folder: for its files.
      zoo: runs `benchmarks.preset_worker`; the others run the workers of their names.
      litert: see `zoo`.
      onnx: see `zoo`.
      torch: see `zoo`.
      **length: `rounds`, `seconds` and `minutes` of `turns.take`.

    Raises:
      SystemExit: where the float32 sides differ by more than 1e-4.
    """
    preset = cases.PRESETS[name]
    turns.say(f"{name}: files for LiteRT and ONNX Runtime")
    facts = zoo("prepare", name=name, folder=str(folder))
    inputs, targets = (np.load(folder / f"{name}_{kind}.npy") for kind in ("inputs", "targets"))
    if preset.twin:
        network, arguments = preset.twin
        torch(
            "to_onnx",
            name=network,
            arguments=arguments,
            weights=str(folder / f"{name}.npz"),
            shape=[1, *inputs.shape[1:]],
            path=str(folder / f"{name}_twin.onnx"),
        )
    sides: dict[str, turns.Turn] = {}
    outputs: dict[str, np.ndarray] = {}
    for runtime, worker in {"LiteRT": litert, "ONNX Runtime": onnx}.items():
        for kind in worker("prepare", name=name, folder=str(folder)):
            side, run = f"{runtime} {kind}", functools.partial(worker, "infer", name=name)
            sides[side] = lambda n, run=run, kind=kind: run(kind=kind, times=n)
            outputs[side] = np.load(folder / f"{name}_{side}.npy")
    whole = outputs["LiteRT float32"]
    for side in outputs.keys() - {"LiteRT int8", "ONNX Runtime int8"}:
        difference = np.abs(outputs[side] - whole).max()
        if not difference <= 1e-4:
            raise SystemExit(f"{name}: {side} differs by {difference} from LiteRT float32")
    scores = {side: preset.judge(targets, output) for side, output in outputs.items()}
    seconds = turns.take(f"{name}, inference", sides, **length)
    return facts | {
        "signature": preset.signature,
        "shape": inputs.shape[1:],
        "images": len(inputs),
        "unit": preset.unit,
        "scores": scores,
        "milliseconds": {side: [1000 * s for s in found] for side, found in seconds.items()},
    }
