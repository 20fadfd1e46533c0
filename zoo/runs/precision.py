"""The arithmetic of a network: 16 bits where the processor has them, and they cost nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo import presets
from zoo.cli import UserError

CHOICES = ["auto", "float32", "mixed_float16", "mixed_bfloat16"]
BFLOAT16 = {"avx512_bf16", "amx_bf16"}  # as Linux names what multiplies such numbers
PROCESSOR = Path("/proc/cpuinfo")
# What a trained model may lose by it: of its headline metric, and of any pixel.
LOST, LARGEST = 0.02, 1 / 255


def policy(asked: str, processor: Path | None = None) -> str:
    """Keras's name of what was asked for.

    Args:
      asked: one of CHOICES; auto is bfloat16 on a CPU that multiplies it, twice as fast there,
        and else float32. Weights are float32 with any of them.
      processor: what Linux says of the CPU.

    Raises:
      UserError: for another name.
    """
    if asked not in CHOICES:
        raise UserError(f"unknown --precision={asked}; choose {', '.join(CHOICES)}")
    if asked != "auto":
        return asked
    try:
        lines = (processor or PROCESSOR).read_text().splitlines()
    except OSError:  # another system
        return "float32"
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return "mixed_bfloat16" if BFLOAT16 & set(flags) else "float32"


def of_trained(run: str | Path, asked: str) -> str:
    """The same for a trained model: auto is bfloat16 only where its card says that it is harmless.

    Args:
      run: a folder or a preset's name; without a card it is float32.
      asked: one of CHOICES.

    Raises:
      UserError: for another name.
    """
    return "float32" if asked == "auto" and not _is_harmless(run) else policy(asked)


@contextmanager
def computing_in(policy: str | None) -> Iterator[None]:
    """Models made here compute so; None leaves it to Keras's own setting."""
    import keras

    before = keras.mixed_precision.dtype_policy()
    keras.mixed_precision.set_dtype_policy(policy or before)
    try:
        yield
    finally:
        keras.mixed_precision.set_dtype_policy(before)


def _is_harmless(run: str | Path) -> bool:
    card = presets.folder(run) / "card.json"
    cost = json.loads(card.read_text()).get("bfloat16") if card.exists() else None
    return cost is not None and cost["lost"] <= LOST and cost["largest"] <= LARGEST
