import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from zoo.files import image_files
from zoo.files.image_files import BrokenImage, Picture


@pytest.fixture
def rgb(photograph):
    return photograph[:40, :64]


@pytest.mark.parametrize("extension", ["png", "bmp", "jpg", "webp", "gif"])
def test_formats_are_read_as_rgb(tmp_path, rgb, extension):
    path = tmp_path / f"x.{extension}"
    Image.fromarray(rgb).save(path)
    pixels = image_files.read(path).pixels
    assert pixels.shape == rgb.shape
    assert np.abs(pixels.astype(int) - rgb).mean() < 12
    if extension in ("png", "bmp"):
        np.testing.assert_array_equal(pixels, rgb)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "LA", "RGBA", "I;16"])
def test_modes_keep_their_kind(tmp_path, rgb, mode):
    path = tmp_path / ("x.jpg" if mode == "CMYK" else "x.png")
    if mode == "I;16":
        Image.fromarray(rgb[..., 0].astype(np.uint16) * 250).save(path)
    else:
        Image.fromarray(rgb).convert(mode).save(path)
    picture = image_files.read(path)
    assert picture.pixels.shape == (40, 64, 1 if mode in ("1", "L", "LA", "I;16") else 3)
    assert picture.pixels.dtype == (np.uint16 if mode == "I;16" else np.uint8)
    assert (picture.alpha is not None) == (mode in ("LA", "RGBA"))
    gray = image_files.to_channels(picture.pixels, 1).astype(float)
    truth = np.asarray(Image.fromarray(rgb).convert("L"))[..., np.newaxis].astype(float)
    if mode not in ("1", "I;16"):
        assert np.abs(gray - truth).mean() < 12


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_png_comes_back_bit_for_bit(tmp_path, channels):
    pixels = np.random.default_rng(0).integers(0, 65536, [9, 7, channels]).astype(np.uint16)
    (tmp_path / "x.png").write_bytes(tf.io.encode_png(pixels).numpy())
    picture = image_files.read(tmp_path / "x.png")
    assert (picture.alpha is not None) == (channels in (2, 4))
    image_files.write(tmp_path / "y.png", picture)
    again = tf.io.decode_png((tmp_path / "y.png").read_bytes(), dtype=tf.uint16).numpy()
    np.testing.assert_array_equal(again, pixels)


def test_exif_orientation_is_applied(tmp_path, rgb):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    Image.fromarray(rgb).save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(image_files.read(tmp_path / "x.png").pixels, np.rot90(rgb, -1))


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "x.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_array_equal(image_files.read(tmp_path / "x.gif").pixels[0, 0], [255, 0, 0])


def test_transparent_is_seen_on_white():
    picture = Picture(np.zeros([2, 2, 3], np.uint8), np.zeros([2, 2, 1], np.uint8))
    assert (image_files.on_white(picture) == 255).all()


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "flipped"])
def test_a_broken_file_is_a_broken_image(tmp_path, rgb, damage):
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format="PNG")
    whole = buffer.getvalue()
    content = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "text": b"not an image",
        "flipped": whole[:100] + bytes([whole[100] ^ 255]) + whole[101:],
    }[damage]
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(BrokenImage):
        image_files.read(tmp_path / "x.png")


@pytest.mark.parametrize(
    ("name", "dtype", "alpha", "expected"),
    [
        ("a.jpg", np.uint8, False, "a.jpg"),
        ("a.jpg", np.uint8, True, "a.png"),
        ("a.gif", np.uint8, False, "a.png"),
        ("a.webp", np.uint8, True, "a.webp"),
        ("a.jpg", np.uint16, False, "a.png"),
    ],
)
def test_output_takes_a_format_that_holds_it(name, dtype, alpha, expected):
    pixels = np.zeros([2, 2, 3], dtype)
    picture = Picture(pixels, pixels[..., :1] if alpha else None)
    assert image_files.output_name(name, picture).name == expected


LOSSY = {"JPEG": 3, "WEBP": 9, "AVIF": 4, "HEIF": 4}  # levels by which a smooth ramp may differ


@pytest.mark.parametrize("suffix", image_files.FORMATS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_every_format_of_a_folder_comes_back(tmp_path, suffix, channels, has_alpha):
    ramp = np.add.outer(np.arange(40), np.arange(30))[..., np.newaxis]
    pixels = np.uint8(ramp * np.arange(1, channels + 1) * 1.2 % 256 // 2)
    alpha = np.uint8(ramp * 3) if has_alpha else None
    name = image_files.output_name(tmp_path / f"a{suffix}", Picture(pixels, alpha))
    image_files.write(name, Picture(pixels, alpha))
    assert image_files.find(tmp_path) == [name]
    back = image_files.read(name)
    limit = LOSSY.get(image_files.FORMATS[name.suffix], 0)
    given = image_files.to_channels(pixels, back.pixels.shape[-1])  # WebP and AVIF have no gray
    assert np.abs(back.pixels.astype(int) - given).max() <= limit
    if has_alpha:
        np.testing.assert_array_equal(back.alpha, alpha)
