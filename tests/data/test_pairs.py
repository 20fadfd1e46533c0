"""Pairs of a damaged and a clean picture: read together, cut together, and faults told."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.models import registry


@pytest.fixture
def folders(tmp_path, photograph):
    """a/1.jpg beside b/1.png, and so on; the damaged ones are darker by 40."""
    for i in range(6):
        clean = np.maximum(photograph[20 * i : 20 * i + 40, :60], 40)
        for folder, pixels, name in (("b", clean, f"x/{i}.png"), ("a", clean - 40, f"x/{i}.bmp")):
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    return tmp_path


def test_two_folders_are_matched_by_name(folders):
    source = sources.load(f"pairs:{folders / 'a'}:{folders / 'b'}", "train")
    assert source.size == 6
    for i in range(6):
        record = source.record(tf.constant(i, tf.int64))
        apart = np.int32(record["image"]) - np.int32(record["damaged"])
        np.testing.assert_array_equal(apart, 40 * 257)


def test_one_folder_is_matched_by_two_endings(tmp_path, photograph):
    for kind in ("real", "mean"):
        Image.fromarray(photograph[:20, :30]).save(tmp_path / f"shot_{kind}.png")
    source = sources.load(f"pairs:{tmp_path}:_real:_mean")
    assert source.size == 1
    assert source.record(tf.constant(0, tf.int64))["file"] == b"shot_mean.png"


def test_both_are_cut_turned_and_shrunk_alike(folders):
    source = sources.load(f"pairs:{folders / 'a'}:{folders / 'b'}")
    model = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    batches = pipeline.train_batches(source, model, 8, crop_size=16, augment="dihedral")
    for inputs, target in batches.take(3):
        np.testing.assert_allclose(target - inputs, 40 / 255, atol=1e-4)
    ((inputs, target),) = pipeline.eval_batches(source, model, limit=1)
    np.testing.assert_allclose(target - inputs, 40 / 255, atol=1e-4)


def test_the_command_trains_and_scores_on_pairs(command, folders):
    data = f"--dataset=pairs:{folders / 'a'}:{folders / 'b'}"
    tiny = [f"--{k}={v}" for k, v in registry.find("denoising").tiny.items()]
    run = folders / "run"
    steps = "--steps=60", "--crop_size=32", "--batch_size=4", "--learning_rate=3e-3"
    done = command("train.py", "--model=denoising", data, *tiny, *steps, f"--output_dir={run}")
    assert done.returncode == 0, done.stderr
    done = command("-m", "zoo.evaluate", f"--run={run}")
    assert done.returncode == 0, done.stderr
    (psnr,) = [line.split() for line in done.stdout.splitlines() if line.startswith("psnr")]
    assert float(psnr[2]) == pytest.approx(20 * np.log10(255 / 40), abs=0.01)
    assert float(psnr[1]) > float(psnr[2]) + 1


def test_a_picture_alone_is_named(folders):
    (folders / "a" / "x" / "3.bmp").unlink()
    with pytest.raises(UserError, match=r"1 pictures are alone, such as x/3; two of a pair"):
        sources.load(f"pairs:{folders / 'a'}:{folders / 'b'}")


def test_a_pair_of_two_sizes_is_named_and_left_out(folders, capfd):
    Image.new("RGB", [7, 9]).save(folders / "a" / "x" / "3.bmp")
    source = sources.load(f"pairs:{folders / 'a'}:{folders / 'b'}")
    model = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    assert len(list(pipeline.eval_batches(source, model))) == 5
    assert "3.png: it has 60x40 pixels, but" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("pairs:A", "must be pairs:DAMAGED_FOLDER:CLEAN_FOLDER"),
        ("pairs:A:nowhere", "nowhere is not a folder"),
        ("pairs:A:_x:_y", "no pictures"),
        ("pairs:A:A,digits", "pairs go with other pairs alone"),
    ],
)
def test_a_wrong_name_is_explained(folders, name, message):
    with pytest.raises(UserError, match=message):
        sources.load(name.replace("A", str(folders / "a")))
