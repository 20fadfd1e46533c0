"""By a model that changes nothing, what goes in comes out: pixels, and what a file carries."""

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.files.test_round_trip import CARRIES, LOSSY, PIXELS, PROFILE, XMP, make, pairs
from tests.restoration.test_batch import restored
from zoo.files import image_files
from zoo.files.carried import Carried
from zoo.files.image_files import Picture
from zoo.models import registry


@pytest.fixture(scope="module")
def model():
    return zoo.create("denoising", channels=3, **registry.find("denoising").tiny)


def told() -> Carried:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    exif.get_ifd(0x8825)[1] = "N"
    return Carried(PROFILE, exif.tobytes(), XMP, (300.0, 300.0), (("Title", "A try"),), loop=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every format and kind of pixels; every format with all that it carries, at every depth."""
    root = tmp_path_factory.mktemp("identity") / "in"
    for suffix, kind in pairs(PIXELS):
        (root / suffix[1:]).mkdir(parents=True, exist_ok=True)
        make(root / suffix[1:] / f"{kind}{suffix}", kind)
    deep = [(".png", np.uint16), (".tif", np.uint16), (".tif", np.float32)]
    for suffix, dtype in [*((suffix, np.uint8) for suffix in CARRIES), *deep]:
        one = 1 if dtype == np.float32 else np.iinfo(dtype).max
        ramp = np.linspace(0, 1, 24) * np.ones([30, 1])
        picture = Picture((ramp[..., np.newaxis] * one).astype(dtype), None, told())
        image_files.write(root / "carries" / f"{suffix[1:]} {dtype.__name__}{suffix}", picture)
    frames = [Picture(np.full([16, 20, 3], i * 50, np.uint8), None, told(), 40.0) for i in range(3)]
    for suffix in (".png", ".webp", ".avif"):
        image_files.write(root / "frames" / f"{suffix[1:]}{suffix}", frames)
    pages = [Picture(np.full([16 - i, 20, 1], i * 9000, np.uint16)) for i in range(3)]
    image_files.write(root / "frames" / "pages.tif", pages)
    return root


def test_every_format_comes_back_with_all_that_it_holds(model, folder, tmp_path):
    count, failed = restored(model, folder, tmp_path, strength=0)
    assert (count, failed) == (len(image_files.find(folder)), [])
    for file in image_files.find(folder):
        given = image_files.read_all(file)
        target = tmp_path / file.relative_to(folder)
        got = image_files.read_all(image_files.output_name(target, given[0], len(given)))
        assert len(got) == len(given), file
        for before, after in zip(given, got, strict=True):
            assert after.pixels.dtype == before.pixels.dtype, file
            assert after.milliseconds == before.milliseconds, file
            kept, other = after.carried, before.carried
            assert kept.dpi == pytest.approx(other.dpi, abs=0.02), file  # PNG counts by the meter
            assert kept == other._replace(dpi=kept.dpi, loop=kept.loop), file
            apart = np.abs(after.whole() - np.float64(before.whole()))
            assert apart.max() <= LOSSY.get(file.suffix, 0), file
    assert (tmp_path / "frames/pages.tif").exists()


def test_camera_and_place_are_left_behind_when_asked_for(model, folder, tmp_path):
    for name, written in (("plain", {}), ("asked", {"strip_metadata": True})):
        restored(model, folder / "carries", tmp_path / name, written=written, strength=0)
    kept, stripped = (
        [image_files.read(file).carried for file in image_files.find(tmp_path / name)]
        for name in ("plain", "asked")
    )
    assert all(b"A camera" in each.exif for each in kept)
    assert {(each.exif, each.xmp, each.icc_profile) for each in stripped} == {(None, None, PROFILE)}
