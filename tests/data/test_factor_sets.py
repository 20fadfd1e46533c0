import functools

import numpy as np
import pytest
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import factor_sets, sources

SPRITES, CHAIRS = factor_sets.SETS["sprites"], factor_sets.SETS["chairs"]


@pytest.fixture(params=factor_sets.NAMES)
def factor_set(request):
    return factor_sets.SETS[request.param]


@functools.cache
def drawing(factor_set):
    """Traced once, which is most of the time."""
    spec = tf.TensorSpec([None, len(factor_set.factors)], tf.int64)
    draw = lambda factors: tf.map_fn(factor_set.render, factors, fn_output_signature=tf.uint8)  # noqa: E731
    return tf.function(draw, input_signature=[spec])


def pictures(factor_set, factors):
    """As float64 [n, h, w, c]."""
    return drawing(factor_set)(np.int64(factors)).numpy().astype(np.float64)


def walk(factor_set, name, others):
    """Factors that differ in one alone, which goes through all its values."""
    names = [factor.name for factor in factor_set.factors]
    size = factor_set.sizes[names.index(name)]
    return [[i if n == name else others[n] for n in names] for i in range(size)]


def drawn(factor_set, count):
    return np.random.default_rng(0).integers(factor_set.sizes, size=[count, len(factor_set.sizes)])


@functools.cache
def reading(name, split):
    return tf.function(
        sources.load(name, split).record, input_signature=[tf.TensorSpec([], tf.int64)]
    )


def records(name, split, indices):
    """Each as numpy arrays by key."""
    found = [reading(name, split)(np.int64(i)) for i in indices]
    return [{key: value.numpy() for key, value in record.items()} for record in found]


def test_the_same_index_is_the_same_picture_of_the_factors_told(factor_set):
    data = tf.data.Dataset.range(5).map(sources.load(factor_set.name, "train").record)
    once, again = list(data.as_numpy_iterator()), records(factor_set.name, "train", range(5))
    for one, other in zip(once, again, strict=True):
        assert one["image"].dtype == np.uint8
        assert one["factors"].dtype == np.int64
        np.testing.assert_array_equal(one["image"], other["image"])
        np.testing.assert_array_equal(one["factors"], other["factors"])
    told = pictures(factor_set, [record["factors"] for record in once])
    np.testing.assert_array_equal(told, [record["image"] for record in once])


