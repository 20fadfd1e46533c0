"""Small maps that follow a picture's edges."""

import numpy as np
import tensorflow as tf

from zoo.layers import guided


def test_what_is_linear_in_the_guide_comes_back_at_any_size():
    guide = np.random.default_rng(0).random([1, 40, 40, 1], np.float32)
    values = np.concatenate([2 * guide - 0.3, 0.5 - guide], -1)
    curves = guided.coefficients(guide, values, epsilon=1e-6)
    np.testing.assert_allclose(guided.follow(curves, guide), values, atol=1e-3)


def test_colors_end_where_the_guide_has_its_edge():
    edge = 67  # of 160 pixels: within a pixel of the small map
    guide = np.zeros([1, 160, 160, 1], np.float32)
    guide[:, :, edge:] = 0.8
    small = tf.image.resize(guide, [20, 20], antialias=True)
    color = tf.cast(small > 0.4, tf.float32)
    curves = tf.image.resize(guided.coefficients(small, color), [160, 160])
    found = np.asarray(guided.follow(curves, guide))[0, 80, :, 0]
    step = np.abs(np.diff(found))
    assert step.argmax() == edge - 1
    assert step.max() > 0.8
    assert np.sort(step)[-2] < 0.05  # elsewhere nearly flat, where bilinear makes a ramp


def test_a_flat_guide_gives_the_values_smoothed():
    guide = np.full([1, 20, 20, 1], 0.5, np.float32)
    values = np.random.default_rng(0).random([1, 20, 20, 2], np.float32)
    found = guided.follow(guided.coefficients(guide, values), guide)
    twice = tf.nn.avg_pool2d(tf.nn.avg_pool2d(values, 5, 1, "SAME"), 5, 1, "SAME")
    np.testing.assert_allclose(found, twice, atol=1e-4)
