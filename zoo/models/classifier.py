"""Classifies images by what any encoder of the zoo makes of them.

A frozen encoder under one linear layer is a linear probe (Alain and Bengio 2016): it shows
what an encoder that was trained without labels has learned.
"""

from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from zoo.baselines.class_means import ClassMeans
from zoo.cli import UserError
from zoo.layers import vectors
from zoo.metrics import classification
from zoo.models import encoder_source
from zoo.models.arguments import NonNegativeInt, PositiveInt
from zoo.models.base import Metric, Model, Signature, Tensor
from zoo.models.registry import register

MODES = "frozen", "finetune", "scratch"


@register("classifier")
class Classifier(Model):
    """Tells classes apart, on an encoder of its own or on another model's.

    Args:
      channels: 1 for gray, 3 for RGB.
      image_size: side of the images, or height and width.
      classes: how many are told apart.
      width: channels of the first level; like depth and levels, of an encoder of its own.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      init_encoder: a run or preset whose encoder is taken instead, with its weights. (The
        constructor gets its model; in a saved config, that model's name and config.)
      encoder_mode: of that encoder: frozen, finetune, or scratch for fresh weights.
      encoder_rate: factor on the learning rate of an encoder that is finetuned.
      dropout: share of the features left out at random in training (Srivastava et al. 2014);
        with few labels, it keeps the last layer from leaning on a few of them.
    """

    headline = "accuracy"
    from_runs = ("init_encoder",)
    tiny: ClassVar = {"image_size": 8, "width": 8, "levels": 1}

    def __init__(
        self,
        channels: PositiveInt = 1,
        image_size: int | list[int] = 28,
        classes: PositiveInt = 10,
        width: PositiveInt = 32,
        depth: PositiveInt = 1,
        levels: NonNegativeInt = 2,
        init_encoder: Model | dict[str, Any] | None = None,
        encoder_mode: str = "finetune",
        encoder_rate: float = 0.1,
        dropout: float = 0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if encoder_mode not in MODES:
            raise UserError(f"unknown --encoder_mode={encoder_mode}; choose {', '.join(MODES)}")
        if encoder_mode == "frozen" and init_encoder is None:
            raise UserError("--encoder_mode=frozen needs --init_encoder, a run or a preset")
        if not 0 <= dropout < 1:
            raise UserError(f"--dropout={dropout:g} must be at least 0 and below 1")
        self.channels, self.classes, self.dropout = channels, classes, dropout
        self.width, self.depth, self.levels = width, depth, levels
        self.encoder_mode, self.encoder_rate = encoder_mode, encoder_rate
        if init_encoder is None:
            self.init_encoder = None
            self.image_size, self.stride = vectors.sides(image_size, levels), 2**levels
            own = vectors.pooled_encoder(width, depth, levels)
            self.encoder, self.encode = [own], lambda images: own(images)
        else:
            self.image_size = [image_size] * 2 if isinstance(image_size, int) else image_size
            source, self.init_encoder = encoder_source.source(
                init_encoder, encoder_mode == "scratch"
            )
            encoder_source.check(source, self.image_size, channels)
            # A method is no layer to Keras, so that the source's decoder stays outside.
            self.encoder, self.encode = source.feature_layers(), source.features
            for layer in self.encoder:
                layer.trainable = encoder_mode != "frozen"

        shape = [*self.image_size, channels]
        count = self.encode(tf.zeros([1, *shape])).shape[-1]
        fixed = {"trainable": False, "dtype": "float32"}
        self.feature_mean = self.add_weight([count], "zeros", name="feature_mean", **fixed)
        self.feature_stddev = self.add_weight([count], "ones", name="feature_stddev", **fixed)
        self.class_means = ClassMeans(classes, shape, name="class_means")
        self.drop = keras.layers.Dropout(dropout, dtype="float32", name="drop")
        self.head = keras.layers.Dense(classes, dtype="float32", name="head")

    def get_config(self):
        return super().get_config() | {"init_encoder": self.init_encoder}

    def features(self, images):
        """[b, h, w, c] in [0, 1] -> [b, d], standardized over the first training images."""
        return (self.encode(images) - self.feature_mean) / self.feature_stddev

    def feature_layers(self):
        return [*self.encoder]

    def call(self, inputs, training=False):
        """[b, h, w, c] -> logits [b, classes]."""
        return self.head(self.drop(self.features(inputs), training=training))

    def image_losses(self, inputs, target, output):
        return classification.nll(target, output)

    def learning_rate_factor(self, variable):
        slow = [] if self.init_encoder is None or self.encoder_mode == "scratch" else self.encoder
        theirs = [v for layer in slow for v in layer.trainable_variables]
        return self.encoder_rate if any(v is variable for v in theirs) else 1.0

    def example(self, record, seed):
        del seed
        return record["image"], record["label"]

    def check_source(self, source):
        source.require_labels()
        if len(source.class_names) > self.classes:
            raise UserError(
                f"{source.name} has {len(source.class_names)} classes, "
                f"and this classifier tells {self.classes} apart"
            )

    def adapt(self, images, labels=None):
        """Fits the class means that are the baseline, and the scale of features."""
        images = np.stack(images)
        parts = [self.encode(images[i : i + 100]) for i in range(0, len(images), 100)]
        features = np.concatenate(parts)
        stddev = features.std(0)
        self.feature_mean.assign(features.mean(0))
        # A feature that hardly changes is not blown up.
        self.feature_stddev.assign(np.maximum(stddev, 0.01 * stddev.max()) + 1e-6)
        if labels is not None:
            self.class_means.fit(images, labels)

    def baseline(self, inputs):
        """The class whose mean picture is nearest, as logits of normal densities."""
        return self.class_means.logits(inputs)

    def eval_metrics(self):
        def top5(labels, logits):
            return classification.accuracy(labels, logits, 5)

        return {
            "accuracy": Metric(classification.accuracy, "%"),
            **({"top5": Metric(top5, "%")} if self.classes >= 10 else {}),
            "nll": Metric(classification.nll, "nats", False),
            "calibration_error": Metric(
                classification.confidence, "%", False, reduce=classification.calibration_error
            ),
        }

    def signatures(self):
        image = {"image": Tensor((*self.image_size, self.channels), "image", (0.0, 1.0))}
        probabilities = Tensor((self.classes,), "probability of each class", (0.0, 1.0))
        features = Tensor((self.feature_mean.shape[0],), "features before the last layer")
        return {
            "classify": Signature(
                lambda image: {"probabilities": ops.softmax(self(image))},
                image,
                {"probabilities": probabilities},
            ),
            "features": Signature(
                lambda image: {"features": self.features(image)}, image, {"features": features}
            ),
        }

    def served(self, serve, inputs):
        """Probabilities, which the likeliest class has in common with logits."""
        return serve("classify", {"image": inputs})["probabilities"]

    def preview(self, inputs, target, output):
        means = self.class_means.pictures
        return {"image": inputs, "predicted": means(tf.argmax(output, -1)), "true": means(target)}
