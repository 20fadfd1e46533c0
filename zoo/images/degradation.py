"""What a degradation is: a function under `@degradation`.

Each takes a clean image, float32 [height, width, channels] in [0, 1], a stateless seed,
int32 [2], and a strength, and returns the degraded image. The same seed gives the same
picture. Noise is neither clipped nor rounded, as the denoising literature has it.

The name and the help of its strength become a model's argument and a flag
(`zoo.models.degraded`); a file of them is named in `zoo.images.degradations`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tensorflow as tf


class Degradation(NamedTuple):
    """What can happen to a picture.

    Attributes:
      function: (image, seed, strength) -> image.
      parameter: name of the strength, as an argument and as a flag.
      default: the strength, or its low and high.
      limits: of the strength.
      changes_size: whether the strength is a scale, which is a matter of the network too.
      eight_bits: whether the picture comes out as a file has it, so that a restored one is
        judged as a file, too.
    """

    function: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    parameter: str
    default: float | tuple[float, float]
    limits: tuple[float, float]
    changes_size: bool
    eight_bits: bool


DEGRADATIONS: dict[str, Degradation] = {}


def degradation(
    name: str,
    default,
    limits: tuple[float, float],
    changes_size: bool = False,
    eight_bits: bool = False,
):
    """Registers a function; see `Degradation`. Its third argument is the strength."""

    def add(function: Callable) -> Callable:
        _, _, parameter = inspect.signature(function).parameters
        DEGRADATIONS[name] = Degradation(
            function, parameter, default, limits, changes_size, eight_bits
        )
        return function

    return add
