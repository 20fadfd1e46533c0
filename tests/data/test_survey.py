"""python -m zoo.data, and the line at the start of a training, on a folder with mistakes in it."""

import re
import shutil
import time

import numpy as np
import pytest
from PIL import Image

from zoo.data import oddities, survey
from zoo.files import image_files


@pytest.fixture
def folder(tmp_path):
    """Two classes in two splits; one picture in both, one of 16 bits, a cut and an empty file."""
    root = tmp_path / "photos"
    random = np.random.default_rng(0)
    for split, name, count in (("train", "a", 5), ("train", "b", 3), ("val", "a", 2)):
        place = root / split / name
        place.mkdir(parents=True)
        for i in range(count):
            pixels = random.integers(0, 256, [20 + i, 30, 3], np.uint8)
            Image.fromarray(pixels).save(place / f"{split}{name}{i}.png")
    shutil.copy(root / "train/a/traina0.png", root / "val/a/twin.png")
    deep = random.integers(0, 65536, [9, 7, 1], np.uint16)
    image_files.write(root / "train/b/deep.tif", image_files.Picture(deep))
    whole = (root / "train/a/traina1.png").read_bytes()
    (root / "train/a/cut.png").write_bytes(whole[:500])
    (root / "train/b/empty.jpg").write_bytes(b"")
    return root


def test_every_file_is_counted_and_every_mistake_is_found(folder):
    seen = survey.of(folder)
    assert survey.counts(seen) == {"train": {"a": 6, "b": 5}, "validation": {"a": 3}}
    assert {each.file.name for each in survey.unreadable(seen)} == {"cut.png", "empty.jpg"}
    (twins,) = survey.duplicates(seen)
    assert {(each.split, each.file.name) for each in twins} == {
        ("train", "traina0.png"),
        ("validation", "twin.png"),
    }
    assert survey.sides(seen) == {"smallest": (7, 9), "median": (30, 21), "largest": (30, 24)}
    kinds = {each.file.name: each.kind for each in seen}
    assert kinds["deep.tif"] == "TIFF, gray, 16 bits"
    assert kinds["traina0.png"] == "PNG, RGB, 8 bits"


def test_the_command_tells_all_and_draws_a_sheet(command, folder, tmp_path):
    out = tmp_path / "out"
    done = command("-m", "zoo.data", folder, f"--output_dir={out}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "train       11 files: a 6, b 5\n" in done.stdout
    assert "validation  3 files: a 3\n" in done.stdout
    assert "kinds       PNG, RGB, 8 bits 11; TIFF, gray, 16 bits 1\n" in done.stdout
    assert "unreadable  2\n" in done.stdout
    assert "  train/a/cut.png: " in done.stdout
    assert "twice       1, 1 in several splits\n" in done.stdout
    assert "  train/a/traina0.png = val/a/twin.png\n" in done.stdout
    assert Image.open(out / "sheet.png").size[0] > 900


@pytest.mark.parametrize("arguments", [[], ["/nowhere"], ["a", "b"]])
def test_a_folder_that_is_none_is_one_line(command, arguments):
    done = command("-m", "zoo.data", *arguments)
    assert done.returncode == 2
    assert re.fullmatch(r"error: .*\n", done.stderr)


def test_a_training_begins_with_one_line_on_what_is_odd(folder):
    training, held_out = (sorted((folder / split).rglob("*.*")) for split in ("train", "val"))
    line = oddities.line(training, held_out)
    assert line.startswith("twin.png is held out, and trained on too; empty.jpg is no picture")
    assert "\n" not in line
    (folder / "val/a/twin.png").unlink()
    (folder / "train/b/empty.jpg").unlink()
    training, held_out = (sorted((folder / split).rglob("*.*")) for split in ("train", "val"))
    assert oddities.line(training, held_out) == ""


def test_looking_for_it_takes_no_longer_than_it_may(folder, monkeypatch):
    monkeypatch.setattr(oddities, "SECONDS", 0.05)
    files = sorted((folder / "train/a").glob("traina*")) * 100_000
    started = time.monotonic()
    oddities.line(files, files)
    assert time.monotonic() - started < 0.5


def test_among_files_of_one_size_each_is_read_once_and_the_twin_is_found(tmp_path, monkeypatch):
    random, read = np.random.default_rng(0), []
    for split, count in (("train", 200), ("val", 100)):
        (tmp_path / split).mkdir()
        for i in range(count):
            pixels = random.integers(0, 256, [8, 8, 3], np.uint8)
            Image.fromarray(pixels).save(tmp_path / split / f"{i:03}.bmp")
    shutil.copy(tmp_path / "train/150.bmp", tmp_path / "val/twin.bmp")
    digest = oddities._digest
    monkeypatch.setattr(oddities, "_digest", lambda file: read.append(file) or digest(file))
    files = [sorted((tmp_path / split).iterdir()) for split in ("train", "val")]
    assert len({file.stat().st_size for part in files for file in part}) == 1
    assert oddities.line(*files).startswith("twin.bmp is held out, and trained on too")
    assert len(read) == len(set(read)) == 301


def test_more_than_the_first_picture_of_a_file_is_told(tmp_path):
    frames = [Image.new("L", (9, 9), shade) for shade in (0, 99, 200)]
    for name in ("a.gif", "b.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "c.png")
    line = oddities.line(sorted(tmp_path.iterdir()), [])
    assert line.startswith("of several pictures in a file the first is taken (a.gif, ...)")
    kinds = {each.file.name: each.kind for each in survey.of(tmp_path)}
    assert kinds["b.tif"] == "TIFF, gray, 8 bits, the first of several"
    assert kinds["c.png"] == "PNG, gray, 8 bits"


def test_a_file_that_is_gone_is_no_picture(folder):
    gone = folder / "val/a/gone.png"
    gone.symlink_to(folder / "nowhere.png")
    assert "gone.png is no picture" in oddities.line([], [gone])


def test_a_training_tells_it(command, folder, tmp_path):
    done = command(
        *("train.py", "--model=denoising", f"--dataset=folder:{folder}", "--width=4", "--depth=1"),
        *("--crop_size=8", "--batch_size=2", "--steps=1", f"--output_dir={tmp_path / 'run'}"),
    )
    assert done.returncode == 0, done.stderr
    assert "twin.png is held out, and trained on too; empty.jpg is no picture" in done.stderr
