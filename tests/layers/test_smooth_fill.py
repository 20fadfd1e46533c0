import numpy as np
import pytest

from zoo.images import masks
from zoo.layers.smooth_fill import smooth_fill
from zoo.models.completion import biharmonic


def slope_with_hole():
    y, x = np.mgrid[:40, :44].astype(np.float32)
    image = np.stack([x / 44, y / 40, (x + y) / 84], -1)[None]
    mask = np.zeros([1, 40, 44, 1], np.float32)
    mask[:, 12:26, 15:31] = 1
    return image, mask


def test_a_slope_goes_on_through_the_hole_and_the_rest_is_kept():
    image, mask = slope_with_hole()
    filled = np.asarray(smooth_fill(image, mask))
    np.testing.assert_array_equal(filled[mask[..., 0] == 0], image[mask[..., 0] == 0])
    assert np.abs(filled - image).max() < 0.03


def test_what_stands_in_the_hole_does_not_matter():
    image, mask = slope_with_hole()
    np.testing.assert_array_equal(smooth_fill(image, mask), smooth_fill(image * (1 - mask), mask))


@pytest.mark.parametrize("sides", [(8, 8), (9, 30), (17, 8)])
def test_any_size_will_do(sides):
    image = np.full([1, *sides, 3], 0.4, np.float32)
    mask = np.zeros([1, *sides, 1], np.float32)
    mask[:, -2:, -1] = 1
    np.testing.assert_allclose(smooth_fill(image, mask), image, atol=1e-6)


def test_it_is_about_as_good_as_the_linear_solver(photograph):
    image = photograph[None, 160:224, 260:324] / np.float32(255)
    mask = masks.mask(np.int32([0, 3]), 64, 64, "rectangles", 0.15).numpy()

    def error(filled):
        return np.square(filled - image).sum()

    ours = error(np.asarray(smooth_fill(image, mask[None])))
    assert ours < 1.3 * error(np.clip(biharmonic(image[0], mask), 0, 1)[None])
