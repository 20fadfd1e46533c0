"""The one contract between a model and everything else.

Training, evaluation, restoration and export are written once, against the methods of `Model`,
and never ask for a model's name. A model with latents keeps `zoo.models.latent.Latent` too, one
that gives a picture back keeps `zoo.models.restorer.Restorer`.
"""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.models.foundation import Foundation
from zoo.models.signature import Signature, Tensor

if TYPE_CHECKING:
    from zoo.data.source import Source

__all__ = ["Metric", "Model", "Signature", "Tensor"]


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


class Model(Foundation):
    """An autoencoder that declares all that differs from the others.

    A constructor keeps every argument as an attribute of the same name; with them and
    the weights the model is saved whole. `call(inputs, training)` is the network.

    Attributes:
      channels: 1 for gray, 3 for RGB.
      image_size: [height, width], or None where any size will do.
      stride: image sides must be at least this long, and tiles a multiple of it.
      overlap: pixels by which tiles must overlap so that no seam shows.
      scale: output pixels for an input pixel, along a side.
      default_loss: the name in `zoo.training.losses` used where no --loss is given.
      headline: the metric that picks the best weights and stands in the progress bar.
      served_metric: the one that `served` can be judged by; "" for the headline.
      from_runs: constructor arguments that may name a run, and then get its model.
      after_training: constructor arguments that may change once the weights are trained, such as
        a noise's strength; zoo.evaluate has a flag for each.
      squeezes: whether pictures of any proportions are squeezed to `image_size`; else they are cut.
      settles_on: how many pictures of either kind `settle` is given at a validation.
      class_names: of the classes that a trained one tells apart, where that is known.
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
    from_runs: ClassVar[tuple[str, ...]] = ()
    after_training: ClassVar[tuple[str, ...]] = ()
    squeezes = False
    settles_on = 0
    class_names: Sequence[str] = ()
    is_trained = False
    tiny: ClassVar[dict[str, Any]] = {}

    @classmethod
    def once_trained(cls, kept: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        """The constructor's arguments of a trained model: those `kept`, but for what is `changed`.

        What is there for training's sake alone may be left out.
        """
        return kept | changed

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

    def image_losses(self, inputs: Any, target: Any, output: Any) -> Any:
        """What training minimizes, for every image. (Keras keeps `losses` for layers' own.)

        Args:
          inputs: as `example` makes them, and
          target: with a batch axis.
          output: what `call` gives for the inputs in training.

        Returns:
          [batch], averaged over the batches of all replicas; None, for the loss of --loss.
        """
        return None

    def further_losses(self, inputs: Any, target: Any, output: Any) -> Any:
        """What training minimizes beside that, [batch], of the same arguments; None for nothing."""
        return None

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

    def foreignness(self, images: np.ndarray, seed: tf.Tensor) -> dict[str, np.ndarray]:
        """How foreign each image is to what the model was trained on, [b], the higher the more.

        Args:
          images: [b, height, width, channels] in [0, 1], of `image_size`.
          seed: int32 [2], of what is drawn.

        Returns:
          Scores by the name of the method, "model" and "baseline" among them.

        Raises:
          UserError: where the model cannot tell.
        """
        raise UserError(f"a {self.registered_name} model gives no anomaly score")

    def served(self, serve: Callable[..., dict[str, np.ndarray]], inputs: Any) -> Any:
        """`call`'s answer as its signatures give it, as far as `served_metric` looks at it.

        Args:
          serve: (signature's name, inputs by name) -> outputs by name, from any format.
          inputs: a batch, as `example` makes them.

        Raises:
          NotImplementedError: where no signature gives what the metric needs.
        """
        raise NotImplementedError("no signature gives what the metric judges")

    def preview(self, inputs: Any, target: Any, output: Any) -> dict[str, tf.Tensor]:
        """Pictures for people: title -> [batch, height, width, channels] in [0, 1]."""
        raise NotImplementedError

    def adapt(self, images: list[np.ndarray], labels: np.ndarray | None = None) -> None:
        """Fits what gradients do not train, before training: a PCA, a palette.

        Args:
          images: pictures [height, width, channels] in [0, 1], at most 2,000.
          labels: int64 [count], or None where the data have none.
        """

    def settle(self, images: list[np.ndarray], held_out: list[np.ndarray]) -> None:
        """Fits what depends on the trained weights, such as a threshold, before each validation.

        Args:
          images: pictures that it was trained on, [height, width, channels] in [0, 1].
          held_out: others.
        """

    def remarks(self, metrics: dict[str, dict]) -> list[str]:
        """What a person should know of a validation's metrics, a line each."""
        return []

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

    def lasting(self, weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Of the weights in training, by name, those of the model that `once_trained` makes."""
        return weights

    def check_source(self, source: "Source") -> None:
        """Raises UserError where the data lack what the model needs, such as labels."""

    def check_training(self, source: "Source") -> None:
        """The same of what it may not be trained on, though it may be judged by it."""

    def check_inputs(self, image: np.ndarray, **others: np.ndarray) -> None:
        """Raises UserError where what a person wants restored cannot be."""
