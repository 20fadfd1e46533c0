"""What a model serves: functions with named inputs and outputs, and what these mean."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf


class Tensor(NamedTuple):
    """An input or output of a signature.

    Attributes:
      shape: without the batch axis; None is any length.
      meaning: in words, for whoever calls.
      range: lowest and highest value, both included; None where there is none. Integers need one.
      dtype: float32, or int32 for what is counted.
    """

    shape: tuple[int | None, ...]
    meaning: str
    range: tuple[float, float] | None = None
    dtype: str = "float32"

    @property
    def is_image(self) -> bool:
        """Whether an image file holds it: float32 [height, width, 1 or 3] in [0, 1]."""
        kind = len(self.shape), self.range, self.dtype
        return kind == (3, (0.0, 1.0), "float32") and self.shape[-1] in (1, 3)


class Signature(NamedTuple):
    """`function(**inputs) -> {name: tensor}`, all with a batch axis in front."""

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]

    def specs(self, batch: int | None = None, side: int | None = None) -> dict[str, tf.TensorSpec]:
        """Input specs by name; free sides are fixed to `side`, where given."""
        return {
            name: tf.TensorSpec([batch, *(n or side for n in tensor.shape)], tensor.dtype, name)
            for name, tensor in self.inputs.items()
        }
