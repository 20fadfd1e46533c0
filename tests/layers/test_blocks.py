import numpy as np
import pytest
import tensorflow as tf

from zoo.layers.blocks import UNet


@pytest.mark.parametrize("fold", [1, 2])
def test_a_pixel_depends_on_what_lies_within_the_radius(fold):
    network = UNet(1, 4, 1, 1, fold)
    side = 2 * network.stride * (network.radius // network.stride + 2)
    image = tf.random.stateless_uniform([1, side, side, 1], [0, 1])
    network(image)
    for weight in network.weights:  # none is cut off by a ReLU
        weight.assign(np.full(weight.shape, 0.1))
    with tf.GradientTape() as tape:
        tape.watch(image)
        middle = network(image)[0, side // 2, side // 2, 0]
    rows = np.flatnonzero(np.any(tape.gradient(middle, image)[0, ..., 0], axis=1))
    reach = np.abs(rows - side // 2).max()
    assert network.radius - network.stride <= reach <= network.radius + network.stride
