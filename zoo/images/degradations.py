"""What goes wrong with pictures, as pure functions.

Each takes a clean image, float32 [height, width, channels] in [0, 1], a stateless seed,
int32 [2], and a strength, and returns the degraded image. The same seed gives the same
picture. Noise is neither clipped nor rounded, as the denoising literature has it.
`chain` composes them: "blur+downscale+noise+jpeg".

A new one is a function under `@degradation`: the name and the help of its strength become a
model's argument and a flag (`zoo.models.degraded`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import NamedTuple

from etils import epy

from zoo.cli import UserError

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf


class Degradation(NamedTuple):
    """What can happen to a picture.

    Attributes:
      function: (image, seed, strength) -> image.
      parameter: name of the strength, as an argument and as a flag.
      default: the strength, or its low and high.
      limits: of the strength.
      changes_size: whether the strength is a scale, which is a matter of the network too.
    """

    function: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    parameter: str
    default: float | tuple[float, float]
    limits: tuple[float, float]
    changes_size: bool


DEGRADATIONS: dict[str, Degradation] = {}


def degradation(name: str, default, limits: tuple[float, float], changes_size: bool = False):
    """Registers a function; see `Degradation`. Its third argument is the strength."""

    def add(function: Callable) -> Callable:
        _, _, parameter = inspect.signature(function).parameters
        DEGRADATIONS[name] = Degradation(function, parameter, default, limits, changes_size)
        return function

    return add


@degradation("noise", default=25.0, limits=(0.0, 255.0))
def gaussian(image: tf.Tensor, seed: tf.Tensor, noise_stddev: tf.Tensor) -> tf.Tensor:
    """Adds white Gaussian noise.

    Args:
      noise_stddev: standard deviation of Gaussian noise, 0 to 255: 25, or 0,55 for blind training.
    """
    return image + noise_stddev / 255.0 * tf.random.stateless_normal(tf.shape(image), seed)


@degradation("poisson", default=30.0, limits=(0.1, 1e6))
def poisson(image: tf.Tensor, seed: tf.Tensor, noise_peak: tf.Tensor) -> tf.Tensor:
    """Shot noise of a sensor that counts photons.

    Args:
      noise_peak: photons of a white pixel, on average, for Poisson noise; or a range.
    """
    rate = tf.maximum(image, 0.0) * noise_peak
    return tf.random.stateless_poisson(tf.shape(image), seed, rate, tf.float32) / noise_peak


@degradation("salt_pepper", default=0.1, limits=(0.0, 1.0))
def salt_pepper(image: tf.Tensor, seed: tf.Tensor, noise_amount: tf.Tensor) -> tf.Tensor:
    """Turns pixels black or white, half each.

    Args:
      noise_amount: share of the pixels that salt and pepper hit, or a range.
    """
    chance = tf.random.stateless_uniform(tf.concat([tf.shape(image)[:2], [1]], 0), seed)
    image = tf.where(chance < noise_amount / 2, 0.0, image)
    return tf.where(chance > 1 - noise_amount / 2, 1.0, image)


@degradation("jpeg", default=(30.0, 95.0), limits=(1.0, 100.0))
def jpeg(image: tf.Tensor, seed: tf.Tensor, jpeg_quality: tf.Tensor) -> tf.Tensor:
    """Compresses as JPEG and back. Uses no randomness.

    Args:
      jpeg_quality: of JPEG, 1 to 100, or a range.
    """
    del seed
    quality = tf.cast(tf.round(jpeg_quality), tf.int32)
    return tf.image.adjust_jpeg_quality(tf.clip_by_value(image, 0.0, 1.0), quality)


@degradation("blur", default=(0.2, 2.0), limits=(0.0, 4.0))
def blur(image: tf.Tensor, seed: tf.Tensor, blur_sigma: tf.Tensor) -> tf.Tensor:
    """Gaussian blur. Uses no randomness.

    Args:
      blur_sigma: standard deviation of a Gaussian blur, in pixels, up to 4; or a range.
    """
    del seed
    radius = 12
    at = tf.range(-radius, radius + 1, dtype=tf.float32)
    window = tf.nn.softmax(-tf.square(at / tf.maximum(blur_sigma, 1e-3)) / 2)
    # Mirrored over and over, for images smaller than the window.
    height, width = tf.unstack(tf.shape(image)[:2])
    image = tf.gather(image, _mirrored(height, radius), axis=0)
    image = tf.gather(image, _mirrored(width, radius), axis=1)
    planes = tf.transpose(image, [2, 0, 1])[..., tf.newaxis]
    planes = tf.nn.conv2d(planes, window[:, None, None, None], 1, "VALID")
    planes = tf.nn.conv2d(planes, window[None, :, None, None], 1, "VALID")
    return tf.transpose(planes[..., 0], [1, 2, 0])


@degradation("downscale", default=2, limits=(2, 4), changes_size=True)
def downscale(image: tf.Tensor, seed: tf.Tensor, scale: int) -> tf.Tensor:
    """Antialiased bicubic of the 8-bit image, rounded to 8 bits; sides // scale.

    MATLAB's imresize, the low resolution of the super-resolution literature. Uses no randomness.
    """
    del seed
    sides = tf.shape(image)[:2] // tf.cast(scale, tf.int32)
    return eight_bits(tf.image.resize(eight_bits(image), sides, "bicubic", antialias=True))


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
                f"unknown degradation {name!r}; choose from {', '.join(DEGRADATIONS)}, "
                "several with + between"
            )
        steps.append((name, *_limits(name, given.get(DEGRADATIONS[name].parameter))))
    taken = [DEGRADATIONS[name].parameter for name, _, _ in steps]
    for parameter, value in given.items():
        if value is not None and parameter not in taken:
            owner = next(k for k, d in DEGRADATIONS.items() if d.parameter == parameter)
            raise UserError(f"--{parameter} goes with --degrade={owner}, not with {names}")
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


def _mirrored(length: tf.Tensor, margin: int) -> tf.Tensor:
    """Indices -margin to length + margin, mirrored into 0 to length - 1."""
    at = tf.range(-margin, length + margin) % (2 * length)
    return tf.minimum(at, 2 * length - 1 - at)


def eight_bits(image: tf.Tensor) -> tf.Tensor:
    """An image in [0, 1] as a file of 8 bits would hold it."""
    return tf.round(tf.clip_by_value(image, 0.0, 1.0) * 255.0) / 255.0
