"""Disentanglement of a model's latents, beside PCA of the same width."""

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import factor_sets, pipeline
from zoo.data.factor_set import FactorSet
from zoo.data.source import Source
from zoo.metrics.disentanglement import dci, mig, sap
from zoo.metrics.fixed_factor import beta_vae_score, factor_vae_score
from zoo.models.base import Model
from zoo.models.latent import Latent

CHUNK = 1000  # pictures in memory at a time
BATCH = 100  # pictures in the network


def evaluate_disentanglement(
    model: Model, source: Source, seed: int = 0, count: int = 10_000
) -> dict[str, dict]:
    """Scores a model's codes and its baseline's, over all pictures of a factor set.

    Args:
      model: one with latents.
      source: any split of a factor set; pictures are drawn from the whole set, as for
        published scores.
      seed: of what is drawn.
      count: pictures that are encoded, once for all scores.

    Returns:
      mig, factor_vae, beta_vae_score, sap and dci: {"model", "baseline", "unit"}.

    Raises:
      UserError: where the source has no factors, or the model no codes.
    """
    factor_set = source.factor_set
    if factor_set is None:
        raise UserError(
            f"{source.name} has no known factors to compare latents with; give --dataset="
            f"{' or '.join(factor_sets.NAMES)}"
        )
    if not isinstance(model, Latent):
        raise UserError(f"{model.registered_name} has no latent vector to compare with factors")
    sizes = factor_set.sizes
    factors = np.random.default_rng(seed).integers(sizes, size=[count, len(sizes)])
    categorical = [factor.categorical for factor in factor_set.factors]
    scores = {
        who: {
            "mig": mig(codes, factors),
            "factor_vae": factor_vae_score(codes, factors, seed=seed),
            "beta_vae_score": beta_vae_score(codes, factors, seed=seed),
            "sap": sap(codes, factors, categorical),
            "dci": dci(codes, factors, categorical, seed),
        }
        for who, codes in _codes(model, factor_set, factors).items()
    }
    return {
        name: {who: scores[who][name] for who in scores} | {"unit": ""} for name in scores["model"]
    }


def _codes(model: Latent, factor_set: FactorSet, factors: np.ndarray) -> dict[str, np.ndarray]:
    """Codes of the model and of its baseline, [n, d], of pictures with these factors."""
    encode = tf.function(
        lambda images: {"model": model.codes(images), "baseline": model.baseline_codes(images)},
        reduce_retracing=True,
    )
    found = []
    for start in range(0, len(factors), CHUNK):
        chunk = factors[start : start + CHUNK]

        def record(index: tf.Tensor, chunk=chunk) -> dict[str, tf.Tensor]:
            return {"image": factor_set.render(tf.gather(chunk, index))}

        drawn = Source(factor_set.name, "", len(chunk), factor_set.image_shape, record)
        images = np.stack(pipeline.sample_images(drawn, model, len(chunk)))
        found += [encode(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
    whole = {who: np.concatenate([codes[who] for codes in found]) for who in found[0]}
    return {who: codes.reshape(len(codes), -1) for who, codes in whole.items()}
