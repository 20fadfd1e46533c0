import numpy as np
import pytest

import zoo
from export import artifacts
from export.parity import real_images
from tests.models.tiny import small_images
from zoo.models import tiles
from zoo.models.denoising import Denoising


def folded_model(**arguments) -> Denoising:
    """Folded 2x2, untrained, with weights that do something."""
    given = {"channels": 1, "width": 8, "depth": 1, "levels": 1, "fold": 2} | arguments
    model = zoo.create("denoising", **given)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith("kernel"):
            fan_in = np.prod(weight.shape[:-1])
            weight.assign(rng.standard_normal(weight.shape) * (0.7 / fan_in) ** 0.5)
    return model


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fold", [2, 3])
def test_folded_and_untrained_it_gives_any_picture_back(photograph, channels, fold):
    model = zoo.create("denoising", channels=channels, width=8, depth=1, fold=fold)
    assert model.stride == 4 * fold
    image = photograph[:37, :50, :channels]
    np.testing.assert_array_equal(model.restore(image), image)


def test_a_pixel_reaches_no_further_than_the_radius():
    model = folded_model()
    image = np.full([1, 96, 96, 1], 0.5, np.float32)
    other = image.copy()
    other[0, 48, 48] = 0.6
    changed = np.argwhere(np.abs(model.infer(other) - model.infer(image))[0, ..., 0] > 0)
    reached = np.abs(changed - 48).max()
    radius = model.network.radius
    # By up to a stride more or less, as the pixel lies in its square.
    assert radius - 2 * model.stride <= reached <= radius + model.stride


@pytest.mark.parametrize("shape", [(211, 260), (97, 330)])
def test_folded_tiles_show_no_seam(photograph, shape):
    model = folded_model(depth=2)
    image = photograph[: shape[0], : shape[1], :1].astype(np.float32) / 255
    whole = model.infer(image[np.newaxis]).numpy()[0]
    assert np.abs(whole - image).max() > 0.02  # the network does something
    assert np.abs(tiles.restore(model, image, tile=128) - whole).max() < 1 / 255


@pytest.mark.slow
def test_a_folded_network_is_exported_with_builtin_operators(tmp_path):
    digits = small_images(1)
    images = real_images.of(folded_model(), digits, digits, side=8, calibration=3, judged=3)
    report = artifacts.write(folded_model(), tmp_path, "folded", 1, images, 8)
    for artifact in report["artifacts"]:
        assert artifact["passed"], artifact
        assert not [op for op in artifact["operators"] or [] if op.startswith("CUSTOM")]