def test_index_and_factors_are_two_ways_to_say_the_same(factor_set):
    index = tf.constant([0, 1, factor_set.size // 3, factor_set.size - 1], tf.int64)
    factors = factor_set.factors_of(index)
    np.testing.assert_array_equal(factor_set.index_of(factors), index)
    np.testing.assert_array_equal(factors[-1], np.array(factor_set.sizes) - 1)


def test_every_factor_changes_the_picture(factor_set):
    for name, size in ((f.name, f.size) for f in factor_set.factors):
        k = [f.name for f in factor_set.factors].index(name)
        before = drawn(factor_set, 10)
        after = before.copy()
        after[:, k] = (before[:, k] + 1) % size
        differ = pictures(factor_set, before) != pictures(factor_set, after)
        assert differ.any((1, 2, 3)).all(), name


def test_pictures_use_the_whole_range_and_stay_in_the_frame(factor_set):
    found = pictures(factor_set, drawn(factor_set, 200))
    assert found.shape[1:] == factor_set.image_shape == (64, 64, factor_set.image_shape[2])
    assert found.max() == 255
    assert found.min() < 90
    edge = np.concatenate([found[:, [0, -1]], found[:, :, [0, -1]].swapaxes(1, 2)], 1)
    assert len(np.unique(edge)) == 1  # nothing but background


@pytest.mark.parametrize("shape", [0, 1, 2])
def test_a_sprite_moves_linearly_and_keeps_its_area(shape):
    others = {"shape": shape, "scale": 5, "orientation": 7, "x": 3, "y": 20}
    axis = np.arange(64) + 0.5
    for name, along in (("x", 1), ("y", 0)):
        found = pictures(SPRITES, walk(SPRITES, name, others))[..., 0] / 255
        areas = found.sum((1, 2))
        np.testing.assert_allclose(areas, 18.0**2, rtol=0.02)
        centers = (found.sum(2 - along) * axis).sum(1) / areas
        np.testing.assert_allclose(centers, np.linspace(16, 48, 32), atol=0.15)


def test_a_sprite_turns_all_the_way_and_grows():
    others = {"shape": 2, "scale": 5, "orientation": 0, "x": 16, "y": 16}
    turned = pictures(SPRITES, walk(SPRITES, "orientation", others))[..., 0]
    offset = np.arange(64) + 0.5 - np.linspace(16, 48, 32)[16]
    # A heart stands upright at 0 and on its head at 20: skewed up or down, and not to a side.
    sideways, upright = (turned.sum(axis) @ offset**3 for axis in (1, 2))
    assert np.abs(sideways[[0, 20]]).max() < 0.02 * np.abs(upright[0])
    assert upright[0] == pytest.approx(-upright[20], rel=0.02)
    assert sideways[10] == pytest.approx(-sideways[30], rel=0.02)
    to_next = np.abs(turned - np.roll(turned, -1, 0)).sum((1, 2))
    assert to_next.max() < 2 * to_next.min()  # nine degrees each, the last to the first too
    areas = pictures(SPRITES, walk(SPRITES, "scale", others)).sum((1, 2, 3)) / 255
    np.testing.assert_allclose(areas, (18 * np.linspace(0.5, 1, 6)) ** 2, rtol=0.03)


def test_color_is_all_that_sets_colored_sprites_apart():
    colored = factor_sets.SETS["sprites_color"]
    white = drawn(SPRITES, 8)
    found = pictures(colored, np.column_stack([np.arange(8), white]))
    np.testing.assert_array_equal(found.max(-1, keepdims=True), pictures(SPRITES, white))
    hues = found.reshape(8, -1, 3).max(1)
    assert len(np.unique(hues, axis=0)) == 8


def test_azimuth_goes_once_around():
    others = {"elevation": 1, "seat_width": 2, "leg_length": 2, "back_height": 3, "arms": 1}
    found = pictures(CHAIRS, walk(CHAIRS, "azimuth", others | {"azimuth": 0}))[..., 0]
    to_next = np.abs(found - np.roll(found, -1, 0)).mean((1, 2))
    assert to_next[-1] == pytest.approx(to_next[0], rel=0.3)  # from the last to the first
    assert to_next.max() < np.abs(found - np.roll(found, 36, 0)).mean()
    # Facing the camera or turned away, a chair is its own mirror image but for the shading.
    for front in (found[0], found[36]):
        ink = front < 255
        assert (ink == ink[:, ::-1]).mean() > 0.98


def test_chairs_grow_as_told():
    others = {"azimuth": 0, "elevation": 0, "seat_width": 2, "leg_length": 1, "back_height": 2}
    others |= {"arms": 0}
    for name, along in (("seat_width", 0), ("leg_length", 1), ("back_height", 1)):
        ink = pictures(CHAIRS, walk(CHAIRS, name, others))[..., 0] < 200
        extents = ink.any(1 + along).sum(1)
        assert (np.diff(extents) >= 3).all(), name


def test_what_is_in_front_hides_what_is_behind():
    """From behind and hardly from above, the tall back hides the arms and most of the seat."""
    from_behind = [36, 0, 2, 2, 3]
    bare, with_arms = pictures(CHAIRS, [[*from_behind, 0], [*from_behind, 1]])[..., 0]
    in_front = pictures(CHAIRS, [[0, *from_behind[1:], arms] for arms in (0, 1)])[..., 0]
    assert (bare != with_arms).sum() < 0.5 * (in_front[0] != in_front[1]).sum()


def test_splits_are_apart_and_each_is_a_fair_sample(factor_set):
    train, test = (sources.load(factor_set.name, split) for split in ("train", "test"))
    assert train.factor_set is test.factor_set is factor_set
    assert train.size + test.size == factor_set.size == sources.load(factor_set.name, "all").size
    seen = {tuple(r["factors"]) for r in records(factor_set.name, "train", range(300))}
    held_out = np.stack([r["factors"] for r in records(factor_set.name, "test", range(300))])
    assert len(seen) == 300
    assert seen.isdisjoint(map(tuple, held_out))
    middle = (np.array(factor_set.sizes) - 1) / 2
    spread = np.sqrt((np.array(factor_set.sizes) ** 2 - 1) / 12 / 300)
    assert (np.abs(held_out.mean(0) - middle) < 4 * spread).all()


def test_a_slice_begins_where_it_says():
    whole = records("chairs", "test", [11])[0], records("chairs", "train", [0])[0]
    part = records("chairs", "test[10:20]+train[:5]", [1, 10])
    for one, other in zip(whole, part, strict=True):
        np.testing.assert_array_equal(one["factors"], other["factors"])


def test_a_wrong_split_or_name_is_explained():
    with pytest.raises(UserError, match="Unknown split 'valid'"):
        sources.load("sprites", "valid")
    with pytest.raises(UserError, match="digits, photos, sprites, sprites_color, chairs"):
        sources.load("sprite")
