import numpy as np
import pytest
import tensorflow as tf

from zoo.images import defects


@pytest.fixture(scope="module")
def painted():
    image = np.random.default_rng(0).normal(0.5, 0.05, [48, 40, 3]).clip(0, 1).astype(np.float32)
    paint = tf.function(defects.painted)
    return image, [paint(image, tf.constant([seed, 7])) for seed in range(60)]


def test_a_picture_changes_where_the_mask_says_and_hardly_elsewhere(painted):
    image, results = painted
    for result, mask in results:
        change = np.abs(result - image).max(-1)
        assert change[mask[..., 0] == 0].max() <= 9 * defects.UNSEEN + 1e-6  # one pixel of nine
        assert set(np.unique(mask)) <= {0.0, 0.5, 1.0}
        assert np.min(result) >= 0
        assert np.max(result) <= 1


def test_some_pictures_stay_as_they_were_and_defects_come_in_all_sizes(painted):
    image, results = painted
    shares = np.array([float(tf.reduce_mean(mask)) for _, mask in results])
    untouched = [
        seed for seed, (result, _) in enumerate(results) if (result.numpy() == image).all()
    ]
    assert 10 <= len(untouched) <= 35
    assert (shares[untouched] == 0).all()
    assert shares[shares > 0].min() < 0.01 < 0.2 < shares.max()


def test_the_same_seed_paints_the_same(painted):
    image, results = painted
    for one, other in zip(defects.painted(image, tf.constant([3, 7])), results[3], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
