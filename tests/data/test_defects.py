import numpy as np
import pytest
from PIL import Image

from zoo.data import sources


def picture(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.uint8(pixels)).save(path)


@pytest.fixture(params=["masks/crack/b.png", "ground_truth/crack/b_mask.png"])
def parts(tmp_path, request):
    for name in ("good/a", "crack/b"):
        picture(tmp_path / f"{name}.png", np.full([20, 30], 100))
    picture(tmp_path / request.param, np.eye(20, 30) * 255)
    return tmp_path


def test_masks_are_no_pictures_and_tell_where(parts):
    source = sources.load(f"folder:{parts}", "train")
    assert (source.size, source.class_names) == (2, ["crack", "good"])
    records = {r["file"].numpy(): r for r in map(source.record, range(2))}
    np.testing.assert_array_equal(records[b"crack/b.png"]["defect"][..., 0], np.eye(20, 30))
    assert records[b"good/a.png"]["defect"].numpy().max() == 0


def test_a_defect_without_its_mask_is_left_out_and_named(parts, capsys):
    picture(parts / "crack" / "c.png", np.full([20, 30], 100))
    source = sources.load(f"folder:{parts}", "train")
    [source.record(i) for i in range(source.size)]
    assert "crack/c.png" in " ".join(source.broken)


def test_good_pictures_alone_tell_nothing(parts):
    source = sources.load(f"folder:{parts / 'good'}", "train")
    assert not source.tells_defects
    assert "defect" not in source.record(0)
