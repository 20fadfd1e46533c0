import numpy as np
import pytest

from benchmarks.gaussian import bits_per_dim


def test_it_is_the_entropy_of_the_distribution_that_made_the_images():
    random = np.random.default_rng(0)
    root = np.array([[3.0, 0, 0], [2.0, 1.0, 0], [-1.0, 0.5, 4.0]])
    train, test = (7 + random.standard_normal([20_000, 3]) @ root.T for _ in range(2))
    entropy = 0.5 * np.log(2 * np.pi * np.e) + np.log(np.diag(root)).sum() / 3
    assert bits_per_dim(train, test) == pytest.approx(entropy / np.log(2), abs=0.02)
