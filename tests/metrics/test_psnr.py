import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from zoo.metrics.psnr import ROUNDING, psnr


def test_psnr_is_scikit_image_s():
    random = np.random.default_rng(0)
    target = random.random([3, 9, 7, 3], np.float32)
    output = target + 0.1 * random.standard_normal(target.shape, np.float32)
    expected = [
        peak_signal_noise_ratio(a, b, data_range=1) for a, b in zip(target, output, strict=True)
    ]
    np.testing.assert_allclose(psnr(target, output), expected, atol=1e-4)


def test_noise_of_25_is_20_17_db():
    noise = np.random.default_rng(0).standard_normal([1, 500, 500, 1], np.float32) * 25 / 255
    assert psnr(np.zeros_like(noise), noise).numpy()[0] == pytest.approx(20.17, abs=0.02)


def test_an_exact_image_counts_as_rounding_to_8_bits():
    random = np.random.default_rng(0).random([1, 300, 300, 1], np.float32)
    rounded = psnr(random, np.round(random * 255) / 255)
    assert float(psnr(random, random, floor=ROUNDING)[0]) == pytest.approx(58.92, abs=0.01)
    assert float(rounded[0]) == pytest.approx(58.92, abs=0.05)
