"""Reads factors from pictures, so that what a latent changes can be said in degrees and shares.

A small network that has learned them from a factor set, whose pictures are exact.
"""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from zoo.data.factor_set import FactorSet
from zoo.latents import encoding
from zoo.layers import vectors
from zoo.models.latent import Latent

BATCH, STEPS = 64, 2000  # of what it learns from


@dataclass
class Reader:
    """Reads every factor of a set but those without an order."""

    factor_set: FactorSet
    network: keras.Model

    def read(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Images [n, h, w, c] in [0, 1] -> each factor's value in steps, float [n]."""
        told = self.network.predict(images, verbose=0)
        found, column = {}, 0
        for factor in _ordered(self.factor_set):
            if factor.periodic:
                angle = np.arctan2(told[:, column], told[:, column + 1])
                found[factor.name] = angle / (2 * np.pi) * factor.size % factor.size
            else:
                found[factor.name] = told[:, column] * (factor.size - 1)
            column += 2 if factor.periodic else 1
        return found

    def errors(self, count: int = 1000, seed: int = 1) -> dict[str, float]:
        """The mean distance from the truth, in steps, over pictures drawn by the seed."""
        images, factors = _pictures(self.factor_set, count, seed)
        found = {}
        for name, values in self.read(images).items():
            place = [f.name for f in self.factor_set.factors].index(name)
            apart = np.abs(values - factors[:, place])
            size = self.factor_set.factors[place].size
            if self.factor_set.factors[place].periodic:
                apart = np.minimum(apart, size - apart)
            found[name] = float(apart.mean())
        return found


def trained(
    factor_set: FactorSet, steps: int | None = None, width: int = 16, seed: int = 0
) -> Reader:
    """Learns from `steps` batches of pictures, STEPS where not given, drawn by the seed."""
    steps = steps or STEPS
    keras.utils.set_random_seed(seed)
    outputs = sum(2 if factor.periodic else 1 for factor in _ordered(factor_set))
    network = keras.Sequential([vectors.encoder(outputs, width, 1, 3)])
    network.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), "mse"
    )
    network.fit(_batches(factor_set, seed).take(steps), shuffle=False, verbose=0)
    return Reader(factor_set, network)


def movements(
    model: Latent,
    reader: Reader,
    count: int = 16,
    steps: int = 9,
    reach: float = 2.0,
    seed: int = 2,
) -> list[dict[str, float]]:
    """How far each latent moves each factor, as shares of its range, median over pictures.

    Args:
      model: of pictures of the reader's set.
      reader: trained.
      count: pictures around which each latent is moved, drawn by the seed.
      steps: of a move.
      reach: how far it goes to either side, in standard deviations of the prior, or of the codes.

    Returns:
      A dictionary for each latent: factor -> share; a periodic one that turns once has 1.
    """
    images, _ = _pictures(reader.factor_set, count, seed)
    codes = encoding.encoder(model)(images)
    mean, stddev = encoding.spread(model, lambda: codes)
    decode, found = encoding.decoder(model), []
    for latent in range(codes.shape[1]):
        moved = np.repeat(codes[:, np.newaxis], steps, 1)
        moved[:, :, latent] = mean[latent] + np.linspace(-reach, reach, steps) * stddev[latent]
        told = reader.read(decode(moved.reshape(-1, codes.shape[1])))
        ways = {f: told[f.name].reshape(count, steps) for f in _ordered(reader.factor_set)}
        found.append({f.name: _share(way, f) for f, way in ways.items()})
    return found


def best(shares: list[dict[str, float]], factor: str, others: float = 0.2) -> int:
    """The latent that moves `factor` most, of those that move no other by more than `others`.

    Of all latents, where there is none such.
    """
    alone = [max(v for k, v in row.items() if k != factor) <= others for row in shares]
    moved = [
        row[factor] if clean or not any(alone) else -1.0
        for row, clean in zip(shares, alone, strict=True)
    ]
    return int(np.argmax(moved))


def _share(way: np.ndarray, factor) -> float:
    """Of ways [n, steps] of a factor's values: the median range."""
    if factor.periodic:
        way = np.unwrap(way, axis=1, period=factor.size)
    return float(np.median(np.ptp(way, axis=1))) / (
        factor.size if factor.periodic else factor.size - 1
    )


def _ordered(factor_set: FactorSet) -> list:
    return [factor for factor in factor_set.factors if not factor.categorical]


def _pictures(factor_set: FactorSet, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures [n, h, w, c] in [0, 1] and their factors [n, k]."""
    factors = np.random.default_rng(seed).integers(
        factor_set.sizes, size=[count, len(factor_set.sizes)]
    )
    images = tf.map_fn(factor_set.render, tf.constant(factors), fn_output_signature=tf.uint8)
    return images.numpy().astype(np.float32) / 255.0, factors


def _batches(factor_set: FactorSet, seed: int) -> tf.data.Dataset:
    """Endless (images, targets): sine and cosine of what is periodic, else a share of the range."""
    columns = [(i, f) for i, f in enumerate(factor_set.factors) if not f.categorical]

    def pair(number):
        factors = tf.stack(
            [
                tf.random.stateless_uniform([], [seed + i, number], 0, f.size, tf.int64)
                for i, f in enumerate(factor_set.factors)
            ]
        )
        target = []
        for i, factor in columns:
            value = tf.cast(factors[i], tf.float32)
            if factor.periodic:
                angle = value * (2 * np.pi / factor.size)
                target += [tf.sin(angle), tf.cos(angle)]
            else:
                target.append(value / (factor.size - 1))
        return tf.cast(factor_set.render(factors), tf.float32) / 255.0, tf.stack(target)

    numbers = tf.data.Dataset.counter(dtype=tf.int64)
    return numbers.map(pair, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH).prefetch(2)
