"""The arithmetic of a training: 16 bits where the processor has them."""

from pathlib import Path

from zoo.cli import UserError

CHOICES = ["auto", "float32", "mixed_float16", "mixed_bfloat16"]
BFLOAT16 = {"avx512_bf16", "amx_bf16"}  # as Linux names what multiplies such numbers


def policy(asked: str, processor: Path = Path("/proc/cpuinfo")) -> str:
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
        lines = processor.read_text().splitlines()
    except OSError:  # another system
        return "float32"
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return "mixed_bfloat16" if BFLOAT16 & set(flags) else "float32"
