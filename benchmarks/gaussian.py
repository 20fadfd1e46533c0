"""Bits a dimension of one normal distribution with a full covariance: what needs no learning.

    python -m benchmarks.gaussian --dataset=cifar10 --train=train[:29000] --split=test

Pixels are spread over their level first by uniform noise, so that a density bounds the probability
of the levels (Theis et al. 2016, equation 3).
"""

import numpy as np
from absl import app, flags

from zoo.data import pipeline, sources
from zoo.data.source import Source

FLAGS = flags.FLAGS


def main(argv: list[str]) -> None:
    del argv
    random = np.random.default_rng(0)
    train, test = (
        _levels(sources.load(FLAGS.dataset, s), random) for s in (FLAGS.train, FLAGS.split)
    )
    bits = bits_per_dim(train, test)
    print(f"{len(train):,} images to fit, {len(test):,} to judge: {bits:.3f} bits a dimension")


def bits_per_dim(train: np.ndarray, test: np.ndarray) -> float:
    """Of `test` [n, d] under the normal distribution with the mean and covariance of `train`."""
    mean, dims = train.mean(0), train.shape[1]
    root = np.linalg.cholesky(np.cov(train, rowvar=False))
    white = np.linalg.solve(root, (test - mean).T)
    log_determinant = 2 * np.log(np.diag(root)).sum()
    nats = 0.5 * ((white**2).sum(0).mean() + log_determinant + dims * np.log(2 * np.pi))
    return float(nats / dims / np.log(2))


def _levels(source: Source, random: np.random.Generator) -> np.ndarray:
    """All images in rows, a level of 8 bits being 1 wide."""
    records = pipeline.whole_records(source).batch(1000).as_numpy_iterator()
    images = np.concatenate([r["image"].reshape(len(r["image"]), -1) for _, r in records])
    return np.float64(images) + random.random(images.shape)


if __name__ == "__main__":
    flags.DEFINE_string("dataset", "cifar10", "As for train.py.")
    flags.DEFINE_string("train", "train[:29000]", "What is fitted.")
    flags.DEFINE_string("split", "test", "What is judged.")
    app.run(main)
