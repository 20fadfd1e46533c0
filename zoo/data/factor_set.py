"""A factor set: pictures that are an exact function of a few whole numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import tensorflow as tf


class Factor(NamedTuple):
    """One thing that varies: its value is a whole number from 0 to `size` - 1.

    Attributes:
      name: such as azimuth.
      size: number of values.
      categorical: whether the values have no order, as shapes have none.
      periodic: whether the last value is next to the first, as angles are.
    """

    name: str
    size: int
    categorical: bool = False
    periodic: bool = False


@dataclass(frozen=True)
class FactorSet:
    """Every combination of its factors, each a picture.

    Attributes:
      name: as given to `--dataset`.
      factors: the slowest first.
      image_shape: (height, width, channels).
      render: factors, int [k] -> uint8 image; pure tf ops, so that it runs inside tf.data.
    """

    name: str
    factors: tuple[Factor, ...]
    image_shape: tuple[int, int, int]
    render: Callable[[tf.Tensor], tf.Tensor]

    @property
    def sizes(self) -> list[int]:
        """Number of values, factor by factor."""
        return [factor.size for factor in self.factors]

    @property
    def size(self) -> int:
        """Number of pictures."""
        return math.prod(self.sizes)

    def factors_of(self, index: tf.Tensor) -> tf.Tensor:
        """The factors of the picture at `index`: int64 [...] -> int64 [..., k], digit by digit."""
        return tf.cast(index, tf.int64)[..., tf.newaxis] // self._strides % self.sizes

    def index_of(self, factors: tf.Tensor) -> tf.Tensor:
        """The inverse of `factors_of`."""
        return tf.reduce_sum(tf.cast(factors, tf.int64) * self._strides, -1)

    @property
    def _strides(self) -> list[int]:
        """By how much the index grows with each factor."""
        return [math.prod(self.sizes[k + 1 :]) for k in range(len(self.sizes))]
