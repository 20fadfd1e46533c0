import numpy as np
import pytest
from skimage.metrics import structural_similarity

from zoo.metrics.ssim import ssim


@pytest.mark.parametrize("channels", [1, 3])
def test_it_agrees_with_scikit_image_within_the_border(photograph, channels):
    target = photograph[None, :80, :100, :channels] / np.float32(255)
    noise = np.random.default_rng(0).normal(0, 0.1, target.shape)
    output = (0.8 * target + noise).astype(np.float32)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, full = structural_similarity(
        target[0], output[0], data_range=1.0, channel_axis=-1, full=True, **settings
    )
    # MATLAB's code has no value where the window of 11 leaves the image.
    assert float(ssim(target, output)[0]) == pytest.approx(full[5:-5, 5:-5].mean(), abs=1e-5)


def test_equal_images_reach_one_and_small_ones_have_a_value(photograph):
    small = photograph[None, :4, :9] / np.float32(255)
    assert float(ssim(small, small)[0]) == pytest.approx(1, abs=1e-6)
    assert 0 < float(ssim(small, 0.5 * small)[0]) < 0.95
