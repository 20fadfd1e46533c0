import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from zoo.data import embedded, foreign


@pytest.fixture(scope="module", params=["uint8", "float32"])
def photographs(request):
    source = embedded.load("photos", "train", None, 3)

    def record(index):
        corner = 40 * index
        image = source.record(0)["image"][corner : corner + 32, :40]
        return {"image": image if request.param == "uint8" else tf.cast(image, tf.float32) / 255}

    return dataclasses.replace(source, record=record)


def pictures(source, name, index=0):
    """One as it is and as it is changed, both in [0, 1]."""
    pair = [
        part.record(tf.constant(index, tf.int64))["image"] for part in foreign.pair(source, name)
    ]
    assert pair[0].dtype == pair[1].dtype
    one, other = (x.numpy() / (1.0 if x.dtype.is_floating else 255.0) for x in pair)
    assert one.shape == other.shape or name == "rotate"
    return one, other


def test_inverted_twice_is_the_same(photographs):
    one, other = pictures(photographs, "invert")
    np.testing.assert_allclose(1 - other, one, atol=1e-6)


def test_gray_has_each_pixels_mean(photographs):
    one, other = pictures(photographs, "gray")
    np.testing.assert_allclose(other, one.mean(2, keepdims=True).repeat(3, 2), atol=0.51 / 255)


def test_constant_has_the_mean_color_everywhere(photographs):
    one, other = pictures(photographs, "constant")
    assert np.ptp(other, (0, 1)).max() == 0
    np.testing.assert_allclose(other[0, 0], one.mean((0, 1)), atol=0.51 / 255)


def test_noise_is_uniform_and_another_for_each_picture(photographs):
    one, again, next_one = (pictures(photographs, "noise", i)[1] for i in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert (one != next_one).mean() > 0.9
    shares = np.histogram(one, 4, (0, 1))[0] / one.size
    np.testing.assert_allclose(shares, 0.25, atol=0.04)
