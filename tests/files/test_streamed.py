"""Large pictures, read and written by rows: what comes out is what Pillow would give."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.restoration.test_identity import told
from zoo.files import carried, image_files, mapped, streamed
from zoo.models import registry

SUFFIXES = [".jpg", ".png", ".tif"]


@pytest.fixture
def all_large(monkeypatch):
    monkeypatch.setattr(streamed, "LARGE", 0)


def by_pillow(monkeypatch, path):
    with monkeypatch.context() as patched:
        patched.setattr(streamed, "LARGE", 1e9)
        return image_files.read(path)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_reads_what_pillow_reads(all_large, monkeypatch, tmp_path, photograph, suffix, mode):
    path = tmp_path / f"in{suffix}"
    exif = Image.Exif()
    exif[carried.ORIENTATION] = 6
    Image.fromarray(photograph).convert(mode).save(path, exif=exif, dpi=(72, 72))
    found, expected = image_files.read(path), by_pillow(monkeypatch, path)
    assert mapped.is_mapped(found.pixels)
    assert not mapped.is_mapped(expected.pixels)
    np.testing.assert_array_equal(found.pixels, expected.pixels)
    assert found.carried == expected.carried


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_adds_nothing(all_large, monkeypatch, tmp_path, photograph, suffix):
    Image.fromarray(photograph).save(tmp_path / f"in{suffix}")
    image_files.write(tmp_path / f"out{suffix}", image_files.read(tmp_path / f"in{suffix}"))
    expected, found = (by_pillow(monkeypatch, tmp_path / f"{n}{suffix}") for n in ("in", "out"))
    assert found.carried._replace(dpi=None) == expected.carried._replace(dpi=None)
    assert found.carried.dpi == (expected.carried.dpi and pytest.approx(expected.carried.dpi, 1e-2))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_it_writes_what_a_file_carries(all_large, monkeypatch, tmp_path, photograph, suffix):
    carries = told()._replace(loop=1, exif=None if suffix == ".tif" else told().exif)
    image_files.write(tmp_path / f"in{suffix}", image_files.Picture(photograph, None, carries))
    read = image_files.read(tmp_path / f"in{suffix}")
    assert streamed.holds(read, image_files.FORMATS[suffix])
    image_files.write(tmp_path / f"out{suffix}", read)
    expected, found = (by_pillow(monkeypatch, tmp_path / f"{n}{suffix}") for n in ("in", "out"))
    assert found.carried == expected.carried
    if suffix == ".jpg":
        assert np.abs(np.int16(found.pixels) - read.pixels).mean() < 1.5
    else:
        np.testing.assert_array_equal(found.pixels, read.pixels)


def test_a_tiff_with_exif_is_written_whole(all_large, tmp_path, photograph):
    Image.fromarray(photograph).save(tmp_path / "in.png", exif=told().exif)
    read = image_files.read(tmp_path / "in.png")
    assert mapped.is_mapped(read.pixels)
    image_files.write(tmp_path / "out.tif", read)
    assert Image.open(tmp_path / "out.tif").getexif()[0x010F] == "A camera"


def test_alpha_more_bits_and_several_pages_go_the_usual_way(all_large, tmp_path, photograph):
    Image.fromarray(photograph).convert("RGBA").save(tmp_path / "alpha.png")
    image_files.write(tmp_path / "deep.png", image_files.Picture(np.uint16(photograph) * 257))
    pages = [image_files.Picture(photograph)] * 2
    image_files.write(tmp_path / "pages.tif", pages)
    for name in ("alpha.png", "deep.png", "pages.tif"):
        assert not mapped.is_mapped(image_files.read(tmp_path / name).pixels)


def test_a_cut_file_is_refused_in_one_line(all_large, tmp_path, photograph):
    Image.fromarray(photograph).save(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(image_files.BrokenImage) as error:
        image_files.read(tmp_path / "cut.png")
    assert "\n" not in str(error.value)


def test_it_is_restored_as_in_memory(all_large, tmp_path, photograph):
    model = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    Image.fromarray(photograph).save(tmp_path / "in.png")
    pixels = image_files.read(tmp_path / "in.png").pixels
    restored = zoo.models.tiles.restore(model, pixels, tile=96)
    assert mapped.is_mapped(restored)
    np.testing.assert_array_equal(
        restored, zoo.models.tiles.restore(model, np.array(pixels), tile=96)
    )


def test_what_is_forgotten_is_still_there():
    array = mapped.empty([1000, 1000], np.uint8, like=np.memmap(__file__, np.uint8, "r"))
    array[:] = 7
    mapped.forget(array[100:])
    assert (array == 7).all()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_picture(tmp_path):
    """A file of 12 megapixels, and one of 96: read and written again."""
    program = (
        "import sys; from zoo.files import image_files, streamed; streamed.LARGE = 1;"
        "image_files.write(sys.argv[2], image_files.read(sys.argv[1]));"
        "print(*(x.split()[1] for x in open('/proc/self/status') if x.startswith('VmHWM')))"
    )
    peaks = []
    for height in (3000, 24000):
        Image.new("RGB", (4000, height), (9, 99, 199)).save(tmp_path / "in.jpg")
        command = [sys.executable, "-c", program, str(tmp_path / "in.jpg"), str(tmp_path / "o.jpg")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout) / 1024)
    print(f"12 megapixels: {peaks[0]:.0f} MB, 96: {peaks[1]:.0f} MB")
    assert peaks[1] < 1.3 * peaks[0]
