import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.models import tiles


@pytest.fixture(scope="module")
def model(denoising_run):
    return zoo.load(denoising_run)


@pytest.fixture(scope="module")
def deep_model():
    """An untrained network with the default's receptive field and weights that do something."""
    model = zoo.create("denoising", channels=1, width=8)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if weight.path.endswith("kernel"):
            fan_in = np.prod(weight.shape[:-1])
            weight.assign(rng.standard_normal(weight.shape) * (0.7 / fan_in) ** 0.5)
    return model


@pytest.mark.parametrize("preset", ["denoise_grey", "denoise_camera"])
def test_networks_that_see_far_show_no_seam(preset, photograph):
    model, noise = zoo.from_preset(preset), np.random.default_rng(0).normal(0, 25, (300, 420, 3))
    noisy = np.uint8(np.clip(photograph[:300, :420] + noise, 0, 255))[..., : model.channels]
    whole, parts = (np.int16(tiles.restore(model, noisy, tile=side)) for side in (420, 256))
    assert np.abs(whole - parts).max() <= 1


@pytest.mark.parametrize("shape", [(300, 260), (211, 407), (97, 530)])
def test_tiles_show_no_seam(deep_model, photograph, shape, monkeypatch):
    monkeypatch.setattr(tiles, "TILE", 128)
    image = photograph[: shape[0], : shape[1], :1]
    whole = deep_model.infer(image[np.newaxis].astype(np.float32) / 255).numpy()[0]
    assert np.abs(whole - image / 255).max() > 0.02  # the network does something
    for tile in (128, None):
        tiled = tiles.restore(deep_model, image.astype(np.float32) / 255, tile=tile)
        assert tiled.shape == whole.shape
        assert np.abs(tiled - whole).max() < 1 / 255


@pytest.mark.parametrize(("overlap", "stride"), [(0, 1), (16, 1), (64, 4), (128, 16)])
def test_tiles_are_as_few_as_the_largest_ones_and_no_larger_than_that_takes(overlap, stride):
    for length in range(20 * stride, 160 * stride, 3 * stride):
        usual = tiles._Axis(length, tiles.TILE, overlap, stride, 1)
        fair = tiles._Axis(length, tiles._fair(length, overlap, stride), overlap, stride, 1)
        assert len(set(fair.starts)) == len(set(usual.starts))
        assert fair.tile <= usual.tile
        spare = len(fair.starts) * (fair.tile - overlap) + overlap - length
        assert len(fair.starts) == 1 or spare < len(fair.starts) * stride


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_type_and_batch_are_kept(model, photograph, dtype):
    peak = 1 if dtype == np.float32 else np.iinfo(dtype).max
    images = (np.stack([photograph[:41, :30, :1]] * 2) / 255 * peak).astype(dtype)
    restored = model.restore(images)
    assert restored.dtype == dtype
    assert restored.shape == images.shape
    # One picture is the same in whatever type it comes.
    assert np.abs(restored / peak - model.restore(images.astype(np.float32) / peak)).max() < 1 / 255


def test_a_picture_may_be_an_array_a_path_or_pillows(model, photograph, tmp_path):
    gray = photograph[:41, :30, 0]
    expected = model.restore(gray[..., np.newaxis])
    Image.fromarray(gray).save(tmp_path / "gray.png")
    for picture in (tmp_path / "gray.png", str(tmp_path / "gray.png"), Image.fromarray(gray)):
        np.testing.assert_array_equal(model.restore(picture), expected)
    np.testing.assert_array_equal(model.restore(gray), expected[..., 0])  # [h, w] stays [h, w]
    white = model.restore(gray > 127)
    np.testing.assert_array_equal(white, model.restore((gray > 127).astype(np.float32)))
    assert white.dtype == np.float32


def test_progress_counts_every_tile(model):
    seen = []
    tiles.restore(
        model, np.zeros([200, 130, 1], np.uint8), lambda done, total: seen.append((done, total)), 64
    )
    total = seen[0][1]
    assert seen == [(i, total) for i in range(total + 1)]
    assert total > 4


@pytest.mark.parametrize("sides", [(1, 1), (1, 9), (3, 2), (5, 40)])
def test_no_picture_is_too_small(model, photograph, sides):
    height, width = sides
    image = photograph[:height, :width, :1]
    mirrored = np.pad(
        image, [[0, -height % model.stride], [0, -width % model.stride], [0, 0]], "symmetric"
    )
    expected = model.restore(mirrored)[:height, :width].astype(int)
    assert np.abs(model.restore(image) - expected).max() <= 1


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros([0, 9, 1], np.uint8), r"image has shape \[0, 9, 1\]: no pixels"),
        (np.uint8([[[1, 2, 3]] * 9] * 9), r"expected \[height, width, 1\]"),
        (np.zeros([9], np.uint8), "expected"),
        (np.zeros([9, 9, 1], np.int64), "type int64"),
        (np.full([9, 9, 1], 255.0), "image has floats from 255 to 255; expected 0 to 1"),
        (np.full([9, 9, 1], -0.01, np.float32), "image has floats from -0.01"),
        (np.full([9, 9, 1], np.nan), "image has floats from nan to nan"),
        ("missing.png", "missing.png"),
    ],
)
def test_an_image_that_does_not_fit_is_explained(model, image, message):
    with pytest.raises(UserError, match=message):
        model.restore(image)


def test_a_model_that_does_not_restore_says_so():
    autoencoder = zoo.create("autoencoder", image_size=8)
    with pytest.raises(UserError, match="does not restore"):
        tiles.restore(autoencoder, np.zeros([8, 8, 1]))
