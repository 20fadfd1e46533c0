import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.data import foreign, labels, pipeline, sources
from zoo.models import registry


@pytest.fixture(scope="module")
def digits():
    return sources.load("digits", "train")


def pixels(source):
    return [source.record(tf.constant(i, tf.int64))["image"].numpy() for i in range(source.size)]


def test_few_are_of_every_class_and_always_the_same(digits):
    few, again = (labels.few(digits, per_class=3) for _ in range(2))
    np.testing.assert_array_equal(np.bincount(labels.of(few)), [3] * 10)
    np.testing.assert_array_equal(pixels(few), pixels(again))
    other = labels.few(digits, per_class=3, seed=1)
    assert not np.array_equal(pixels(few), pixels(other))


def test_more_hold_the_fewer(digits):
    three, nine = (labels.few(digits, per_class=n) for n in (3, 9))
    assert {x.tobytes() for x in pixels(three)} <= {x.tobytes() for x in pixels(nine)}


def test_a_fraction_is_of_each_class(digits):
    tenth = labels.few(digits, fraction=0.1)
    counts = np.bincount(labels.of(digits))
    np.testing.assert_array_equal(np.bincount(labels.of(tenth)), np.round(0.1 * counts))
    assert labels.few(digits, fraction=1.0).size == digits.size


def test_a_class_is_left_out_or_alone(digits):
    rest, fours = labels.without(digits, 4), labels.only(digits, 4)
    assert 4 not in labels.of(rest)
    assert set(labels.of(fours)) == {4}
    assert rest.size + fours.size == digits.size


def test_another_folder_goes_by_the_numbers_of_the_training(tmp_path):
    for name in ("a", "b", "d"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8)).save(tmp_path / name / "x.png")
    source = sources.load(f"folder:{tmp_path}", channels=1)
    known = labels.as_in(source, ["a", "c", "d", "b"])
    names = [source.class_names[label] for label in labels.of(source)]
    assert [known.class_names[label] for label in labels.of(known)] == names
    assert sorted(labels.of(known)) == [0, 2, 3]
    assert labels.as_in(source, ()) is source
    with pytest.raises(UserError, match="has the class d, which the model was not trained on: it "):
        labels.as_in(source, ["a", "b", "c"])


def test_classes_that_nothing_is_held_out_of_are_named(digits):
    assert labels.missing(digits, sources.load("digits", "validation")) == []
    assert labels.missing(digits, labels.without(labels.without(digits, 3), 7)) == ["3", "7"]


def test_few_pictures_make_training_batches(digits):
    model = zoo.create("classifier", **registry.find("classifier").tiny)
    few = labels.few(digits, per_class=1)
    _, targets = next(iter(pipeline.train_batches(few, model, 10)))
    np.testing.assert_array_equal(np.sort(targets), np.arange(10))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"per_class": 500}, "labels_per_class=500, but digits train has only 13. images of"),
        ({"fraction": 1.5}, "label_fraction=1.5 must be above 0 and at most 1"),
        ({"fraction": 0.0}, "label_fraction=0 must be above 0"),
        ({"per_class": 1, "fraction": 0.5}, "labels_per_class or label_fraction, not both"),
    ],
)
def test_a_choice_that_cannot_be_made_is_explained(digits, arguments, message):
    with pytest.raises(UserError, match=message):
        labels.few(digits, **arguments)


def test_a_class_that_is_not_there_is_explained(digits):
    with pytest.raises(UserError, match="digits has no class 12; its classes are 0 to 9"):
        labels.without(digits, 12)


def test_data_without_labels_are_explained(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "x.png")
    source = sources.load(f"folder:{tmp_path}")
    with pytest.raises(UserError, match="has no labels; choose data with classes"):
        labels.few(source, per_class=1)
    assert pipeline.sample_labels(source, 1) is None


def test_the_same_pictures_become_foreign(digits):
    _, inverted = foreign.pair(digits, "invert")
    _, turned = foreign.pair(digits, "rotate")
    first = pixels(digits)[0]
    np.testing.assert_array_equal(pixels(inverted)[0], 255 - first)
    np.testing.assert_array_equal(pixels(turned)[0], np.rot90(first))


def test_a_held_out_class_is_foreign_to_the_rest(digits):
    rest, ones = foreign.pair(digits, "label:1")
    assert 1 not in labels.of(rest)
    assert set(labels.of(ones)) == {1}
    with pytest.raises(UserError, match="foreign=label:one must name a class by its number"):
        foreign.pair(digits, "label:one")


def test_another_data_set_is_foreign(digits):
    inside, outside = foreign.pair(digits, "photos")
    assert inside is digits
    assert outside.name == "photos"
