"""Training: the zoo with --precision=auto beside PyTorch in every way that it knows here."""

import functools
from pathlib import Path

from benchmarks import cases, turns
from benchmarks.worker import Worker

TOLERANCE = {"float32": 1e-3, "bfloat16": 2e-2}  # of a loss, as a share


def measure(name: str, folder: Path, zoo: Worker, torch: Worker, **length: float) -> dict:
    """Images a second.

    Args:
      name: of a case.
      folder: for the weights.
      zoo: runs `benchmarks.zoo_worker`.
      torch: runs `benchmarks.torch_worker`.
      **length: `rounds`, `seconds` and `minutes` of `turns.take`.

    Raises:
      SystemExit: where the networks are not the same, or learn otherwise.
    """
    case = cases.CASES[name]
    turns.say(f"{name}: the same network on both sides")
    facts = zoo("prepare", name=name, folder=str(folder))
    in_16_bits = facts["precision"] == "mixed_bfloat16"
    peers = torch("prepare", name=name, folder=str(folder), bfloat16=in_16_bits)
    same(name, zoo, torch, facts["precision"], peers)
    sides: dict[str, turns.Turn] = {
        "zoo": lambda n: zoo("train", name=name, way=facts["precision"], steps=n)
    }
    for way in peers["ways"]:
        train = functools.partial(torch, "train", name=name, way=way)
        sides[way] = lambda n, train=train: train(steps=n)
    seconds = turns.take(f"{name}, training", sides, **length)
    rates = {side: [case.batch / s for s in found] for side, found in seconds.items()}
    shape = {"batch": case.batch, "side": case.side, "left_out": peers["left_out"]}
    return facts | shape | {"images_per_second": rates}


def same(name: str, zoo: Worker, torch: Worker, precision: str, peers: dict) -> None:
    """Checks that outputs agree, and the losses of the first training steps.

    Raises:
      SystemExit: where they do not.
    """
    if not peers["difference"] < 1e-4:
        raise SystemExit(f"PyTorch's {name} differs by {peers['difference']} from the zoo's")
    reference = zoo("losses_of", name=name, way="float32", steps=3)
    found = {way: torch("losses_of", name=name, way=way, steps=3) for way in peers["ways"]}
    if precision != "float32":
        found[f"zoo, {precision}"] = zoo("losses_of", name=name, way=precision, steps=3)
    for side, losses in found.items():
        limit = TOLERANCE["bfloat16" if "bfloat16" in side else "float32"]
        if any(abs(a - b) > limit * abs(a) for a, b in zip(reference, losses, strict=True)):
            raise SystemExit(f"{name} learns otherwise in {side}: {losses}, not {reference}")
