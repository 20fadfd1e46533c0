import numpy as np
import pytest
import tensorflow as tf

from zoo import degrade
from zoo.cli import UserError

GRAY = tf.fill([200, 200, 3], 0.5)
SEED = tf.constant([3, 4])


def test_gaussian_has_its_stddev_and_is_not_clipped():
    noise = degrade.gaussian(GRAY, SEED, 100.0).numpy()
    assert noise.std() * 255 == pytest.approx(100, rel=0.01)
    assert noise.min() < 0
    assert noise.max() > 1


def test_poisson_has_the_variance_of_counting():
    noise = degrade.poisson(GRAY, SEED, 20.0).numpy()
    assert noise.mean() == pytest.approx(0.5, rel=0.01)
    assert noise.var() == pytest.approx(0.5 / 20, rel=0.03)


def test_salt_and_pepper_hit_whole_pixels_half_and_half():
    noise = degrade.salt_pepper(GRAY, SEED, 0.2).numpy()
    assert (noise == 0).all(-1).mean() == pytest.approx(0.1, abs=0.005)
    assert (noise == 1).all(-1).mean() == pytest.approx(0.1, abs=0.005)
    assert (noise == 0.5).all(-1).mean() == pytest.approx(0.8, abs=0.01)


def test_jpeg_is_worse_at_lower_quality(photograph):
    image = tf.constant(photograph, tf.float32) / 255

    def error(quality):
        return float(tf.reduce_mean(tf.square(degrade.jpeg(image, SEED, quality) - image)))

    assert error(10.0) > 2 * error(60.0) > 0


@pytest.mark.parametrize("kind", degrade.NOISES)
def test_the_same_seed_gives_the_same_noise(kind, photograph):
    image = tf.constant(photograph[:40, :50], tf.float32) / 255
    strength = [degrade.NOISES[kind].default / 2, degrade.NOISES[kind].default]
    one = degrade.noisy(image, SEED, kind, strength)
    np.testing.assert_array_equal(one, degrade.noisy(image, SEED, kind, strength))
    assert one.shape == image.shape


def test_a_blind_range_draws_every_strength():
    stddevs = [
        float(tf.math.reduce_std(degrade.noisy(GRAY, tf.constant([0, i]), "gaussian", [0, 55])))
        for i in range(40)
    ]
    assert min(stddevs) * 255 < 10
    assert max(stddevs) * 255 > 45


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("rain", {}, "unknown noise 'rain'"),
        ("jpeg", {"noise_stddev": 25.0}, "--noise_stddev goes with --noise=gaussian"),
        ("gaussian", {"noise_stddev": [30, 10]}, "must be low,high"),
        ("gaussian", {"noise_stddev": 300.0}, "within 0 to 255"),
    ],
)
def test_a_wrong_strength_is_explained(kind, given, message):
    nothing = dict.fromkeys([n.parameter for n in degrade.NOISES.values()])
    with pytest.raises(UserError, match=message):
        degrade.check_strength(kind, nothing | given)
