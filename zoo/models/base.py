"""The one contract between a model and everything else.

Training, evaluation, restoration and export are written once, against the methods of
`Model`, and never ask for a model's name.
"""

import functools
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data.source import Source
from zoo.models import registry
from zoo.models.executions import InExecutions
from zoo.models.keras_on_workers import FitOnWorkers
from zoo.models.micro_batches import InMicroBatches


class Metric(NamedTuple):
    """What a model is judged by, and its unit.

    Attributes:
      function: (target, output) -> [batch, ...]; also takes `inputs=` with `needs_inputs`.
      unit: such as dB; empty where there is none.
      higher_is_better: says which of two models wins.
      needs_inputs: whether `function` looks at the inputs, such as a mask.
      reduce: what `function` gave for all images, [count, ...] -> the metric.
    """

    function: Callable[..., tf.Tensor]
    unit: str
    higher_is_better: bool = True
    needs_inputs: bool = False
    reduce: Callable[[np.ndarray], float] = functools.partial(np.mean, dtype=np.float64)


class Tensor(NamedTuple):
    """An input or output of a signature, without the batch axis; None is any length."""

    shape: tuple[int | None, ...]
    meaning: str
    range: tuple[float, float] | None = None

    @property
    def is_image(self) -> bool:
        """Whether an image file holds it: [height, width, 1 or 3] in [0, 1]."""
        return len(self.shape) == 3 and self.shape[-1] in (1, 3) and self.range == (0.0, 1.0)


class Signature(NamedTuple):
    """What a model serves: `function(**inputs) -> {name: tensor}`, batched float32."""

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, Tensor]
    outputs: dict[str, Tensor]

    def specs(self, batch: int | None = None, side: int | None = None) -> dict[str, tf.TensorSpec]:
        """Input specs by name; free sides are fixed to `side`, where given."""
        return {
            name: tf.TensorSpec([batch, *(n or side for n in tensor.shape)], tf.float32, name)
            for name, tensor in self.inputs.items()
        }


