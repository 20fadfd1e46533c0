import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.models.tiny import small_images
from zoo import runs
from zoo.cli import UserError
from zoo.models import completion
from zoo.training import fit


@pytest.fixture
def model():
    model = zoo.create("completion", width=8, levels=2)
    for weight in model.weights:  # so that the network says something
        weight.assign(np.random.default_rng(0).normal(0, 0.1, weight.shape))
    return model


def test_known_pixels_come_back_bit_for_bit(model, photograph):
    image = photograph[:60, :81]
    mask = np.zeros([60, 81, 1], np.uint8)
    mask[10:30, 20:50] = 255
    filled = model.restore(image, mask=mask)
    known = mask[..., 0] == 0
    np.testing.assert_array_equal(filled[known], image[known])
    assert (filled[~known] != image[~known]).mean() > 0.5


def test_what_lies_under_the_mask_is_not_seen(model, photograph):
    image = photograph[:40, :40].copy()
    mask = np.zeros([40, 40, 1], np.uint8)
    mask[10:30, 10:30] = 255
    filled = model.restore(image, mask=mask)
    image[10:30, 10:30] = 99
    np.testing.assert_array_equal(model.restore(image, mask=mask), filled)


def test_the_baseline_is_the_mean_of_the_known_pixels(model):
    image = np.zeros([1, 4, 4, 3], np.float32)
    image[:, :2] = [0.2, 0.4, 0.6]
    mask = np.zeros([1, 4, 4, 1], np.float32)
    mask[:, 1:3] = 1
    filled = model.baseline({"image": image * (1 - mask), "mask": mask}).numpy()
    np.testing.assert_allclose(filled[0, 1, 0], [0.1, 0.2, 0.3], rtol=1e-6)
    np.testing.assert_array_equal(filled[0, 0], image[0, 0])


def test_the_hole_alone_is_scored():
    target = tf.zeros([1, 10, 10, 3])
    mask = tf.concat([tf.ones([1, 1, 10, 1]), tf.zeros([1, 9, 10, 1])], 1)
    wrong = target + 0.1 * mask
    assert float(completion.psnr_hole(target, wrong, {"mask": mask})[0]) == pytest.approx(20)


@pytest.mark.parametrize(("contrast", "expected"), [(0, 0), (0.5, 25), (1, 100), (2, 400)])
def test_the_share_of_gradients_is_of_the_hole(contrast, expected):
    target = tf.random.stateless_uniform([2, 12, 12, 3], [0, 1])
    mask = tf.pad(tf.ones([2, 6, 6, 1]), [[0, 0], [3, 3], [3, 3], [0, 0]])
    output = target * (contrast * mask) + 7 * (1 - mask)  # what is outside does not matter
    energies = completion.gradient_energies(target, output, {"mask": mask})
    np.testing.assert_allclose(100 * energies[:, 0] / energies[:, 1], expected, rtol=1e-5)
    assert completion.percent(energies.numpy()) == pytest.approx(expected)


def test_the_critic_stays_behind_when_training_is_over(tmp_path):
    digits = small_images(3)
    arguments = {"width": 8, "levels": 1, "depth": 1}
    model = zoo.create("completion", adversarial=0.1, **arguments)
    runs.start(tmp_path, model, {"dataset": "digits"}, "")
    before = [np.array(v) for v in model.critic.trainable_variables]
    fit.fit(model, digits, digits, tmp_path, fit.Recipe(steps=5, batch_size=8, validate_every=5))
    pairs = zip(before, model.critic.trainable_variables, strict=True)
    assert all(np.abs(old - new).max() > 0 for old, new in pairs)
    loaded = runs.load(tmp_path)
    assert loaded.count_params() == zoo.create("completion", **arguments).count_params()
    inputs = model.blank_inputs()
    np.testing.assert_allclose(loaded(inputs), model(inputs), atol=1e-6)


@pytest.mark.parametrize("peer", [completion.biharmonic, completion.telea])
def test_peers_fill_a_slope_well_and_leave_the_rest(peer):
    slope = np.linspace(0, 1, 24, dtype=np.float32)
    image = np.repeat(np.stack([slope] * 24)[..., None], 3, -1)
    mask = np.zeros([24, 24, 1], np.float32)
    mask[10:14, 10:14] = 1
    filled = peer(image * (1 - mask), mask)
    np.testing.assert_array_equal(filled[mask[..., 0] == 0], image[mask[..., 0] == 0])
    assert np.abs(filled - image).max() < 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hole": "star"}, "unknown hole=star; choose center, rectangles, strokes or any"),
        ({"hole_area": (40, 10)}, "hole_area=40,10 must be percent"),
        ({"hole_area": 100}, "must be percent, between 0 and 100"),
    ],
)
def test_a_wrong_hole_is_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("completion", **arguments)


def test_a_mask_over_everything_or_of_another_size_is_refused(model):
    image = np.zeros([20, 30, 3], np.uint8)
    with pytest.raises(UserError, match="covers the whole picture"):
        model.restore(image, mask=np.full([20, 30, 1], 255, np.uint8))
    with pytest.raises(UserError, match="sides differ: image 30x20, mask 20x30"):
        model.restore(image, mask=np.zeros([30, 20, 1], np.uint8))
