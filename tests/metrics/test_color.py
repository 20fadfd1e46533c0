import numpy as np
import pytest
from skimage.color import rgb2lab

from zoo.metrics.color import chroma_auc, chroma_mae, colorfulness


def test_colorfulness_by_its_definition(photograph):
    image = photograph[:50, :60].astype(np.float64)
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    opponents = red - green, 0.5 * (red + green) - blue
    spread = np.hypot(*(o.std() for o in opponents))
    expected = spread + 0.3 * np.hypot(*(o.mean() for o in opponents))
    found = colorfulness(photograph[None, :50, :60] / np.float32(255))
    assert float(found[0]) == pytest.approx(expected, rel=1e-4)
    gray = np.full([1, 4, 4, 3], 0.3, np.float32)
    assert float(colorfulness(gray)[0]) == pytest.approx(0, abs=1e-4)


def test_chroma_mae_agrees_with_scikit_image(photograph):
    a, b = photograph[:40, :40] / np.float32(255), photograph[40:80, :40] / np.float32(255)
    expected = np.abs(rgb2lab(a) - rgb2lab(b))[..., 1:].mean()
    assert float(chroma_mae(a[None], b[None])[0]) == pytest.approx(expected, rel=1e-3)


def test_chroma_auc_is_the_area_under_the_shares(photograph):
    a, b = photograph[:40, :40] / np.float32(255), photograph[40:80, :40] / np.float32(255)
    distance = np.linalg.norm((rgb2lab(a) - rgb2lab(b))[..., 1:], axis=-1)
    limits = np.linspace(0, 150, 1501)
    area = np.trapezoid([(distance <= limit).mean() for limit in limits], limits) / 150
    assert float(chroma_auc(a[None], b[None])[0]) == pytest.approx(100 * area, abs=0.05)
    assert float(chroma_auc(a[None], a[None])[0]) == pytest.approx(100)