class Model(InExecutions, FitOnWorkers, InMicroBatches):
    """An autoencoder that declares all that differs from the others.

    A constructor keeps every argument as an attribute of the same name; with them and
    the weights the model is saved whole.

    Attributes:
      channels: 1 for gray, 3 for RGB.
      image_size: [height, width], or None where any size will do.
      stride: image sides must be at least this long, and tiles a multiple of it.
      overlap: pixels by which tiles must overlap so that no seam shows.
      scale: output pixels for an input pixel, along a side.
      default_loss: the name in `zoo.training.losses` used where no --loss is given.
      headline: the metric that picks the best weights and stands in the progress bar.
      served_metric: the one that `served` can be judged by; "" for the headline.
      is_trained: set where training only goes on, so that schedules within the loss stay at
        their end.
      tiny: arguments of a version that trains in seconds on 8x8 images, for tests.
    """

    channels: int
    image_size: list[int] | None = None
    stride: int = 1
    overlap: int = 0
    scale: int = 1
    default_loss = "mse"
    headline = "psnr"
    served_metric = ""
    is_trained = False
    tiny: ClassVar[dict[str, Any]] = {}

    def __init__(self, **kwargs):
        # Inputs stay float32 under mixed precision; each layer casts for itself.
        super().__init__(autocast=False, **kwargs)

    # What a model declares.

    def example(self, record: dict[str, tf.Tensor], seed: tf.Tensor) -> tuple[Any, Any]:
        """Makes one training pair from one record.

        Args:
          record: `image`, float32 [height, width, channels] in [0, 1], and what else
            the data has (`label`, int64 []).
          seed: int32 [2]; the same seed gives the same pair.

        Returns:
          (inputs, target), without a batch axis.
        """
        raise NotImplementedError

    def baseline(self, inputs: Any) -> Any:
        """The learning-free answer to `inputs`, in the form of `call`'s output."""
        raise NotImplementedError

    def peers(self) -> dict[str, Callable[[Any], np.ndarray]]:
        """Classical methods from libraries, too slow for every validation, by name.

        Each maps a batch of inputs to outputs of `call`'s form; `zoo.evaluate --peers` asks.
        """
        return {}

    def eval_metrics(self) -> dict[str, Metric]:
        """Metrics by name. (Keras keeps `metrics` for its own running means.)"""
        raise NotImplementedError

    def signatures(self) -> dict[str, Signature]:
        """What the model serves, by name."""
        raise NotImplementedError

    def served(self, serve: Callable[..., dict[str, np.ndarray]], inputs: Any) -> Any:
        """`call`'s answer as its signatures give it, as far as `served_metric` looks at it.

        Args:
          serve: (signature's name, inputs by name) -> outputs by name, from any format.
          inputs: a batch, as `example` makes them.

        Raises:
          NotImplementedError: where no signature gives what the metric needs.
        """
        if "restore" not in self.signatures():
            raise NotImplementedError("no signature gives what the metric judges")
        return serve("restore", inputs if isinstance(inputs, dict) else {"image": inputs})["image"]

    def preview(self, inputs: Any, target: Any, output: Any) -> dict[str, tf.Tensor]:
        """Pictures for people: title -> [batch, height, width, channels] in [0, 1]."""
        raise NotImplementedError

    def adapt(self, images: list[np.ndarray], labels: np.ndarray | None = None) -> None:
        """Fits what gradients do not train, before training: a PCA, a palette.

        Args:
          images: pictures [height, width, channels] in [0, 1], at most 2,000.
          labels: int64 [count], or None where the data have none.
        """

    def features(self, images: Any) -> Any:
        """What the encoder makes of images, for a classifier to stand on.

        Args:
          images: [b, h, w, c] in [0, 1].

        Returns:
          float32 [b, d].
        """
        raise NotImplementedError

    def feature_layers(self) -> list[keras.layers.Layer]:
        """The layers that `features` computes with, and no others; none without an encoder."""
        return []

    def learning_rate_factor(self, variable: keras.Variable) -> float:
        """By how much a trainable variable's steps differ from those of the others."""
        return 1.0

    # What every model can do.

    def mean_over_replicas(self, losses):
        """The mean of [batch] losses, scaled as Keras scales its own for several replicas."""
        return keras.ops.mean(losses) / tf.distribute.get_strategy().num_replicas_in_sync

    def over_replicas(self, rows):
        """The [batch, ...] rows of all replicas, for what cannot be a mean of rows."""
        context = tf.distribute.get_replica_context()
        return rows if context.num_replicas_in_sync == 1 else context.all_gather(rows, axis=0)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, JSON-able."""
        values = {name: getattr(self, name) for name in registry.parameters(type(self))}
        return {k: list(v) if isinstance(v, list | tuple) else v for k, v in values.items()}

    def check_source(self, source: Source) -> None:
        """Raises UserError where the data lack what the model needs, such as labels."""

    def check_inputs(self, image: np.ndarray, **others: np.ndarray) -> None:
        """Raises UserError where what a person wants restored cannot be."""
        self.check_sides(*image.shape[-3:-1])

    def check_sides(self, height: int, width: int) -> None:
        """Raises UserError where images of these sides are too small for the network."""
        if min(height, width) < self.stride:
            raise UserError(
                f"images of {width}x{height} pixels are too small: this {self.registered_name} "
                f"model needs at least {self.stride}x{self.stride}"
            )

    def build_on_example(self) -> None:
        """Creates the weights, by calling the model on one example of a black image."""
        self(self.blank_inputs())

    def blank_inputs(self, batch: int = 1) -> Any:
        """The inputs of an example of a black image, `batch` times."""
        height, width = self.image_size or [2 * self.stride * self.scale] * 2
        image = tf.zeros([height, width, self.channels])
        record = {"image": image, "label": tf.zeros([], tf.int64)}
        inputs, _ = self.example(record, tf.zeros([2], tf.int32))
        return tf.nest.map_structure(lambda x: tf.stack([x] * batch), inputs)

    @functools.cached_property
    def infer(self) -> Callable[[Any], Any]:
        """`call` outside training, as one compiled function."""
        return tf.function(lambda inputs: self(inputs, training=False), reduce_retracing=True)

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
            name: tf.function(self.endpoint(name), input_signature=[signature.specs()])
            for name, signature in self.signatures().items()
        }

    def restore(self, images: np.ndarray, **inputs: np.ndarray) -> np.ndarray:
        """Restores images of any size.

        Args:
          images: [height, width, channels] or [batch, height, width, channels]; uint8
            or uint16 over their full range, or floats in [0, 1].
          **inputs: what else the `restore` signature takes, of the image's size.

        Returns:
          Images of the same kind, `scale` times as large.

        Raises:
          UserError: where the model does not restore, or the image does not fit it.
        """
        from zoo.models import tiles

        return tiles.restore(self, images, **inputs)
