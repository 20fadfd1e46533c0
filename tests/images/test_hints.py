import numpy as np
import pytest
import tensorflow as tf

from zoo.cli import UserError
from zoo.images import color, hints


def test_half_of_the_pictures_are_told_nothing_and_the_others_their_own_colors():
    chroma = tf.constant(np.random.default_rng(0).normal(0, 0.3, [48, 48, 2]), tf.float32)
    told = [hints.drawn(chroma, tf.constant([0, i])).numpy() for i in range(200)]
    counts = np.array([each[..., 2].sum() for each in told])
    assert 80 < np.sum(counts == 0) < 130  # few dots may be none
    assert counts.max() > 60
    for each in told[:20]:
        where = each[..., 2] == 1
        np.testing.assert_array_equal(each[where][:, :2], chroma.numpy()[where])
        assert not each[~where].any()
    np.testing.assert_array_equal(told[7], hints.drawn(chroma, tf.constant([0, 7])))


def test_dots_of_a_picture_come_to_their_places():
    dots = np.zeros([100, 200, 4], np.uint8)
    dots[10:20, 40:60] = [200, 30, 30, 255]
    dots[90, 190] = [20, 20, 220, 255]
    told = hints.of_picture(np.float32(dots / 255), 48)
    rows, columns = np.nonzero(told[..., 2])
    assert {*rows} == {4, 5, 6, 7, 8, 9, 43}
    assert {*columns} == {9, 10, 11, 12, 13, 14, 45}
    red, blue = (
        np.asarray(color.rgb_to_lab(np.float32([[rgb]]) / 255))[0, 0, 1:] / 100
        for rgb in ([200, 30, 30], [20, 20, 220])
    )
    np.testing.assert_allclose(told[5, 10], [*red, 1], atol=1e-5)
    np.testing.assert_allclose(told[43, 45], [*blue, 1], atol=1e-5)


@pytest.mark.parametrize(
    ("dots", "message"),
    [
        (np.zeros([4, 4, 4]), "the hints show nothing"),
        (np.ones([4, 4, 4]), "the hints are nowhere transparent"),
        (np.ones([4, 4, 3]), r"hints have shape \[4, 4, 3\]; expected \[height, width, 4\]"),
    ],
)
def test_what_is_no_dots_is_told(dots, message):
    with pytest.raises(UserError, match=message):
        hints.of_picture(dots, 48)
