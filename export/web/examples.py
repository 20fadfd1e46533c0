"""What a page shows before a person brings a picture, made by what the model declares."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from PIL import Image

from export.parity import real_images
from zoo.data import pipeline, sources
from zoo.files import levels
from zoo.latents import encoding, sampling
from zoo.models.base import Model
from zoo.models.latent import Latent

SIDES = 320, 480  # of the photograph that a model's own `example` degrades
SEED = 0, 13  # noise of sigma 17 where a model takes any up to 55, and holes like strokes
PICTURES = 8  # real ones to encode
CODES = 200  # by which the spread of latents is told, where there is no prior


class Examples(NamedTuple):
    """Pictures by name; and for latents where they lie: {"mean", "stddev"}, and which tell most,
    "order", or how many each level of a hierarchy has, "groups".
    """

    pictures: dict[str, Image.Image]
    latents: dict[str, list[float]] | None


def of(
    model: Model, data: dict[str, Any], dataset: str | None, data_dir: str | None
) -> Examples | None:
    """Examples for the page that suits the model's signatures; None where none does.

    Args:
      model: built, with its weights.
      data: of the run's config.
      dataset: another data set than the run's own.
      data_dir: where TFDS keeps its data.
    """
    signatures = model.signatures()
    if "restore" in signatures:
        return Examples(_degraded(model), None)
    if "detect" in signatures:
        return Examples(_marred(model, data, dataset, data_dir), None)
    vectors = isinstance(model, Latent) and len(model.latent_shape) == 1  # a slider for each
    if vectors and {"encode", "decode"} <= set(signatures):
        return _encoded(model, data, dataset, data_dir)
    return None


def _degraded(model: Model) -> dict[str, Image.Image]:
    """What `example` makes of the embedded photograph: the `restore` signature's pictures."""
    photograph = pipeline.float_record(sources.load("photos", "test", None, 3).record(0), model)
    image = tf.image.resize_with_crop_or_pad(photograph["image"], *SIDES)
    inputs, _ = model.example(photograph | {"image": image}, tf.constant(SEED))
    inputs = inputs if isinstance(inputs, dict) else {"image": inputs}
    declared = model.signatures()["restore"].inputs
    return {key: _picture(inputs[key]) for key, tensor in declared.items() if tensor.is_image}


def _marred(model: Model, data, dataset: str | None, data_dir: str | None) -> dict:
    """What `example` makes of a picture that was held out."""
    _, held_out = real_images.open_sources(model, data, dataset, data_dir)
    inputs, _ = model.example(pipeline.float_record(held_out.record(0), model), tf.constant(SEED))
    return {"image": _picture(inputs)}


def _encoded(model: Model, data, dataset: str | None, data_dir: str | None) -> Examples:
    """Real pictures side by side, and the spread of codes as `zoo.sample` takes it."""
    _, held_out = real_images.open_sources(model, data, dataset, data_dir)
    images = np.stack(pipeline.sample_images(held_out, model, CODES))
    codes = encoding.encoder(model)(images)
    mean, stddev = encoding.spread(model, lambda: codes)
    latents = {"mean": mean.tolist(), "stddev": stddev.tolist()}
    if model.latent_groups:
        latents["groups"] = model.latent_groups
    else:
        latents["order"] = sampling.traverse(model, codes[0], mean, stddev)[0].tolist()
    strip = np.concatenate(images[:PICTURES], axis=1)
    return Examples({"image": _picture(strip)}, latents)


def _picture(image: Any) -> Image.Image:
    pixels = levels.from_float(image)
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
