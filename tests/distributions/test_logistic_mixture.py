import itertools

import numpy as np
import pytest
import tensorflow as tf

from zoo.distributions.logistic_mixture import LogisticMixture, image, links_of, numbers_of

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


@pytest.mark.parametrize("sides", [(1, 2), (2, 1)])
def test_linked_pixels_are_still_a_distribution(sides):
    """Two gray pixels, of which the second leans on the first, beside or above it."""
    links = 0.8 * tf.ones([1, *sides, links_of(1)])
    described = tf.concat([tf.tile(numbers(1), [1, *sides, 1]), links], -1)
    pairs = np.float32(list(itertools.product(VALUES, VALUES)))
    mixture = LogisticMixture(tf.tile(described, [len(pairs), 1, 1, 1]))
    found = np.exp(np.float64(mixture.log_prob(pairs.reshape(-1, *sides, 1)))).reshape(256, 256)
    assert found.sum() == pytest.approx(1, abs=1e-4)
    alone = probabilities(numbers(1), VALUES)
    np.testing.assert_allclose(found.sum(1), alone, atol=1e-5)  # the first leans on none
    second = (found @ VALUES) / found.sum(1)
    assert second[230] - second[20] > 20


def test_links_change_no_expected_image():
    described = tf.random.stateless_normal([2, 4, 4, numbers_of(3) + links_of(3)], [0, 1])
    plain = described[..., : numbers_of(3)]
    np.testing.assert_array_equal(image(described), image(plain))
    pixels = tf.round(255 * image(plain))
    assert not np.allclose(
        LogisticMixture(described).log_prob(pixels), LogisticMixture(plain).log_prob(pixels)
    )


def test_far_values_have_finite_gradients():
    described = tf.Variable(30.0 * tf.ones([1, 1, 1, numbers_of(3)]))
    with tf.GradientTape() as tape:
        log_prob = LogisticMixture(tf.convert_to_tensor(described)).log_prob(
            tf.constant([[[[0.0, 255.0, 7.0]]]])
        )
    assert np.isfinite(log_prob).all()
    assert np.isfinite(tape.gradient(log_prob, described)).all()
