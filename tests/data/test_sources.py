import socket
import urllib.request

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.models import registry


def records(source):
    return [source.record(tf.constant(i, tf.int64)) for i in range(source.size)]


def test_digits_are_there_and_their_splits_are_apart():
    sizes = {s: sources.load("digits", s).size for s in ("train", "validation", "test", "all")}
    assert sizes["all"] == 1797 == sizes["train"] + sizes["validation"] + sizes["test"]
    record = sources.load("digits", "test").record(tf.constant(0, tf.int64))
    assert record["image"].shape == (8, 8, 1)
    assert 0 <= int(record["label"]) <= 9


def test_photos_are_tested_on_a_photograph_that_training_never_sees():
    train, test = sources.load("photos", "train"), sources.load("photos", "test")
    assert train.class_names[int(records(train)[0]["label"])] == "china"
    assert test.class_names[int(records(test)[0]["label"])] == "flower"


def test_splits_are_read_as_tfds_reads_them():
    assert sources.load("digits", "train[:50%]").size == 700
    assert sources.load("digits", "test[10:20]+validation[:5]").size == 15


def test_mnist_is_read(mnist_dir):
    source = sources.load("mnist", "test[:50]", mnist_dir)
    assert source.size == 50
    assert source.class_names == [str(i) for i in range(10)]
    assert records(source)[0]["image"].shape == (28, 28, 1)
    assert [int(r["label"]) for r in records(source)[:3]] == [2, 0, 4]


def test_a_folder_of_anything_is_read_and_the_broken_file_named(image_folder, capfd):
    source = sources.load(f"folder:{image_folder}")
    model = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    shapes = [tuple(x.shape) for x, _ in pipeline.eval_batches(source, model)]
    assert sorted(shapes) == [(1, 33, 35, 3), (1, 40, 60, 3), (1, 64, 48, 3)]
    assert [name.rsplit("/", 1)[1] for name in source.broken] == ["c.jpg"]
    assert "c.jpg" in capfd.readouterr().err


def test_training_goes_on_around_a_broken_file(image_folder):
    source = sources.load(f"folder:{image_folder}")
    model = zoo.create("denoising", channels=3, **registry.find("denoising").tiny)
    batches = pipeline.train_batches(source, model, 4, crop_size=16)
    for _, target in batches.take(5):
        assert target.shape == (4, 16, 16, 3)


def test_16_bits_are_read_whole(tmp_path):
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8, 1) * 1000
    (tmp_path / "x.png").write_bytes(tf.io.encode_png(pixels).numpy())
    source = sources.load(f"folder:{tmp_path}", channels=1)
    np.testing.assert_array_equal(records(source)[0]["image"], pixels)


def test_sub_folders_are_classes(tmp_path):
    for name, shade in (("cats", 10), ("dogs", 200)):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8), shade).save(tmp_path / name / "x.png")
    source = sources.load(f"folder:{tmp_path}", channels=1)
    assert source.class_names == ["cats", "dogs"]
    seen = {int(r["label"]): int(r["image"][0, 0, 0]) // 257 for r in records(source)}
    assert seen == {0: 10, 1: 200}


def test_sub_folders_train_and_test_are_splits(tmp_path):
    for split, count in (("train", 3), ("test", 2)):
        (tmp_path / split).mkdir()
        for i in range(count):
            Image.new("RGB", (8, 8)).save(tmp_path / split / f"{i}.png")
    assert sources.load(f"folder:{tmp_path}", "train").size == 3
    assert sources.load(f"folder:{tmp_path}").size == 2


def pictures(folder, *names):
    """Gray ones, as dark as their place in `names`."""
    for shade, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), shade).save(folder / name)


def test_a_class_has_one_number_in_every_split_and_slice(tmp_path):
    """A test set without the first class had all its labels wrong."""
    pictures(tmp_path, "train/a/0.png", "train/b/0.png", "train/c/0.png")
    pictures(tmp_path, "test/b/1.png", "test/c/1.png")
    train, test = (sources.load(f"folder:{tmp_path}", split) for split in ("train", "test"))
    assert train.class_names == test.class_names == ["a", "b", "c"]
    for source, numbers in ((train, [0, 1, 2]), (test, [1, 2])):
        labels = {r["file"].numpy().split(b"/")[1]: int(r["label"]) for r in records(source)}
        assert sorted(labels.values()) == numbers
        assert all(source.class_names[n].encode() == name for name, n in labels.items())


