"""What a picture's file holds comes back from a server as it does from `zoo.restore`."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageCms

from export.savedmodel import tiling, warmup
from tests.export.tiny_models import MOST_PIXELS
from zoo.cli import UserError
from zoo.files import image_files
from zoo.files.carried import Carried
from zoo.files.image_files import Picture
from zoo.models import tiles
from zoo.restoration import one_picture

GRAY = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def told() -> Carried:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera", 1
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    return Carried(GRAY, exif.tobytes(), xmp, (300.0, 300.0), (("Title", "A try"),))


def shades(dtype, height=22, width=26, channels=1) -> np.ndarray:
    """Gray, be it stored as RGB, over the type's full range."""
    gray = np.random.default_rng(0).random([height, width, 1])
    levels = gray if np.dtype(dtype).kind == "f" else np.round(gray * np.iinfo(dtype).max)
    return np.repeat(levels.astype(dtype), channels, -1)


def alpha(dtype) -> np.ndarray:
    ramp = np.linspace(0, 1, 26) * np.ones([22, 1])
    return np.round(ramp * np.iinfo(dtype).max).astype(dtype)[..., np.newaxis]


PICTURES = {
    "gray with alpha": ("a.png", [Picture(shades(np.uint8), alpha(np.uint8), told())]),
    "RGBA": ("a.png", [Picture(shades(np.uint8, channels=3), alpha(np.uint8), told())]),
    "a photograph's EXIF": ("a.jpg", [Picture(shades(np.uint8, channels=3), None, told())]),
    "16 bits": ("a.png", [Picture(shades(np.uint16), None, told())]),
    "16 bits with alpha": ("a.png", [Picture(shades(np.uint16, channels=3), alpha(np.uint16))]),
    "floats": ("a.tif", [Picture(shades(np.float32), None, Carried(GRAY, dpi=(72.0, 72.0)))]),
    "an animation": (
        "a.png",
        [
            Picture(x, None, told()._replace(loop=3), 40.0)
            for x in shades(np.uint8, 66).reshape(3, 22, 26, 1)
        ],
    ),
    "pages of 16 bits": (
        "a.tif",
        [Picture(x) for x in shades(np.uint16, 44).reshape(2, 22, 26, 1)],
    ),
}


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("model", ["denoising", "super_resolution"])
def test_what_a_file_holds_comes_back(ask, served, tmp_path, kind, model):
    name, pictures = PICTURES[kind]
    image_files.write(tmp_path / name, pictures)
    given = image_files.read_all(tmp_path / name)
    (file,) = ask(model, tmp_path / name).iterdir()
    expected = [one_picture.restore(served(model).model, each).picture for each in given]
    image_files.write(tmp_path / f"expected{file.suffix}", expected)
    wanted, found = (image_files.read_all(f) for f in (tmp_path / f"expected{file.suffix}", file))
    assert len(found) == len(wanted) == len(pictures)
    for got, want in zip(found, wanted, strict=True):
        assert got.carried == want.carried
        assert got.milliseconds == want.milliseconds
        assert got.pixels.dtype == want.pixels.dtype == given[0].pixels.dtype
        apart = 1e-5 if got.pixels.dtype == np.float32 else 1
        np.testing.assert_allclose(got.pixels, np.float64(want.pixels), rtol=0, atol=apart)
        assert (got.alpha is None) == (want.alpha is None)
        if want.alpha is not None:
            np.testing.assert_array_equal(got.alpha, want.alpha)


def test_camera_and_place_are_left_behind_when_asked_for(ask_grpc, tmp_path):
    image_files.write(tmp_path / "a.png", Picture(shades(np.uint8), None, told()))
    out = ask_grpc("denoising", tmp_path / "a.png", strip_metadata=True)
    carried = image_files.read(out / "a.png").carried
    assert (carried.icc_profile, carried.exif, carried.xmp, carried.text) == (GRAY, None, None, ())


@pytest.mark.parametrize("model", ["denoising", "super_resolution"])
def test_a_picture_too_large_for_a_request_comes_as_from_tiles_here(ask, served, tmp_path, model):
    pixels = shades(np.uint8, 300, 280)
    assert pixels.size > MOST_PIXELS
    (tmp_path / "a.png").write_bytes(warmup.png(pixels))
    got = image_files.read(ask(model, tmp_path / "a.png") / "a.png").pixels
    expected = tiles.restore(served(model).model, pixels, tile=256)
    assert np.abs(got.astype(int) - expected).max() <= 1


