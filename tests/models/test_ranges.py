"""Numbers of other types and ranges than a model takes: one clear line, or the right answer."""

import numpy as np
import pytest

import zoo
from tests.models.tiny import parameters, tiny_model
from zoo.cli import UserError
from zoo.models import registry
from zoo.models.restorer import Restorer
from zoo.models.variational import Variational


def names(kind: type) -> list[str]:
    return [name for name in zoo.list_models() if issubclass(registry.find(name), kind)]


@pytest.fixture(params=names(Restorer))
def given(request):
    """A restorer, and 8-bit arrays for all that its signature takes."""
    model = tiny_model(request.param)
    generator = np.random.default_rng(0)
    shapes = {key: [16, 16, tensor.shape[-1]] for key, tensor in model.takes().items()}
    arrays = {key: generator.integers(0, 256, shape, np.uint8) for key, shape in shapes.items()}
    if "mask" in arrays:
        arrays["mask"][:8] = 0  # something is known
    return model, arrays


def restored(model, arrays):
    image = arrays["image"]
    return model.restore(image, **{k: v for k, v in arrays.items() if k != "image"})


def test_bytes_words_and_floats_of_one_picture_are_restored_alike(given):
    model, arrays = given
    out = restored(model, arrays)
    words = restored(model, {k: v.astype(np.uint16) * 257 for k, v in arrays.items()})
    floats = restored(model, {k: v / np.float32(255) for k, v in arrays.items()})
    doubles = restored(model, {k: v / 255 for k, v in arrays.items()})
    assert [a.dtype for a in (out, words, floats, doubles)] == [np.uint8, np.uint16, "f4", "f4"]
    for other in (words / 257, floats * 255, doubles * 255):
        assert np.abs(out - other).max() <= 0.51


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.complex64])
def test_other_types_are_refused(given, kind):
    model, arrays = given
    arrays["image"] = arrays["image"].astype(kind)
    with pytest.raises(UserError, match=f"image has type {np.dtype(kind)}; expected uint8"):
        restored(model, arrays)


@pytest.mark.parametrize("name", parameters(names(Variational)))
@pytest.mark.parametrize("value", [255.0, -0.1, np.nan])
def test_densities_are_of_images_in_0_to_1_alone(name, value):
    model = tiny_model(name)
    images = np.zeros([2, 8, 8, 1], np.float32)
    images[1, 3, 3] = value
    for method in (model.encode, model.log_prob):
        with pytest.raises(UserError, match=r"outside \[0, 1\]|expected 0 to 1"):
            method(images)
