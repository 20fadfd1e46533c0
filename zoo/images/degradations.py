"""What goes wrong with pictures, step by step: "blur+downscale+noise+jpeg"."""

from __future__ import annotations

from collections.abc import Sequence

from etils import epy

from zoo.cli import UserError, nearest
from zoo.images import camera, compression, noise, photo, resampling
from zoo.images.degradation import DEGRADATIONS

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf

FILES = camera, compression, noise, photo, resampling  # where they are

Step = tuple[str, float, float]


def chain(names: str, given: dict[str, float | Sequence[float] | None]) -> list[Step]:
    """Reads "blur+noise+jpeg" into steps, (name, low, high).

    Args:
      names: of DEGRADATIONS, in the order of their happening, with + between.
      given: strengths by parameter name; one number is both ends, None is the default.

    Raises:
      UserError: an unknown name, a strength that no step takes, or one out of its limits.
    """
    steps = []
    for name in names.split("+"):
        if name not in DEGRADATIONS:
            raise UserError(
                f"unknown degradation {name!r}; choose from {', '.join(sorted(DEGRADATIONS))}, "
                f"several with + between{nearest(name, DEGRADATIONS)}"
            )
        steps.append((name, *_limits(name, given.get(DEGRADATIONS[name].parameter))))
    taken = [DEGRADATIONS[name].parameter for name, _, _ in steps]
    for parameter, value in given.items():
        if value is not None and parameter not in taken:
            owner = next(k for k, d in DEGRADATIONS.items() if d.parameter == parameter)
            raise UserError(f"--{parameter} goes with --degrade={owner}, not with {names}")
    return steps


def parse(text: str) -> list[Step]:
    """Reads "blur:1.5+noise:25+jpeg:10,40", what is to happen to a picture that keeps its size.

    Raises:
      UserError: as `chain`, and for what is no number or changes the size.
    """
    steps = []
    for part in text.split("+"):
        name, _, strength = part.partition(":")
        try:
            numbers = [float(number) for number in strength.split(",")] if strength else None
        except ValueError:
            raise UserError(
                f"--degrade={text}: {strength} is no number; such as noise:25"
            ) from None
        known = DEGRADATIONS.get(name)
        if known and (known.changes_size or (numbers and len(numbers) > 2)):
            raise UserError(f"--degrade={text}: {part} does not do; such as blur:1.5+noise:5,25")
        value = numbers[0] if numbers and len(numbers) == 1 else numbers
        steps += chain(name, {known.parameter: value} if known else {})
    return steps


def apply(image: tf.Tensor, seed: tf.Tensor, steps: Sequence[Step]) -> tf.Tensor:
    """Degrades step by step, each strength drawn uniformly between its low and high."""
    seeds = tf.unstack(tf.random.split(seed, 2 * len(steps)))
    for (name, low, high), draw_seed, step_seed in zip(steps, seeds[::2], seeds[1::2], strict=True):
        drawn = tf.random.stateless_uniform([], draw_seed, low, high) if low < high else low
        image = DEGRADATIONS[name].function(image, step_seed, drawn)
    return image


def crop_to_multiple(image: tf.Tensor, multiple: int) -> tf.Tensor:
    """Cuts the lower and right edge, so that both sides are multiples of `multiple`."""
    height, width = tf.unstack(tf.shape(image)[:2] // multiple * multiple)
    return image[:height, :width]


def _limits(name: str, value: float | Sequence[float] | None) -> tuple[float, float]:
    step = DEGRADATIONS[name]
    value = step.default if value is None else value
    low, high = value if isinstance(value, Sequence) else (value, value)
    smallest, largest = step.limits
    if not smallest <= low <= high <= largest:
        raise UserError(
            f"--{step.parameter}={low:g},{high:g} must be low,high within {smallest:g} to "
            f"{largest:g}"
        )
    return low, high
