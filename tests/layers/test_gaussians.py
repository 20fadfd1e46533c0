import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from zoo.layers.gaussians import Gaussians


@pytest.fixture
def maps():
    """5,000 maps of 2x3 places, each with a mean and a covariance of its own."""
    random = np.random.default_rng(0)
    mix, mean = random.normal(size=[2, 3, 4, 4]), random.normal(size=[2, 3, 4])
    return mean + np.einsum("nyxi,yxij->nyxj", random.normal(size=[5000, 2, 3, 4]), mix)


def test_the_distance_is_mahalanobis_at_each_place(maps):
    layer = Gaussians(2, 3, 4)
    layer.fit(maps)
    there = maps[:, 1, 2]
    inverse = np.linalg.inv(np.cov(there.T))
    expected = [mahalanobis(x, there.mean(0), inverse) ** 2 / 4 for x in there[:10]]
    found = layer(maps[:10].astype("float32"))
    assert found.shape == (10, 2, 3, 1)
    np.testing.assert_allclose(found[:, 1, 2, 0], expected, rtol=0.02)


def test_what_is_good_at_one_place_is_far_at_another(maps):
    layer = Gaussians(2, 3, 4)
    layer.fit(maps)
    at_home, turned = (np.asarray(layer(x.astype("float32"))) for x in (maps, maps[:, ::-1]))
    assert at_home.mean() == pytest.approx(1, rel=0.1)  # drawn towards each other
    assert turned.mean() > 3


def test_three_maps_are_enough(maps):
    layer = Gaussians(2, 3, 4)
    layer.fit(maps[:3])
    distance = np.asarray(layer(maps[3:103].astype("float32")))
    assert np.isfinite(distance).all()
    assert distance.min() >= 0
