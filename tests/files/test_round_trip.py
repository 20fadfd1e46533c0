"""What goes in comes out: every format, kind of pixels, and what a file carries."""

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from zoo.cli import UserError
from zoo.files import image_files
from zoo.files.image_files import BrokenImage, Picture

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF/></x:xmpmeta>'
MODES = {
    "gray": "L",
    "gray+alpha": "LA",
    "RGB": "RGB",
    "RGBA": "RGBA",
    "palette": "P",
    "1 bit": "1",
}
# What each format holds; zoo/restoration/README.md prints it.
PIXELS = {
    ".png": [*MODES, "16-bit gray", "16-bit RGB", "16-bit RGBA"],
    ".tif": [*MODES, "16-bit gray", "16-bit RGB", "16-bit RGBA", "float gray", "float RGB"],
    ".webp": ["RGB", "RGBA"],
    ".jpg": ["gray", "RGB"],
    ".avif": ["gray", "RGB"],
    ".heic": ["RGB"],
    ".jp2": ["gray", "gray+alpha", "RGB", "RGBA"],
    ".bmp": ["gray", "RGB", "palette", "1 bit"],
    ".gif": ["gray", "palette", "1 bit"],
    ".tga": ["gray", "RGB", "RGBA"],
}
CARRIES = {
    ".png": "profile EXIF XMP resolution text",
    ".tif": "profile EXIF XMP resolution",
    ".jpg": "profile EXIF XMP resolution",
    ".webp": "profile EXIF XMP",
    ".avif": "profile EXIF XMP",
    ".heic": "profile EXIF XMP",
}
LOSSY = {".jpg": 3, ".avif": 5, ".heic": 6}


def pairs(held: dict[str, list[str]]):
    return [(suffix, kind) for suffix, kinds in held.items() for kind in kinds]


def pixels_of(kind: str) -> np.ndarray:
    channels = {"gray": 1, "gray+alpha": 2, "RGBA": 4}.get(kind.split()[-1], 3)
    ramp = np.add.outer(np.arange(30) * 3, np.arange(24) * 2)[..., np.newaxis]
    ramp = ramp * np.linspace(1, 0.4, channels)
    if kind.startswith("16"):
        return np.uint16(ramp * 300 + 7)
    return np.float32(ramp / 255) if kind.startswith("float") else np.uint8(ramp)


def make(path, kind: str) -> np.ndarray:
    """Writes a file by other means than ours; gives what should be read of it."""
    pixels = pixels_of(kind)
    flat = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    if path.suffix == ".tif" and kind not in MODES:
        extra = ["unassalpha"] if pixels.shape[-1] == 4 else None
        colors = "rgb" if pixels.shape[-1] > 1 else "minisblack"
        tifffile.imwrite(path, flat, photometric=colors, extrasamples=extra)
        return pixels
    if kind.startswith("16") and pixels.shape[-1] > 1:
        import tensorflow as tf

        path.write_bytes(tf.io.encode_png(pixels).numpy())
        return pixels
    image = Image.fromarray(flat)
    image = image.convert(MODES.get(kind, image.mode))
    options = {".webp": {"lossless": True, "exact": True}, ".jpg": {"quality": 95}}
    image.save(path, **options.get(path.suffix, {}))
    if kind in ("palette", "1 bit"):
        return np.asarray(image.convert("L" if kind == "1 bit" else "RGB")).reshape(30, 24, -1)
    return pixels


