import itertools

import numpy as np
import pytest
import tensorflow as tf

from zoo.distributions.logistic_mixture import LogisticMixture, image, numbers_of

VALUES = np.arange(256, dtype=np.float32)


def numbers(channels, spread=1.0):
    """Of one pixel, [1, 1, 1, n]."""
    return spread * tf.random.stateless_normal([1, 1, 1, numbers_of(channels)], [3, channels])


def probabilities(described, pixels):
    """Of pixels [n, c] with values 0 to 255, each by itself, [n]."""
    pixels = np.reshape(pixels, [len(pixels), 1, 1, -1])
    log_prob = LogisticMixture(tf.repeat(described, len(pixels), 0)).log_prob(pixels)
    return np.exp(np.float64(log_prob))


@pytest.mark.parametrize("spread", [0.5, 3.0])
def test_the_probabilities_of_all_values_add_up_to_one(spread):
    assert probabilities(numbers(1, spread), VALUES).sum() == pytest.approx(1, abs=1e-5)


def test_those_of_all_colors_too():
    """In two channels, where there are few enough of them; the third follows the same rule."""
    colors = np.float32(list(itertools.product(VALUES, VALUES)))
    assert probabilities(numbers(2), colors).sum() == pytest.approx(1, abs=1e-4)


def test_blue_depends_on_red_and_green():
    described = numbers(3)

    def expected_blue(red, green):
        colors = np.stack([np.full(256, red), np.full(256, green), VALUES], -1)
        weights = probabilities(described, np.float32(colors))
        return (weights * VALUES).sum() / weights.sum()

    assert abs(expected_blue(20, 128) - expected_blue(230, 128)) > 1
    assert abs(expected_blue(128, 20) - expected_blue(128, 230)) > 1


def test_the_image_is_what_is_expected():
    """Of narrow logistics in the middle, which nothing cuts off."""
    described = numbers(1, 0.2)
    expected = (probabilities(described, VALUES) * VALUES).sum()
    assert 255 * float(image(described)[0, 0, 0, 0]) == pytest.approx(expected, abs=5)
    assert image(numbers(3, 9.0)).shape == (1, 1, 1, 3)
    assert np.min(image(numbers(3, 9.0))) >= 0
    assert np.max(image(numbers(3, 9.0))) <= 1


def test_far_values_have_finite_gradients():
    described = tf.Variable(30.0 * tf.ones([1, 1, 1, numbers_of(3)]))
    with tf.GradientTape() as tape:
        log_prob = LogisticMixture(tf.convert_to_tensor(described)).log_prob(
            tf.constant([[[[0.0, 255.0, 7.0]]]])
        )
    assert np.isfinite(log_prob).all()
    assert np.isfinite(tape.gradient(log_prob, described)).all()
