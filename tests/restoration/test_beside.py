from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.restoration.test_batch import restored
from zoo.files import image_files
from zoo.files.image_files import BrokenImage
from zoo.restoration import beside


@pytest.fixture(scope="module")
def model():
    model = zoo.create("completion", width=8, levels=1, depth=1)
    model.build_on_example()
    return model


def painted(size: tuple[int, int], mode: str, white, black) -> Image.Image:
    mask = Image.new(mode, size, black)
    mask.paste(Image.new(mode, (6, 5), white), (10, 4))
    return mask


@pytest.mark.parametrize(
    ("mode", "white", "black"),
    [
        ("L", 255, 0),
        ("1", 1, 0),
        ("RGB", (250, 255, 251), (4, 3, 3)),
        ("RGBA", (255, 255, 255, 255), (0, 0, 0, 0)),  # a layer with nothing else on it
        ("RGBA", (255, 255, 255, 255), (255, 255, 255, 0)),
        ("LA", (255, 255), (0, 255)),
    ],
)
def test_a_mask_is_what_was_painted_white(tmp_path, mode, white, black):
    painted((24, 20), mode, white, black).save(tmp_path / "mask.png")
    mask = beside.mask(tmp_path / "mask.png")
    assert mask.shape == (20, 24, 1)
    assert mask[4:9, 10:16].all()
    assert mask.sum() == 30


def test_a_mask_that_marks_nothing_is_told(tmp_path):
    Image.new("RGBA", (24, 20), (0, 0, 0, 0)).save(tmp_path / "mask.png")
    with pytest.raises(BrokenImage, match=r"mask\.png marks nothing; paint white"):
        beside.mask(tmp_path / "mask.png")


def test_each_picture_has_its_mask_by_name_and_comes_back_exact(model, tmp_path, photograph):
    for folder in ("in", "masks"):
        (tmp_path / folder).mkdir()
    for i, name in enumerate(("a.jpg", "b.png", "c.jpg")):
        Image.fromarray(photograph[i : i + 20, :24]).save(tmp_path / "in" / name)
    for name in ("a.png", "b.webp"):
        painted((24, 20), "L", 255, 0).save(tmp_path / "masks" / name, lossless=True)
    by_name = {"given": {"mask": tmp_path / "masks"}}
    count, failed = restored(model, tmp_path / "in", tmp_path / "out", **by_name)
    assert (count, [path.name for path in failed]) == (3, ["c.jpg"])
    for before, after in (("a.jpg", "a.png"), ("b.png", "b.png")):
        known = np.ones([20, 24], bool)
        known[4:9, 10:16] = False
        one, other = (
            image_files.read(tmp_path / x).pixels for x in (f"in/{before}", f"out/{after}")
        )
        np.testing.assert_array_equal(one[known], other[known])
    assert restored(model, tmp_path / "in", tmp_path / "out", **by_name)[0] == 1
    painted((24, 20), "L", 255, 40).save(tmp_path / "masks" / "a.png")  # another mask
    assert restored(model, tmp_path / "in", tmp_path / "out", **by_name)[0] == 2


def test_a_folder_of_masks_is_looked_through_once_and_again_when_it_changes(tmp_path, monkeypatch):
    looks = []
    find = beside.image_files.find
    monkeypatch.setattr(beside.image_files, "find", lambda folder: looks.append(1) or find(folder))
    for name in ("a.png", "b.png"):
        painted((24, 20), "L", 255, 0).save(tmp_path / name)
    for name in ("a", "b", "a"):
        assert beside.of(Path(f"{name}.jpg"), tmp_path, "mask") == tmp_path / f"{name}.png"
    assert len(looks) == 1
    (tmp_path / "a.png").rename(tmp_path / "a.bmp")
    assert beside.of(Path("a.jpg"), tmp_path, "mask") == tmp_path / "a.bmp"
    with pytest.raises(BrokenImage, match=r"has nothing of its name; expected c\.png"):
        beside.of(Path("c.jpg"), tmp_path, "mask")


def test_hints_lie_beside_pictures_by_name(tmp_path, photograph):
    model = zoo.create("colorization", width=8, levels=1)
    model.build_on_example()
    tail = model.network.tail.kernel
    tail.assign(np.random.default_rng(0).normal(0, 0.3, tail.shape))
    for folder in ("in", "hints"):
        (tmp_path / folder).mkdir()
    dots = Image.new("RGBA", (24, 20), (0, 0, 0, 0))
    dots.paste((250, 0, 0, 255), (3, 3, 9, 9))
    for name in ("a.png", "b.png"):
        Image.fromarray(photograph[:20, :24, 0]).save(tmp_path / "in" / name)
    dots.save(tmp_path / "hints" / "a.png")
    given = {"hints": tmp_path / "hints"}
    count, failed = restored(model, tmp_path / "in", tmp_path / "out", given=given)
    assert (count, [path.name for path in failed]) == (2, ["b.png"])
    after = image_files.read(tmp_path / "out" / "a.png").pixels
    expected = model.restore(photograph[:20, :24, :1], hints=np.asarray(dots))
    np.testing.assert_array_equal(after, expected)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (Image.new("RGBA", (24, 20), (9, 0, 0, 0)), "show nothing; expected colored dots"),
        (Image.new("RGBA", (24, 20), (9, 0, 0, 255)), "are nowhere transparent"),
        (Image.new("RGB", (24, 20)), "are nowhere transparent"),
    ],
)
def test_hints_that_are_none_are_told(tmp_path, picture, message):
    picture.save(tmp_path / "hints.png")
    with pytest.raises(BrokenImage, match=message):
        beside.hints(tmp_path / "hints.png")
