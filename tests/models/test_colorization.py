import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.cli import UserError
from zoo.images import chroma_bins, color
from zoo.models import colorization, tiles

HEADS = ("regression", "distribution")


@pytest.fixture(params=HEADS)
def model(request):
    model = zoo.create("colorization", head=request.param, width=8, levels=2)
    tail = model.network.tail.kernel  # zero at first, so that the network says nothing
    tail.assign(np.random.default_rng(0).normal(0, 0.15, tail.shape))
    return model


def test_the_given_lightness_comes_back(model, photograph):
    gray = photograph[:80, :90, 1:2]
    painted = model.restore(gray)
    assert painted.shape == (80, 90, 3)
    assert painted.std(-1).mean() > 1
    lightness = np.asarray(color.rgb_to_lab(painted / np.float32(255)))[..., :1]
    assert np.abs(color.gray_of_lightness(lightness) - gray / 255).max() <= 1 / 255


def test_tiles_have_the_colors_of_the_whole(model, photograph):
    gray = photograph[:200, :170, 1:2] / np.float32(255)
    whole = model.infer({"image": gray[np.newaxis]}).numpy()[0]
    tiled = tiles.restore(model, gray, tile=64)
    assert np.abs(tiled - whole).max() < 1e-4
    assert np.abs(model.restore(gray[:64, :64]) - whole[:64, :64]).max() > 0.01  # without the rest


def test_dots_change_colors_and_tiles_are_told_of_them_too(model, photograph):
    gray, dots = photograph[:80, :90, :1], np.zeros([80, 90, 4], np.uint8)
    dots[20:40, 30:50] = [220, 20, 20, 255]
    plain, steered = model.restore(gray), model.restore(gray, hints=dots)
    assert np.abs(np.int32(steered) - plain).max() > 3
    told = model.steering(gray, dots)
    tiled = tiles.restore(model, gray / np.float32(255), tile=32, steering=told)
    assert np.abs(tiled - steered / 255).max() < 1 / 255
    with pytest.raises(UserError, match="sides differ: image 90x80, hints 90x79"):
        model.restore(gray, hints=dots[1:])


def test_other_colorings_differ_and_can_be_had_again(photograph):
    model = zoo.create("colorization", head="distribution", width=8, levels=1)
    model.network.head.kernel.assign(np.random.default_rng(0).normal(0, 0.3, [3, 3, 7, 8]))
    tail = model.network.tail.kernel
    tail.assign(np.random.default_rng(0).normal(0, 0.3, tail.shape))
    gray = photograph[:40, :50, :1]
    found = [model.restore(gray, coloring=seed) for seed in (1, 2, 1)]
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(np.int32(found[0]) - found[1]).max() > 3
    model = zoo.create("colorization", width=8, levels=1)
    with pytest.raises(UserError, match="coloring is of head=distribution; this is a regression"):
        model.restore(gray, coloring=1)


def test_gray_of_a_picture_has_its_lightness(model, photograph):
    image = photograph[:20, :30] / np.float32(255)
    given, target = model.example({"image": tf.constant(image)}, tf.constant([0, 0]))
    np.testing.assert_array_equal(target, image)
    np.testing.assert_allclose(
        color.lightness(given["image"]), color.rgb_to_lab(image)[..., :1], atol=0.01
    )


def test_bins_cover_what_the_screen_can_show(photograph):
    bins = chroma_bins.centers()
    assert 200 < len(bins) < 400  # Zhang et al. 2016 count 313 on the same grid
    chroma = color.rgb_to_lab(tf.constant(photograph[:50, :50] / np.float32(255)))[..., 1:]
    shares = chroma_bins.soft(chroma, bins).numpy()
    np.testing.assert_allclose(shares.sum(-1), 1, rtol=1e-5)
    assert np.abs(shares @ bins - chroma).mean() < 1


def test_rare_colors_are_weighted_up():
    model = zoo.create("colorization", head="distribution", width=8, levels=1)
    gray, red = np.full([8, 8, 3], 0.5, np.float32), np.zeros([8, 8, 3], np.float32)
    red[..., 0] = 0.8
    model.adapt([gray] * 9 + [red])
    shares = [
        chroma_bins.soft(color.rgb_to_lab(tf.constant(x))[..., 1:], model.bins)[0, 0]
        for x in (gray, red)
    ]
    weights = [float(tf.reduce_sum(s * model.bin_weights)) for s in shares]
    assert weights[1] > 1.5 * weights[0]
    expected = 0.1 * np.asarray(color.rgb_to_lab(red))[0, 0, 1:]
    np.testing.assert_allclose(model.mean_chroma, expected, atol=0.1)


def test_a_low_temperature_is_more_colorful(photograph):
    gray = photograph[:40, :40, :1]
    spread = []
    for temperature in (1.0, 0.2):
        model = zoo.create("colorization", head="distribution", width=8, temperature=temperature)
        red = np.argmax(model.bins[:, 0])
        model.network.tail.bias.assign(np.eye(len(model.bins))[red] * 2)  # likelier than each other
        spread.append(model.restore(gray).std(-1).mean())
    assert spread[1] > 1.2 * spread[0]


def test_a_temperature_is_of_the_distribution_alone():
    kept = {"head": "distribution", "temperature": 0.38}
    changed = {"temperature": 0.1}
    assert colorization.Colorization.once_trained(kept, changed)["temperature"] == 0.1
    with pytest.raises(UserError, match="of head=distribution; this is a regression"):
        colorization.Colorization.once_trained(kept | {"head": "regression"}, changed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"head": "magic"}, "unknown head=magic; choose regression or distribution"),
        ({"channels": 1}, "learns from color pictures, not 1 channels"),
        ({"temperature": 0.0}, "temperature=0 must be above 0"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("colorization", **arguments)