@pytest.mark.parametrize(("suffix", "kind"), pairs(PIXELS))
def test_pixels_come_back(tmp_path, suffix, kind):
    expected = make(tmp_path / f"a{suffix}", kind)
    limit = LOSSY.get(suffix, 0)
    picture = image_files.read(tmp_path / f"a{suffix}")
    out = image_files.output_name(tmp_path / "out" / f"a{suffix}", picture)
    image_files.write(out, picture)
    for read in (picture, image_files.read(out)):
        assert read.pixels.dtype == expected.dtype
        whole = read.whole()
        if limit or suffix in (".gif", ".webp"):  # some know no gray
            expected = np.broadcast_to(expected, whole.shape)
        assert np.abs(whole.astype(float) - expected).max() <= limit
        limit *= 2  # it was written twice


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [*CARRIES, "16.png", "16.tif", "float.tif"])
def test_what_a_file_carries_comes_back(tmp_path, suffix, orientation):
    path = tmp_path / f"a{suffix}"
    depth, _, suffix = suffix.rpartition(".")
    suffix = f".{suffix}"
    carries = CARRIES[suffix].split()
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "A camera", orientation
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2020:01:02 03:04:05"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Zoë")
    if suffix == ".png":
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    given = {"icc_profile": PROFILE, "exif": exif.tobytes(), "dpi": (300, 300), "xmp": XMP}
    given |= {"pnginfo": text} if suffix == ".png" else {}
    if suffix == ".tif":
        exif[700] = XMP
        given |= {"exif": exif.tobytes()}
    stored = np.uint8(np.add.outer(np.arange(30) * 5, np.arange(24) * 4))
    one = {"16": np.uint16(257), "float": np.float32(1 / 255)}.get(depth, np.uint8(1))
    Image.fromarray(stored * one).save(path, **given)

    picture = image_files.read(path)
    upright = {1: stored, 2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1], 5: stored.T}
    upright |= {6: stored.T[:, ::-1], 7: stored.T[::-1, ::-1], 8: stored.T[::-1]}
    seen = picture.pixels[..., 0] / one
    assert np.abs(seen - upright[orientation]).max() <= LOSSY.get(suffix, 5)
    out = image_files.output_name(tmp_path / "out" / f"a{suffix}", picture)
    image_files.write(out, picture)
    with Image.open(out) as image:
        assert image.size == upright[orientation].shape[::-1]
        found = image.getexif()
        assert found.get(ExifTags.Base.Orientation, 1) == 1
        assert found[ExifTags.Base.Make] == "A camera"
        taken = found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal]
        assert taken == "2020:01:02 03:04:05"
        assert found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"
        assert image.info["icc_profile"] == PROFILE
        xmp = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
        assert b"adobe:ns:meta" in xmp
        assert image.mode == {"16": "I;16", "float": "F"}.get(depth, image.mode)
        if "resolution" in carries:
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.02)
        if suffix == ".png":
            assert image.text["Author"] == "Zoë"
    image_files.write(out, picture._replace(carried=picture.carried.stripped()))
    with Image.open(out) as image:
        assert image.info["icc_profile"] == PROFILE
        assert not image.getexif().keys() & {ExifTags.Base.Make, ExifTags.Base.GPSInfo}
        assert not image.info.keys() & {"xmp", "XML:com.adobe.xmp", "Author"}


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".avif"])
def test_an_animation_keeps_its_frames_and_their_times(tmp_path, suffix):
    frames = [Image.new("RGB", (20, 16), color) for color in ("red", "lime", "blue")]
    times = {"save_all": True, "duration": [100, 200, 400], "loop": 3}
    lossless = {"lossless": True} if suffix == ".webp" else {}
    frames[0].save(tmp_path / f"a{suffix}", append_images=frames[1:], **times, **lossless)
    pictures = image_files.read_all(tmp_path / f"a{suffix}")
    assert [picture.milliseconds for picture in pictures] == [100, 200, 400]
    out = image_files.output_name(tmp_path / "out" / f"a{suffix}", pictures[0], len(pictures))
    image_files.write(out, pictures)
    again = image_files.read_all(out)
    assert [picture.milliseconds for picture in again] == [100, 200, 400]
    for frame, picture in zip(frames, again, strict=True):
        apart = picture.pixels.astype(int) - np.asarray(frame)
        assert np.abs(apart).max() <= LOSSY.get(suffix, 0)
    if suffix != ".avif":  # which does not say how often
        assert Image.open(out).info["loop"] == 3
    assert len(image_files.read_all(out, 1)) == 1


