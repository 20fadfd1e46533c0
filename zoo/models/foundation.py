"""What every model can do, from what it declares: `zoo.models.base.Model` stands on it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from zoo.cli import UserError
from zoo.files import levels
from zoo.models.keras_fit import KerasFit


class Foundation(KerasFit):
    """Everything about a model that follows from its declarations."""

    def __init__(self, **kwargs):
        # Inputs stay float32 under mixed precision; each layer casts for itself.
        super().__init__(autocast=False, **kwargs)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """`call`, also of arrays of uint8, uint16, bool and any floats, as `restore` takes them.

        Floats may lie beyond [0, 1] here, as those of noisy pictures do.
        """
        return super().__call__(tf.nest.map_structure(_as_numbers, inputs), *args, **kwargs)

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the constructor's arguments, those that its parents take included."""
        found = []
        for parent in cls.__mro__[: cls.__mro__.index(Foundation)]:
            given = inspect.signature(parent.__init__).parameters.values()
            found += [p.name for p in given if p.name != "self" and p.kind != p.VAR_KEYWORD]
        return list(dict.fromkeys(found))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-able."""
        values = {name: getattr(self, name) for name in self.parameters()}
        return {k: list(v) if isinstance(v, list | tuple) else v for k, v in values.items()}

    def get_build_config(self) -> dict[str, Any]:
        """For Keras's own files: the arguments say all that building needs."""
        return {"by_example": True}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """What Keras calls before it reads the weights of a `.keras` file."""
        self.build_on_example()

    def export(self, *args: Any, **kwargs: Any) -> None:
        """Keras's own is not ours: it would fix the pictures' size, and know no signatures."""
        raise UserError(
            "model.export() would write a SavedModel for pictures of one size, without signatures; "
            "`python -m export --run=RUN --output_dir=artifacts` writes all formats"
        )

    def check_sides(self, height: int, width: int) -> None:
        """Raises UserError where images of these sides are too small for the network."""
        if min(height, width) < self.stride:
            raise UserError(
                f"images of {width}x{height} pixels are too small: this {self.registered_name} "
                f"model needs at least {self.stride}x{self.stride}"
            )

    def build_on_example(self) -> None:
        """Creates the weights, by calling the model on one example of a black image.

        As in training, which is quicker where a model is judged by more than it is trained on.
        """
        self.built = True  # or Keras would trace the call before
        self(self.blank_inputs(), training=True)

    def blank_inputs(self, batch: int = 1) -> Any:
        """The inputs of an example of a black image, `batch` times."""
        inputs, _ = self._blank_example()
        return tf.nest.map_structure(lambda x: tf.stack([x] * batch), inputs)

    def _blank_example(self) -> tuple[Any, Any]:
        height, width = self.image_size or [2 * self.stride * self.scale] * 2
        image = tf.zeros([height, width, self.channels])
        record = {"image": image, "label": tf.zeros([], tf.int64)}
        return self.example(record, tf.zeros([2], tf.int32))

    @functools.cached_property
    def infer(self) -> Callable[[Any], Any]:
        """`call` outside training, as one compiled function."""
        return tf.function(
            lambda inputs: self(inputs, training=False), reduce_retracing=True, autograph=False
        )

    def endpoint(self, name: str) -> Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]:
        """A signature behind a check of rank and channels.

        A C++ server feeds what it is sent without looking at the placeholder's shape, and an
        unguarded convolution of the wrong rank aborts the whole process.
        """
        signature = self.signatures()[name]

        def call(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            shapes = {key: [None, *tensor.shape] for key, tensor in signature.inputs.items()}
            return signature.function(
                **{key: tf.ensure_shape(x, shapes[key]) for key, x in inputs.items()}
            )

        return call

    @functools.cached_property
    def serve(self) -> dict[str, Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]]:
        """Every signature, by name, as a compiled function of any batch and size."""
        return {
            name: tf.function(
                self.endpoint(name), input_signature=[signature.specs()], autograph=False
            )
            for name, signature in self.signatures().items()
        }

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The mean of the model's own `image_losses`, or else the loss that `compile` was given."""
        # With several replicas, Keras first traces this with all targets in float.
        y = tf.nest.map_structure(ops.cast, y, self._target_types)
        # They are of what training gives; where nothing uses that, the graph drops it.
        output = y_pred if training else self(x, training=True)
        own, further = self.image_losses(x, y, output), self.further_losses(x, y, output)
        if own is None:
            loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        else:
            loss = _over_replicas(own)
        return loss if further is None else loss + _over_replicas(further)

    @functools.cached_property
    def _target_types(self) -> Any:
        return tf.nest.map_structure(lambda x: x.dtype.name, self._blank_example()[1])

    def progress(self, steps: int):
        """Which share of the first `steps` training steps is done; 1 where training is over."""
        if not steps or self.is_trained or getattr(self, "optimizer", None) is None:
            return 1.0
        return tf.minimum(1.0, tf.cast(self.optimizer.iterations, tf.float32) / steps)

    def over_replicas(self, rows):
        """The [batch, ...] rows of all replicas, for what cannot be a mean of rows."""
        context = tf.distribute.get_replica_context()  # None while Keras builds the model
        if context is None or context.num_replicas_in_sync == 1:
            return rows
        return context.all_gather(rows, axis=0)


def _as_numbers(x: Any) -> Any:
    """float32 of an array or of a tensor that is there; others as they are."""
    is_there = tf.is_tensor(x) and not tf.is_symbolic_tensor(x)
    if not (isinstance(x, np.ndarray) or is_there) or x.dtype == "float32":
        return x
    array = np.asarray(x)
    levels.check_type(array, "the input")
    return levels.to_float(array)


def _over_replicas(losses):
    """Their mean, of which Keras adds the replicas' up."""
    return ops.mean(losses) / tf.distribute.get_strategy().num_replicas_in_sync
