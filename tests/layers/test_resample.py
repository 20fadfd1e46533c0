"""Two products of matrices against TensorFlow's resize."""

import numpy as np
import pytest
import tensorflow as tf

from zoo.layers import resample


@pytest.mark.parametrize("sides", [(7, 9), (30, 40), (5, 33), (13, 17), (1, 1)])
def test_resizing_is_tensorflows(sides):
    image = np.random.default_rng(0).random([2, 13, 17, 3], np.float32)
    expected = tf.image.resize(image, sides, antialias=True)
    np.testing.assert_allclose(resample.resize(image, *sides), expected, atol=5e-6)


def test_a_part_is_cut_from_the_whole():
    small = np.random.default_rng(0).random([2, 6, 8, 3], np.float32)
    whole = resample.part(small, np.float32([[0, 0, 1, 1]]), 24, 40)
    np.testing.assert_allclose(whole, tf.image.resize(small, (24, 40)), atol=1e-6)
    boxes = np.float32([[3 / 24, 5 / 40, 14 / 24, 35 / 40]] * 2)
    np.testing.assert_allclose(resample.part(small, boxes, 11, 30), whole[:, 3:14, 5:35], atol=2e-6)
