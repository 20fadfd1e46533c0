"""A thousand files as people have them: none is lost, none written over, each bad one is named."""

import hashlib
import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

import zoo
from zoo import runs
from zoo.cli import UserError
from zoo.files import image_files, weights
from zoo.models import registry

pytestmark = pytest.mark.slow

COUNT = 1000


def pillow(kind: str, mode: str, frames: int = 1, **options) -> Callable[[np.ndarray], bytes]:
    def encoded(rgb: np.ndarray) -> bytes:
        first, *rest = [Image.fromarray(np.roll(rgb, i, 1)).convert(mode) for i in range(frames)]
        more = {"save_all": True, "append_images": rest} if rest else {}
        content = io.BytesIO()
        first.save(content, kind, **more, **options)
        return content.getvalue()

    return encoded


def tiff(dtype: type) -> Callable[[np.ndarray], bytes]:
    def encoded(rgb: np.ndarray) -> bytes:
        pixels = np.float32(rgb) / 255 if dtype is np.float32 else np.uint16(rgb) * 257
        content = io.BytesIO()
        tifffile.imwrite(content, pixels, photometric="rgb")
        return content.getvalue()

    return encoded


GOOD = [
    (".gif", pillow("GIF", "L")),
    *[(".png", pillow("PNG", mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")],
    (".png", pillow("PNG", "RGB", 3, duration=50)),
    (".png", lambda rgb: imagecodecs.png_encode(np.uint16(rgb) * 257)),
    (".png", lambda rgb: imagecodecs.png_encode(np.uint16(rgb[..., 0]) * 257)),
    *[(".jpg", pillow("JPEG", mode)) for mode in ("L", "RGB", "CMYK")],
    *[(suffix, pillow("JPEG", "RGB")) for suffix in (".jpeg", ".jfif", ".JPG")],
    (".webp", pillow("WEBP", "RGBA", lossless=True)),
    (".avif", pillow("AVIF", "RGB")),
    (".heic", pillow("HEIF", "RGB")),
    *[(".tif", pillow("TIFF", mode)) for mode in ("L", "RGB", "RGBA")],
    (".tiff", pillow("TIFF", "RGB", 2)),
    *[(".tif", tiff(dtype)) for dtype in (np.uint16, np.float32)],
    (".bmp", pillow("BMP", "RGB")),
    (".jp2", pillow("JPEG2000", "RGB")),
    (".ppm", pillow("PPM", "RGB")),
    (".pgm", pillow("PPM", "L")),
    (".tga", pillow("TGA", "RGBA")),
    (".gif", pillow("GIF", "P")),
    (".gif", pillow("GIF", "P", 2, duration=50)),
]
BAD = [
    b"",
    b"no picture",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff\xe0",
    b"II*\0\x08\0\0\0",
]
FOLDERS = ["", "a", "a/b", "ünï cödé", "with space/c"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """All formats and depths, each of sides of its own; a tenth is no picture.

    Every third file has the name of the one before it but for its ending.
    """
    root = tmp_path_factory.mktemp("thousand") / "in"
    random = np.random.default_rng(0)
    for i in range(COUNT):
        suffix, encode = GOOD[i % len(GOOD)]
        stem = i - (i % 3 == 1 and suffix != GOOD[(i - 1) % len(GOOD)][0])
        file = root / FOLDERS[stem % len(FOLDERS)] / f"{stem:04}{suffix}"
        rgb = random.integers(0, 256, [16 + i // 40, 16 + i % 40, 3], np.uint8)
        file.parent.mkdir(parents=True, exist_ok=True)
        assert not file.exists()
        file.write_bytes(BAD[i // 10 % len(BAD)] if i % 10 == 9 else encode(rgb))
    os.rename(root / "0000.png", os.fsencode(root) + b"/\xff.png")  # no UTF-8
    (root / "._0000.png").write_bytes(b"of a Mac")
    return root


@pytest.fixture(scope="module")
def color_run(tmp_path_factory) -> Path:
    """A tiny denoiser of color pictures, which keeps their sides."""
    run = tmp_path_factory.mktemp("runs") / "color"
    tiny = registry.find("denoising").tiny | {"channels": 3}
    model = zoo.create("denoising", **tiny)
    runs.start(run, model, {"dataset": "photos"}, "")
    weights.save(run / "best.npz", weights.of_model(model))
    return run


def contents(folder: Path) -> dict[Path, str]:
    """A digest of every file, by its path in the folder."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".jsonl"]
    return {f.relative_to(folder): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def sides(file: Path) -> tuple[int, ...]:
    return image_files.read(file).pixels.shape[:2]


def is_bad(file: Path) -> bool:
    return file.read_bytes() in BAD


def restored_as(root: Path) -> dict[Path, Path | None]:
    """Each picture's output, in their folders; None where there can be none.

    GIF and TIFF of 16 bits become PNG, where no PNG of their name has a right to that.
    """
    expected = {}
    for file in image_files.find(root):
        name = file.relative_to(root)
        output = name.with_suffix(".png") if becomes_png(file) else name
        free = output == name or not (root / output).exists()
        expected[name] = output if free and not is_bad(file) else None
    return expected


def becomes_png(file: Path) -> bool:
    if file.suffix != ".tif" or is_bad(file):
        return file.suffix == ".gif"
    with tifffile.TiffFile(file) as tiff_file:
        return tiff_file.pages[0].bitspersample == 16


def escaped(path: Path) -> str:
    return str(path).encode(errors="backslashreplace").decode()


def assert_restored(root: Path, out: Path, expected: dict[Path, Path | None]) -> None:
    assert set(contents(out)) == set(filter(None, expected.values()))
    for name, output in expected.items():
        if output:
            assert sides(out / output) == sides(root / name), name


def test_restoring_a_thousand_files(command, color_run, pictures, tmp_path):
    before, expected = contents(pictures), restored_as(pictures)
    assert len(expected) == COUNT
    left_out = {name for name, output in expected.items() if output is None}
    assert sum(not is_bad(pictures / name) for name in left_out) > 3  # names that clash
    out = tmp_path / "out"
    arguments = "-m", "zoo.restore", f"--run={color_run}", f"--output_dir={out}", pictures
    done = command(*arguments)
    assert done.returncode == 2
    assert_restored(pictures, out, expected)
    skipped = re.findall(r"^skipped (.*?): ", done.stderr, re.M)
    assert sorted(skipped) == sorted(escaped(pictures / name) for name in left_out)
    good = COUNT - len(left_out)
    assert f"{good} of {COUNT} restored, " in done.stdout.splitlines()[-1]
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"error: {len(left_out)} of {COUNT} files not restored: ")
    made = contents(out)
    again = command(*arguments)
    assert again.returncode == 2
    assert f"0 of {COUNT} restored, {good} done before, " in again.stdout.splitlines()[-1]
    assert contents(out) == made
    assert contents(pictures) == before


def test_restoring_them_in_shards(command, color_run, pictures, tmp_path):
    expected, counted = restored_as(pictures), []
    out = tmp_path / "out"
    for i in range(4):
        done = command(
            *("-m", "zoo.restore", f"--run={color_run}", f"--output_dir={out}"),
            *(f"--shard={i}/4", pictures),
        )
        assert done.returncode == 2
        counted.append(
            re.match(r"(\d+) of (\d+) restored, ", done.stdout.splitlines()[-1]).groups()
        )
    assert_restored(pictures, out, expected)
    good, all_of_them = np.int64(counted).sum(0)
    assert (good, all_of_them) == (len(list(filter(None, expected.values()))), COUNT)


def test_sending_them_to_a_server(ask_at, addresses, pictures, tmp_path, capsys):
    before, found = contents(pictures), image_files.find(pictures)
    with pytest.raises(UserError) as caught:
        ask_at(addresses["gRPC"])("denoising", pictures)
    good = {file for file in found if not is_bad(file)}
    assert str(caught.value).startswith(f"{COUNT - len(good)} of {COUNT} files skipped: ")
    told = capsys.readouterr()
    assert f"{len(good)} of {COUNT} answered, " in told.out.splitlines()[-1]
    skipped = re.findall(r"^skipped (.*?): ", told.err, re.M)
    assert sorted(skipped) == sorted(escaped(file) for file in set(found) - good)
    written = dict(re.findall(r"^(.*) -> (.*)$", told.out, re.M))
    assert set(written) == {escaped(file) for file in good}
    outputs = [Path(output) for output in written.values()]
    assert len(set(outputs)) == len(good) == len(contents(tmp_path / "out"))
    for file in good:
        output = written[escaped(file)]
        if "\\" not in output:
            assert sides(Path(output)) == sides(file), file
    assert contents(pictures) == before
