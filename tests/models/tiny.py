"""Small models and images, on which every model learns something in seconds."""

import dataclasses

import keras
import tensorflow as tf

from zoo import registry
from zoo.data import sources
from zoo.data.source import Source
from zoo.models.base import Model


def tiny_model(name: str) -> Model:
    """A model's own tiny version, gray where it can be."""
    return registry.create(name, **{"channels": 1} | registry.find(name).tiny)


def moved_model(name: str) -> Model:
    """The same with weights away from the start's, in any process the same ones."""
    registry.find(name)  # imports all models, and what they import draws numbers too
    keras.utils.set_random_seed(0)
    model = tiny_model(name)
    for i, weight in enumerate(model.trainable_weights):
        # Keras' generator is not set back by `set_random_seed`; a seed of its own is.
        weight.assign_add(keras.random.normal(weight.shape, stddev=0.05, seed=i))
    return model


def small_images(channels: int, count: int = 64) -> Source:
    """8x8 digits; in color, each gray level has a color of its own."""
    digits = sources.load("digits", f"train[:{count}]")
    if channels == 1:
        return digits

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = digits.record(index)
        gray = tf.cast(found["image"], tf.float32) / 255.0
        return found | {"image": tf.concat([gray, gray**2, 0.5 * gray + 0.2], -1)}

    return dataclasses.replace(digits, image_shape=(8, 8, 3), record=record)
