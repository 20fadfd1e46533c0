"""Numbers of other types and ranges than a model takes: one clear line, or the right answer."""

import numpy as np
import pytest

import zoo
from tests.models.tiny import parameters, tiny_model
from zoo.cli import UserError
from zoo.models import registry
from zoo.models.restorer import Restorer
from zoo.models.variational import Variational
from zoo.models.vector_latent import VectorLatent


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


def test_a_model_called_takes_bytes_words_and_doubles(given):
    model, arrays = given

    def called(kind):
        inputs = {name: kind(array)[np.newaxis] for name, array in arrays.items()}
        return np.asarray(model(inputs if len(inputs) > 1 else inputs["image"]))

    expected = called(lambda x: np.float32(x / 255))
    for kind in (np.uint8, lambda x: np.uint16(x) * np.uint16(257), lambda x: x / 255):
        np.testing.assert_allclose(called(kind), expected, atol=1e-5)
    with pytest.raises(UserError, match="has type int64; expected uint8"):
        called(np.int64)


def test_bool_is_black_and_white(given):
    model, arrays = given
    bits = {name: array > 127 for name, array in arrays.items()}
    out = restored(model, bits)
    assert out.dtype == np.float32
    floats = restored(model, {name: np.float32(x) for name, x in bits.items()})
    np.testing.assert_allclose(out, floats, atol=1e-6)


@pytest.mark.parametrize("sides", [(2, 1), (1, 7)])
def test_no_side_is_too_short(given, sides):
    model, arrays = given
    small = {name: array[: sides[0], : sides[1]] for name, array in arrays.items()}
    if "mask" in small:
        small["mask"] = np.uint8(np.arange(sides[0] * sides[1]) % 2 * 255).reshape([*sides, 1])
    assert restored(model, small).shape[:2] == tuple(side * model.scale for side in sides)


def test_a_mask_of_bits_goes_with_a_picture_of_bytes():
    model = tiny_model("completion")
    image = np.random.default_rng(0).integers(0, 256, [2, 16, 16, model.channels], np.uint8)
    mask = np.zeros([2, 16, 16, 1], bool)
    mask[:, 4:8, 3:9] = True
    out = model.restore(image, mask=mask)
    np.testing.assert_array_equal(out, model.restore(image, mask=np.uint8(mask) * 255))
    np.testing.assert_array_equal(out[~mask[..., 0]], image[~mask[..., 0]])
    for nothing in (mask & False, np.uint8(mask)):  # 1 of 255 is black
        with pytest.raises(UserError, match="the mask marks nothing"):
            model.restore(image, mask=nothing)
    mask[1] = True
    with pytest.raises(UserError, match="the mask covers the whole picture"):
        model.restore(image, mask=mask)


@pytest.mark.parametrize(("channels", "given"), [(1, [9, 8, 3]), (3, [9, 8, 1]), (3, [9, 8])])
def test_gray_pictures_go_through_models_of_any_channels(channels, given):
    model = zoo.create("denoising", channels=channels, **registry.find("denoising").tiny)
    gray = np.random.default_rng(0).integers(0, 256, [9, 8, 1], np.uint8)
    out = model.restore(np.broadcast_to(gray, given) if len(given) > 2 else gray[..., 0])
    np.testing.assert_array_equal(out, model.restore(np.repeat(gray, channels, -1)))


@pytest.mark.parametrize("name", parameters(names(VectorLatent)))
def test_codes_are_of_pictures_of_every_kind(name):
    model = tiny_model(name)
    images = np.random.default_rng(0).integers(0, 256, [2, 8, 8, 1], np.uint8)
    codes = np.asarray(model.codes(np.float32(images / 255)))
    for same in (images, np.uint16(images) * np.uint16(257), images / 255):
        np.testing.assert_allclose(model.codes(same), codes, atol=1e-4)
    for wrong in (np.float32(images), np.where(images > 3, np.nan, 0), np.int64(images)):
        with pytest.raises(UserError, match=r"expected 0 to 1|expected uint8"):
            model.codes(wrong)
    pictures = np.asarray(model.decode(codes))
    np.testing.assert_allclose(model.decode(codes[1]), pictures[1], atol=1e-5)
    np.testing.assert_allclose(model.decode(np.float64(codes)), pictures, atol=1e-5)
    for wrong in (np.zeros([2, 3]), np.full_like(codes, np.nan), np.zeros([1, *codes.shape])):
        with pytest.raises(UserError, match=r"do not fit this model|not finite"):
            model.decode(wrong)
    with pytest.raises(UserError, match="-1 samples"):
        model.sample(-1)