@pytest.mark.parametrize("slice_", ["train[:25%]", "train[25%:50%]", "train[75%:]"])
def test_every_slice_has_its_share_of_each_class(tmp_path, slice_):
    pictures(
        tmp_path, *(f"{c}/{i}.png" for c, n in (("a", 8), ("b", 16), ("c", 4)) for i in range(n))
    )
    source = sources.load(f"folder:{tmp_path}", slice_)
    assert source.class_names == ["a", "b", "c"]
    assert np.bincount([int(r["label"]) for r in records(source)]).tolist() == [2, 4, 1]


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [("train", "val", "test"), ("Train", "Valid", "Test"), ("training", "validation", "testing")],
)
def test_splits_go_by_their_usual_names(tmp_path, train, validation, test):
    pictures(tmp_path, f"{train}/0.png", f"{train}/1.png", f"{validation}/0.png", f"{test}/0.png")
    name = f"folder:{tmp_path}"
    sizes = {split: sources.load(name, split).size for split in ("train", "validation", "test")}
    assert sizes == {"train": 2, "validation": 1, "test": 1}
    assert sources.training_splits(name) == ("train", "validation")
    assert sources.load(name, "train").class_names is None


def test_two_folders_for_one_split_are_asked_about(tmp_path):
    pictures(tmp_path, "train/0.png", "val/0.png", "valid/0.png")
    with pytest.raises(UserError, match="has val and valid; which is for"):
        sources.load(f"folder:{tmp_path}")


def test_what_a_system_hides_is_no_picture(tmp_path):
    pictures(tmp_path, "a/0.png", "b/0.png", ".ipynb_checkpoints/0.png")
    (tmp_path / "a" / "._0.png").write_bytes(b"a Mac's own")
    source = sources.load(f"folder:{tmp_path}")
    assert (source.size, source.class_names) == (2, ["a", "b"])


@pytest.mark.parametrize(
    ("name", "split", "message"),
    [
        ("nosuchset", "", "unknown dataset 'nosuchset'"),
        ("folder:/nowhere", "", "is not a folder"),
        ("digits", "valid", "Unknown split 'valid'"),
        ("digits", "train[:", "split=train"),
    ],
)
def test_a_wrong_name_is_explained(name, split, message):
    with pytest.raises(UserError, match=message):
        sources.load(name, split)


def test_a_folder_without_images_is_one_clear_error(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UserError, match="has no images"):
        sources.load(f"folder:{tmp_path}")


def test_a_folder_of_broken_files_is_one_clear_error(tmp_path):
    for i in range(3):
        (tmp_path / f"{i}.jpg").write_bytes(b"broken")
    with pytest.raises(UserError, match="none of its 3 image files can be read"):
        sources.load(f"folder:{tmp_path}")


def test_several_sets_are_one(tmp_path, photograph):
    folder = tmp_path / "with, comma"
    folder.mkdir()
    for i in range(3):
        Image.fromarray(photograph[i : i + 20, :30]).save(folder / f"{i}.png")
    assert sources.load(f"folder:{folder}").size == 3
    plain = folder.rename(tmp_path / "plain")
    name = f"2*folder:{plain},digits"
    source = sources.load(name, "train[:3]", channels=3)
    assert (source.size, source.image_shape, source.class_names) == (6, (None, None, 3), None)
    assert [r["image"].shape for r in records(source)] == [(20, 30, 3)] * 3 + [(8, 8, 3)] * 3
    (alone,) = records(sources.load("digits", "train[2:3]"))
    np.testing.assert_array_equal(records(source)[5]["image"][..., :1] // 257, alone["image"])
    twice = sources.load(name, "train[:3]", channels=3, repeat=True)
    assert twice.size == 9
    for one, other in zip(records(twice)[:3], records(twice)[3:6], strict=True):
        np.testing.assert_array_equal(one["image"], other["image"])
    assert sources.training_splits(name) == ("train[:95%]", "train[95%:]")


def test_several_sets_keep_labels_of_the_same_classes():
    source = sources.load("digits,digits", "train[:4]")
    assert source.class_names == [str(i) for i in range(10)]
    labels = [int(r["label"]) for r in records(source)]
    assert labels[:4] == labels[4:]


def test_without_a_network_a_missing_set_is_told_at_once(tmp_path, monkeypatch):
    def offline(*_):
        raise OSError("no such host")

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    with pytest.raises(UserError, match=r"mnist is not in .*there is no network .*no such host"):
        sources.load("mnist", "test", str(tmp_path))
