"""Can a model of p(x) tell foreign images from those it was trained on?"""

import io
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf
from PIL import Image

from zoo.cli import UserError
from zoo.data import pipeline
from zoo.data.source import Source
from zoo.files import levels
from zoo.metrics.classification import auroc

if TYPE_CHECKING:
    from zoo.models.base import Model

BATCH = 100


def evaluate_anomaly(
    model: "Model", source: Source, foreign: Source, seed: int = 0, limit: int | None = None
) -> dict[str, dict]:
    """The area under the ROC curve of "foreign" by the model's anomaly score.

    Args:
      model: one that serves `anomaly_score`.
      source: held-out images of the kind that it was trained on.
      foreign: others; scaled, and made gray or RGB, as the model takes them.
      seed: of binarization and of the posterior's noise.
      limit: at most so many images of each.

    Returns:
      {"auroc": {"model", "baseline", "unit", "peers"}}. The baseline is the density of
      probabilistic PCA; the peers are the complexity-corrected score and complexity alone.

    Raises:
      UserError: where the model gives no anomaly score, or one source is empty.
    """
    if "anomaly_score" not in model.signatures():
        raise UserError(
            f"a {model.registered_name} model gives no anomaly score (no such signature)"
        )
    inside, outside = (scores(model, images, seed, limit) for images in (source, foreign))
    found = {name: auroc(inside[name], outside[name]) for name in inside}
    return {
        "auroc": {
            "model": found.pop("model"),
            "baseline": found.pop("baseline"),
            "unit": "",
            "peers": found,
        }
    }


def scores(
    model: "Model", source: Source, seed: int = 0, limit: int | None = None
) -> dict[str, np.ndarray]:
    """How foreign each image is, in nats [count], by name of the method."""
    if source.size == 0:
        raise UserError(f"the split of {source.name} to score is empty; widen --split")
    found: dict[str, list[np.ndarray]] = {}
    noise_shape = model.signatures()["anomaly_score"].inputs["noise"].shape
    images = np.stack(pipeline.sample_images(source, model, limit or source.size))
    for i, gray in enumerate(np.split(images, range(BATCH, len(images), BATCH))):
        seeds = tf.random.split(tf.constant([seed, i]))
        image = model.binarize(tf.constant(gray), seeds[0])
        noise = tf.random.stateless_normal([len(gray), *noise_shape], seeds[1])
        score = model.serve["anomaly_score"]({"image": image, "noise": noise})["score"].numpy()
        bits = complexity(image.numpy())
        for name, values in {
            "model": score,
            "baseline": -model.linear.log_prob(gray).numpy(),
            "complexity corrected": score - bits,
            "complexity": bits,
        }.items():
            found.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in found.items()}


def complexity(images: np.ndarray) -> np.ndarray:
    """The length of each image as a PNG, in nats [count] (Serra et al. 2020, equation 1).

    Their score is the model's minus this: a smooth image is likely under any model, and tells
    nothing of what this one has learned.

    Args:
      images: [count, h, w, 1 or 3] in [0, 1].
    """
    pixels = levels.from_float(images)
    return np.array([_png_bytes(image) for image in pixels]) * 8 * np.log(2)


def _png_bytes(pixels: np.ndarray) -> int:
    stream = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
        stream, "PNG", optimize=True
    )
    return stream.tell()
