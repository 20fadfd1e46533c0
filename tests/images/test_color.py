import numpy as np
import pytest
from skimage.color import rgb2lab

from zoo.images import color


@pytest.fixture
def picture(photograph):
    return photograph[100:160, 200:280] / np.float32(255)


def test_lab_agrees_with_scikit_image(picture):
    np.testing.assert_allclose(color.rgb_to_lab(picture), rgb2lab(picture), atol=0.02)


def test_a_gray_picture_and_its_lightness_go_both_ways():
    gray = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    lab = color.rgb_to_lab(np.repeat(gray, 3, -1))
    np.testing.assert_allclose(color.lightness(gray), lab[:, :1], atol=0.02)
    np.testing.assert_allclose(color.gray_of_lightness(color.lightness(gray)), gray, atol=1e-5)


def test_paint_undoes_rgb_to_lab(picture):
    lab = np.asarray(color.rgb_to_lab(picture))
    painted = color.paint(color.gray_of_lightness(lab[..., :1]), lab[..., 1:])
    np.testing.assert_allclose(painted, picture, atol=2e-3)


def test_lightness_is_kept_even_where_the_screen_cannot_show_the_color():
    rng = np.random.default_rng(0)
    gray = rng.uniform(0, 1, [5000, 1]).astype(np.float32)
    chroma = rng.uniform(-128, 128, [5000, 2]).astype(np.float32)
    painted = np.asarray(color.paint(gray, chroma))
    assert 0 <= painted.min() <= painted.max() <= 1
    kept = color.gray_of_lightness(np.asarray(color.rgb_to_lab(painted))[..., :1])
    assert np.abs(kept - gray).max() < 1 / 255
