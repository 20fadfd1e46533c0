"""What goes wrong with pictures, as pure functions.

Each takes a clean image, float32 [height, width, channels] in [0, 1], a stateless seed,
int32 [2], and a strength, and returns the degraded image. The same seed gives the same
picture. Noise is neither clipped nor rounded, as the denoising literature has it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from zoo.cli import UserError


def gaussian(image: tf.Tensor, seed: tf.Tensor, stddev: tf.Tensor) -> tf.Tensor:
    """Adds white Gaussian noise; `stddev` on the 0 to 255 scale."""
    return image + stddev / 255.0 * tf.random.stateless_normal(tf.shape(image), seed)


def poisson(image: tf.Tensor, seed: tf.Tensor, peak: tf.Tensor) -> tf.Tensor:
    """Shot noise of a sensor that counts `peak` photons, on average, for white."""
    counts = tf.random.stateless_poisson(tf.shape(image), seed, image * peak, tf.float32)
    return counts / peak


def salt_pepper(image: tf.Tensor, seed: tf.Tensor, amount: tf.Tensor) -> tf.Tensor:
    """Turns a share `amount` of the pixels black or white, half each."""
    chance = tf.random.stateless_uniform(tf.concat([tf.shape(image)[:2], [1]], 0), seed)
    image = tf.where(chance < amount / 2, 0.0, image)
    return tf.where(chance > 1 - amount / 2, 1.0, image)


def jpeg(image: tf.Tensor, seed: tf.Tensor, quality: tf.Tensor) -> tf.Tensor:
    """Compresses as JPEG and back; `quality` from 1 to 100. Uses no randomness."""
    del seed
    return tf.image.adjust_jpeg_quality(image, tf.cast(tf.round(quality), tf.int32))


class Noise(NamedTuple):
    function: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    parameter: str  # the argument and flag that carries its strength
    default: float
    limits: tuple[float, float]


NOISES = {
    "gaussian": Noise(gaussian, "noise_stddev", 25.0, (0.0, 255.0)),
    "poisson": Noise(poisson, "noise_peak", 30.0, (0.1, 1e6)),
    "salt_pepper": Noise(salt_pepper, "noise_amount", 0.1, (0.0, 1.0)),
    "jpeg": Noise(jpeg, "jpeg_quality", 30.0, (1.0, 100.0)),
}


def noisy(image: tf.Tensor, seed: tf.Tensor, kind: str, strength: Sequence[float]) -> tf.Tensor:
    """Adds noise of one kind, its strength drawn uniformly from `strength` = (low, high)."""
    strength_seed, noise_seed = tf.unstack(tf.random.split(seed, 2))
    low, high = strength
    drawn = tf.random.stateless_uniform([], strength_seed, low, high) if low < high else low
    return NOISES[kind].function(image, noise_seed, drawn)


def check_strength(kind: str, given: dict[str, float | Sequence[float] | None]) -> list[float]:
    """Returns the (low, high) that belongs to `kind`.

    Args:
      kind: a name in NOISES.
      given: strengths by parameter name; one number is both ends, None is not given.

    Raises:
      UserError: unknown kind, a strength of another kind, or one out of its limits.
    """
    if kind not in NOISES:
        raise UserError(f"unknown noise {kind!r}; choose one of {', '.join(NOISES)}")
    noise = NOISES[kind]
    for parameter, value in given.items():
        if value is not None and parameter != noise.parameter:
            owner = next(k for k, n in NOISES.items() if n.parameter == parameter)
            raise UserError(
                f"--{parameter} goes with --noise={owner}; --noise={kind} takes --{noise.parameter}"
            )
    value = given[noise.parameter]
    value = noise.default if value is None else value
    low, high = value if isinstance(value, Sequence) else (value, value)
    smallest, largest = noise.limits
    if not smallest <= low <= high <= largest:
        raise UserError(
            f"--{noise.parameter}={low:g},{high:g} must be low,high within {smallest:g} to "
            f"{largest:g}"
        )
    return [float(low), float(high)]