def test_several_pictures_of_a_phone_stay_several(tmp_path):
    first, second = (Image.new("RGB", sides, "red") for sides in ((20, 16), (8, 24)))
    first.save(tmp_path / "a.heic", save_all=True, append_images=[second])
    pictures = image_files.read_all(tmp_path / "a.heic")
    image_files.write(tmp_path / "b.heic", pictures)
    shapes = [picture.pixels.shape for picture in image_files.read_all(tmp_path / "b.heic")]
    assert shapes == [(16, 20, 3), (24, 8, 3)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_pages_keep_their_sizes_and_thumbnails_are_no_pages(tmp_path, dtype):
    sides = [(20, 30), (16, 8)]
    pages = [np.random.default_rng(0).random(side).astype(np.float32) for side in sides]
    pages = [page if dtype == np.float32 else dtype(page * np.iinfo(dtype).max) for page in pages]
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(pages[0])
        file.write(pages[0][::4, ::4], subfiletype=1)
        file.write(pages[1])
    pictures = image_files.read_all(tmp_path / "a.tif")
    out = image_files.output_name(tmp_path / "out" / "a.tif", pictures[0], len(pictures))
    image_files.write(out, pictures)
    assert out.suffix == ".tif"
    for page, picture in zip(pages, image_files.read_all(out), strict=True):
        np.testing.assert_array_equal(picture.pixels[..., 0], page)


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".heic", ".tif", ".png"])
def test_a_format_that_was_asked_for_takes_what_it_can(tmp_path, suffix):
    whole = np.full([16, 20, 4], 0.5, np.float32)
    image_files.write(tmp_path / f"a{suffix}", Picture(whole[..., :3], whole[..., 3:]))
    seen = image_files.read(tmp_path / f"a{suffix}")
    assert (seen.alpha is None) == (suffix in (".jpg", ".avif", ".heic"))
    dtype = {".tif": np.float32, ".png": np.uint16}.get(suffix, np.uint8)
    assert seen.pixels.dtype == dtype
    expected = 0.5 if seen.alpha is not None else 0.75  # on white
    one = 1 if dtype == np.float32 else np.iinfo(dtype).max
    assert np.abs(seen.pixels / one - expected).max() < 0.01


def test_quality_makes_smaller_files(tmp_path, photograph):
    for suffix in (".jpg", ".webp", ".avif", ".heic"):
        for quality in (30, 90):
            image_files.write(tmp_path / f"{quality}{suffix}", Picture(photograph), quality)
        small, large = (tmp_path / f"{q}{suffix}" for q in (30, 90))
        assert small.stat().st_size < 0.6 * large.stat().st_size


@pytest.mark.parametrize(
    ("page", "options", "message"),
    [
        (np.float32([[0, 255]]), {}, "floats from 0 to 255; expected 0 to 1"),
        (np.float32([[0, np.nan]]), {}, "floats from nan to nan"),
        (np.uint32([[0, 9]]), {}, "has type uint32"),
        (
            np.zeros([4, 4, 4], np.uint16),
            {"photometric": "separated"},
            "in SEPARATED; expected RGB",
        ),
    ],
)
def test_deep_pixels_that_mean_something_else_are_refused(tmp_path, page, options, message):
    tifffile.imwrite(tmp_path / "a.tif", page, **options)
    with pytest.raises(BrokenImage, match=message):
        image_files.read(tmp_path / "a.tif")


def test_white_may_be_zero_and_planes_apart(tmp_path):
    page = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000
    tifffile.imwrite(tmp_path / "a.tif", page, photometric="miniswhite")
    np.testing.assert_array_equal(image_files.read(tmp_path / "a.tif").pixels[..., 0], 65535 - page)
    planes = np.stack([page, page // 2, page // 3])
    tifffile.imwrite(tmp_path / "b.tif", planes, photometric="rgb", planarconfig="separate")
    np.testing.assert_array_equal(
        image_files.read(tmp_path / "b.tif").pixels, planes.transpose(1, 2, 0)
    )


@pytest.mark.parametrize(("suffix", "dtype"), [(".jpg", np.uint8), (".png", np.uint16)])
def test_several_pictures_do_not_become_one(tmp_path, suffix, dtype):
    pages = [Picture(np.full([8, 8, 1], i, dtype)) for i in range(3)]
    with pytest.raises(UserError, match=r"3 pictures in one file, and .* holds one"):
        image_files.write(tmp_path / f"a{suffix}", pages)
    assert not list(tmp_path.iterdir())
