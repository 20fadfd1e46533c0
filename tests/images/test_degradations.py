import numpy as np
import pytest
import tensorflow as tf

from zoo.cli import UserError
from zoo.images import degradations

GRAY = tf.fill([200, 200, 3], 0.5)
SEED = tf.constant([3, 4])


def test_gaussian_has_its_stddev_and_is_not_clipped():
    noise = degradations.gaussian(GRAY, SEED, 100.0).numpy()
    assert noise.std() * 255 == pytest.approx(100, rel=0.01)
    assert noise.min() < 0
    assert noise.max() > 1


def test_poisson_has_the_variance_of_counting():
    noise = degradations.poisson(GRAY, SEED, 20.0).numpy()
    assert noise.mean() == pytest.approx(0.5, rel=0.01)
    assert noise.var() == pytest.approx(0.5 / 20, rel=0.03)


def test_salt_and_pepper_hit_whole_pixels_half_and_half():
    noise = degradations.salt_pepper(GRAY, SEED, 0.2).numpy()
    assert (noise == 0).all(-1).mean() == pytest.approx(0.1, abs=0.005)
    assert (noise == 1).all(-1).mean() == pytest.approx(0.1, abs=0.005)
    assert (noise == 0.5).all(-1).mean() == pytest.approx(0.8, abs=0.01)


def test_jpeg_is_worse_at_lower_quality(photograph):
    image = tf.constant(photograph, tf.float32) / 255

    def error(quality):
        return float(tf.reduce_mean(tf.square(degradations.jpeg(image, SEED, quality) - image)))

    assert error(10.0) > 2 * error(60.0) > 0


def test_blur_keeps_the_mean_and_has_its_width():
    point = tf.scatter_nd([[20, 20, 0]], [1.0], [41, 41, 1])
    spot = degradations.blur(point, SEED, 2.0).numpy()[..., 0]
    at = np.arange(41) - 20
    assert spot.sum() == pytest.approx(1, abs=1e-5)
    assert (spot.sum(0) * at**2).sum() == pytest.approx(4, rel=0.01)
    np.testing.assert_allclose(degradations.blur(GRAY[:3, :2], SEED, 4.0), GRAY[:3, :2], atol=1e-6)


@pytest.mark.parametrize("name", degradations.DEGRADATIONS)
def test_the_same_seed_gives_the_same_picture(name, photograph):
    image = tf.constant(photograph[:40, :50], tf.float32) / 255
    steps = degradations.chain(name, {})
    one = degradations.apply(image, SEED, steps)
    np.testing.assert_array_equal(one, degradations.apply(image, SEED, steps))
    factor = 2 if name == "downscale" else 1
    assert one.shape == (40 // factor, 50 // factor, 3)
    assert np.abs(one - image[::factor, ::factor]).max() > 0.01


def test_steps_happen_in_the_order_of_their_names(photograph):
    image = tf.constant(photograph[:40, :60], tf.float32) / 255
    given = {"blur_sigma": 1.0, "scale": 4, "noise_stddev": 0.0, "jpeg_quality": 20.0}
    steps = degradations.chain("blur+downscale+noise+jpeg", given)
    by_hand = degradations.downscale(degradations.blur(image, SEED, 1.0), SEED, 4)
    by_hand = degradations.jpeg(by_hand, SEED, 20.0)
    np.testing.assert_array_equal(degradations.apply(image, SEED, steps), by_hand)
    backwards = degradations.chain("jpeg+downscale+blur", given | {"noise_stddev": None})
    assert np.abs(degradations.apply(image, SEED, backwards) - by_hand).max() > 0.02


def test_a_blind_range_draws_every_strength():
    steps = degradations.chain("noise", {"noise_stddev": [0, 55]})
    stddevs = [
        float(tf.math.reduce_std(degradations.apply(GRAY, tf.constant([0, i]), steps)))
        for i in range(40)
    ]
    assert min(stddevs) * 255 < 10
    assert max(stddevs) * 255 > 45


@pytest.mark.parametrize(
    ("names", "given", "message"),
    [
        ("rain", {}, "unknown degradation 'rain'; choose from noise, poisson"),
        ("jpeg", {"noise_stddev": 25.0}, "--noise_stddev goes with --degrade=noise, not with jpeg"),
        ("noise", {"noise_stddev": [30, 10]}, "must be low,high"),
        ("noise", {"noise_stddev": 300.0}, "within 0 to 255"),
        ("blur+noise", {"blur_sigma": 9.0}, "within 0 to 4"),
    ],
)
def test_a_wrong_strength_is_explained(names, given, message):
    with pytest.raises(UserError, match=message):
        degradations.chain(names, given)
