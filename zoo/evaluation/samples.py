"""How near a model's samples come to real images, seen through a classifier's features.

Not the FID of papers, whose features are Inception's: numbers compare under one classifier.
"""

from typing import TYPE_CHECKING

import numpy as np

from zoo.cli import UserError
from zoo.data import pipeline
from zoo.data.source import Source
from zoo.latents import encoding, sampling
from zoo.metrics.frechet import frechet, precision_recall
from zoo.models.latent import Latent

if TYPE_CHECKING:
    from zoo.models.base import Model

CODES = 10_000  # training images for the mixture, whose fit takes longest: minutes


def evaluate_samples(
    model: "Model",
    source: Source,
    train: Source,
    classifier: "Model",
    seed: int = 0,
    count: int = 10_000,
) -> dict[str, dict]:
    """Frechet distance, precision and recall of samples against held-out images.

    Samples are the pictures that are expected at drawn latents, gray ones for a Bernoulli
    likelihood as for any other.

    Args:
      model: one that draws: with a prior, or an autoencoder that takes noise for codes.
      source: held-out images, the reference.
      train: images that the model was trained on: a mixture is fitted to their codes, and they
        are themselves compared, the best that samples could be.
      classifier: a trained one, for images of the model's shape.
      seed: of all that is drawn.
      count: images of every set; fewer where the sources have fewer.

    Returns:
      "frechet", "precision" and "recall", each {"model", "baseline", "unit", "peers"}. The
      baseline is PCA with a normal over its codes; a hierarchy has no mixture beside it.

    Raises:
      UserError: where the model does not draw, or the classifier takes other images.
    """
    if not isinstance(model, Latent):
        raise UserError(f"a {model.registered_name} model does not make pictures up")
    for one in ("image_size", "channels"):
        if getattr(model, one) != getattr(classifier, one):
            raise UserError(
                f"the classifier's {one} is {getattr(classifier, one)}, the model's "
                f"{getattr(model, one)}; give one for the same images"
            )
    count = min(count, source.size, train.size)
    noise = np.random.default_rng(seed).standard_normal([count, *model.latent_shape])
    sets = {
        "model": sampling.prior_samples(model, count, seed=seed),
        "baseline": encoding.batched(model.baseline_draw)(noise.reshape(count, -1)),
        "real images": np.stack(pipeline.sample_images(train, model, count)),
    }
    if not model.latent_groups:  # whose prior is one already, and too wide for covariances
        codes = encoding.encoded(model, train, CODES)
        sets["mixture"] = sampling.mixture_samples(model, codes, count, seed=seed)
    features = encoding.batched(classifier.features)
    real = features(np.stack(pipeline.sample_images(source, model, count)))
    found = {name: _compared(real, features(images)) for name, images in sets.items()}
    return {
        metric: {
            "model": found["model"][metric],
            "baseline": found["baseline"][metric],
            "unit": "",
            "peers": {peer: found[peer][metric] for peer in list(found)[2:]},
        }
        for metric in ("frechet", "precision", "recall")
    }


def _compared(real: np.ndarray, made: np.ndarray) -> dict[str, float]:
    precision, recall = precision_recall(real, made)
    return {"frechet": frechet(real, made), "precision": precision, "recall": recall}