def test_how_to_cut_is_told_by_the_server(served):
    model = served("denoising").model
    told = tiling.of_model(model)({"sides": tf.constant([[1448, 1448], [1, 5], [1449, 1449]])})
    assert told["tile"].numpy().tolist() == [0, 1448, 1448]  # 2 megapixels, and the stride is 2
    for name in ("stride", "overlap", "scale"):
        assert told[name].numpy().tolist() == [getattr(model, name)] * 3


@pytest.fixture
def ask_grpc(ask_at, addresses):
    return ask_at(addresses["gRPC"])


def test_a_large_picture_keeps_its_16_bits(ask_grpc, served, tmp_path):
    picture = Picture(shades(np.uint16, 300, 280))
    image_files.write(tmp_path / "a.png", picture)
    got = image_files.read(ask_grpc("denoising", tmp_path / "a.png") / "a.png").pixels
    expected = tiles.restore(served("denoising").model, picture.pixels, tile=256)
    assert got.dtype == np.uint16
    assert np.abs(got.astype(int) - expected).max() <= 1


def test_a_model_that_must_see_the_whole_picture_sees_it(ask_grpc, served, tmp_path):
    pixels = shades(np.uint8, 300, 280)
    (tmp_path / "a.png").write_bytes(warmup.png(pixels))
    got = image_files.read(ask_grpc("colorization", tmp_path / "a.png") / "a.png").pixels
    expected = tiles.restore(served("colorization").model, pixels, tile=256)
    assert np.abs(got.astype(int) - expected).max() <= 1


def test_a_mask_is_cut_with_its_picture(ask_grpc, served, tmp_path):
    model = served("completion").model
    pixels = shades(np.uint8, 300, 280, model.channels)
    mask = np.zeros([300, 280, 1], np.uint8)
    mask[200:260, 150:279] = 255
    for name, content in {"a.png": pixels, "mask.png": mask, "small.png": mask[:175]}.items():
        (tmp_path / name).write_bytes(warmup.png(content))
    given = [f"mask={tmp_path / 'mask.png'}"]
    got = image_files.read(ask_grpc("completion", tmp_path / "a.png", input=given) / "a.png").pixels
    expected = tiles.restore(model, pixels, tile=256, mask=mask)
    assert np.abs(got.astype(int) - expected).max() <= 1
    np.testing.assert_array_equal(np.where(mask, 0, got), np.where(mask, 0, pixels))
    with pytest.raises(UserError, match="1 of 1 files skipped"):
        ask_grpc(
            *("completion", tmp_path / "a.png"),
            **{"input": [f"mask={tmp_path / 'small.png'}"], "overwrite": True},
        )


def test_a_strength_holds_for_every_tile(ask_grpc, tmp_path):
    pixels = shades(np.uint8, 300, 280)
    (tmp_path / "a.png").write_bytes(warmup.png(pixels))
    given = {"signature": "restore_blend", "input": ["strength=0"]}
    out = ask_grpc("denoising", tmp_path / "a.png", **given)
    np.testing.assert_array_equal(image_files.read(out / "a.png").pixels, pixels)


def test_a_picture_smaller_than_the_stride_goes_through(ask_grpc, served, tmp_path):
    pixels = shades(np.uint8, 1, 3)
    (tmp_path / "a.png").write_bytes(warmup.png(pixels))
    got = image_files.read(ask_grpc("denoising", tmp_path / "a.png") / "a.png").pixels
    assert np.abs(got.astype(int) - served("denoising").model.restore(pixels)).max() <= 1


def test_nothing_that_is_there_is_replaced_but_when_told(ask_grpc, tmp_path):
    (tmp_path / "a.png").write_bytes(warmup.png(shades(np.uint8)))
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_bytes(b"somebody's")
    with pytest.raises(UserError, match=r"a\.png: there already; change output_dir, or replace"):
        ask_grpc("denoising", tmp_path / "a.png")
    assert (out / "a.png").read_bytes() == b"somebody's"
    ask_grpc("denoising", tmp_path / "a.png", overwrite=True)
    assert image_files.read(out / "a.png").pixels.shape == (22, 26, 1)


def test_names_stay_apart_whatever_they_are(ask_grpc, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.png", "a.jpg", "a.jpg.webp", "a.png.png", "b.tif"):
        image_files.write(folder / name, Picture(shades(np.uint8)))
    out = ask_grpc("denoising", folder)
    names = sorted(path.name for path in out.iterdir())
    assert names == ["a.jpg.png", "a.jpg.webp.png", "a.png.png", "a.png.png.png", "b.png"]
