import numpy as np
import pytest
import tensorflow as tf

from zoo.images import masks


@pytest.mark.parametrize("shape", [*masks.SHAPES, "any"])
@pytest.mark.parametrize("area", [0.01, 0.2, 0.4])
def test_a_hole_has_the_area_asked_for(shape, area):
    for i in range(5):
        mask = masks.mask(tf.constant([i, 1]), 40, 50, shape, area).numpy()
        assert mask.shape == (40, 50, 1)
        assert set(np.unique(mask)) == {0, 1}
        assert mask.sum() == 2000 * area


def test_the_same_seed_gives_the_same_hole_and_another_another():
    one, again, other = (
        masks.mask(tf.constant([0, i]), 32, 32, "any", 0.2).numpy() for i in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_the_center_is_a_square_in_the_middle():
    mask = masks.mask(tf.constant([0, 0]), 32, 32, "center", 0.25).numpy()[..., 0]
    assert mask[8:24, 8:24].all()


def test_something_is_always_left():
    assert masks.mask(tf.constant([0, 0]), 3, 3, "center", 1.0).numpy().sum() == 8
    assert masks.mask(tf.constant([0, 0]), 3, 3, "center", 0.0).numpy().sum() == 1
