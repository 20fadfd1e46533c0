"""Pictures given in Python, in every form that a person has them in."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from zoo.cli import UserError
from zoo.data import given

RANDOM = np.random.default_rng(0)
GRAY = RANDOM.integers(0, 256, [30, 8, 9], np.uint8)


def images_of(source) -> list[np.ndarray]:
    return [
        np.asarray(source.record(tf.constant(i, tf.int64))["image"]) for i in range(source.size)
    ]


@pytest.mark.parametrize(
    "images",
    [
        GRAY,
        GRAY[..., np.newaxis],
        list(GRAY),
        tuple(Image.fromarray(image) for image in GRAY),
        np.float64(GRAY) / 255,
        np.uint16(GRAY) * 257,
        tf.data.Dataset.from_tensor_slices(GRAY),
        tf.data.Dataset.from_tensor_slices({"image": GRAY}),
    ],
    ids=["bytes", "channels", "list", "Pillow", "floats", "16 bits", "tf.data", "tf.data dicts"],
)
def test_every_form_is_the_same_pictures(images):
    train, held_out = given.training(images)
    assert (train.size, held_out.size) == (29, 1)
    assert train.image_shape == (8, 9, 1)
    found = np.stack([*images_of(train)[:19], *images_of(held_out), *images_of(train)[19:]])
    found = found // 257 if found.dtype == np.uint16 else found
    np.testing.assert_array_equal(found[..., 0], GRAY)


def test_pictures_of_many_sizes_kinds_and_files(tmp_path):
    Image.fromarray(GRAY[0]).save(tmp_path / "a.png")
    images = [tmp_path / "a.png", RANDOM.random([5, 6, 3]), GRAY[1] > 100]
    source = given.source(images)
    assert source.image_shape == (None, None, 3)
    first, second, third = images_of(source)
    np.testing.assert_array_equal(first, GRAY[0][..., np.newaxis].repeat(3, -1) * np.uint16(257))
    np.testing.assert_allclose(second / 65535, images[1], atol=1e-5)
    np.testing.assert_array_equal(third[..., 0] == 65535, GRAY[1] > 100)
    assert given.source(images, channels=1).image_shape == (None, None, 1)


def test_labels_go_with_their_pictures():
    labels = np.arange(30) % 3
    pairs = tf.data.Dataset.from_tensor_slices((GRAY, labels))
    for source in (given.source(GRAY, labels), given.source(pairs)):
        assert source.class_names == ["0", "1", "2"]
        assert [int(source.record(tf.constant(i))["label"]) for i in range(5)] == [0, 1, 2, 0, 1]


def test_every_class_is_held_out_from():
    labels = np.repeat([0, 1, 2, 3], [14, 8, 6, 2])  # sorted, as files of folders are
    for ordered in (labels, labels[:, np.newaxis], list(labels), labels[::-1].astype(np.uint8)):
        counts = [
            np.bincount([int(source.record(tf.constant(i))["label"]) for i in range(source.size)])
            for source in given.training(GRAY, ordered)
        ]
        assert [list(x) for x in counts] == [[13, 7, 5, 1], [1, 1, 1, 1]]
    many = [0] * 20 + [1] * 10
    assert [source.size for source in given.training(GRAY, many)] == [28, 2]


def test_a_folder_and_a_name_are_opened(tmp_path):
    for i in range(40):
        Image.fromarray(GRAY[i % 30]).save(tmp_path / f"{i}.png")
    train, held_out = given.training(tmp_path, channels=1)
    assert (train.size, held_out.size) == (38, 2)
    assert given.source("digits", split="test").image_shape == (8, 8, 1)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (GRAY[:1], None, "1 pictures given; at least 2"),
        (GRAY[0], None, r"shape \[8, 9\]; expected \[n, h, w\]"),
        ([GRAY[0], np.zeros([3, 3, 2])], None, r"picture 1 has shape \[3, 3, 2\]"),
        (np.float32(GRAY), None, "picture 0 has floats from 1 to 2"),
        (np.int64(GRAY), None, "picture 0 has type int64"),
        (GRAY, [1, 2], "2 labels for 30 pictures"),
        (GRAY, np.arange(30) / 2, "labels have type float64"),
        (GRAY, np.arange(30) - 1, "expected whole numbers from 0 on"),
        (GRAY, ["cat"] * 30, "labels have type <U3"),
        (GRAY, np.eye(30, dtype=int), r"shape \[30, 30\]; expected whole numbers"),
        (None, None, "images of type NoneType; expected arrays"),
        (tf.data.Dataset.from_tensor_slices(GRAY[:0]), None, "no pictures given"),
        ("no_such_set", None, "no_such_set"),
    ],
)
def test_what_are_no_pictures_is_told(images, labels, message):
    with pytest.raises(UserError, match=message):
        given.training(images, labels)
