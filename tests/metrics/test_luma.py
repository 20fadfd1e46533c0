import numpy as np
import pytest
from skimage.color import rgb2ycbcr
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import zoo
from zoo.data import pipeline, sources
from zoo.metrics.luma import psnr_y, ssim_y


def test_it_agrees_with_scikit_image(photograph):
    target = photograph[None, :60, :70] / np.float32(255)
    noise = np.random.default_rng(0).normal(0, 0.05, target.shape)
    output = (target + noise).astype(np.float32)
    eight_bits = np.round(np.clip(output, 0, 1) * 255) / 255
    ours, theirs = (rgb2ycbcr(x[0])[3:-3, 3:-3, 0] for x in (target, eight_bits))
    psnr = peak_signal_noise_ratio(ours, theirs, data_range=255)
    assert float(psnr_y(target, output, border=3)[0]) == pytest.approx(psnr, abs=1e-3)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    _, full = structural_similarity(ours, theirs, data_range=255, full=True, **settings)
    assert float(ssim_y(target, output, border=3)[0]) == pytest.approx(
        full[5:-5, 5:-5].mean(), abs=1e-5
    )


@pytest.mark.parametrize(
    ("scale", "published"),
    [
        (2, 33.68),
        (3, 30.41),
        (4, 28.43),
    ],
)
def test_bicubic_scores_on_set5_as_published(images_dir, scale, published):
    model = zoo.create("super_resolution", scale=scale, size="tiny")
    psnr_y = model.eval_metrics()["psnr_y"].function
    pairs = pipeline.eval_batches(sources.load(f"folder:{images_dir / 'set5'}", ""), model)
    scores = [float(psnr_y(target, model.baseline(inputs))[0]) for inputs, target in pairs]
    assert len(scores) == 5
    assert np.mean(scores) == pytest.approx(published, abs=0.02)
