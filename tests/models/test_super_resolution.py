import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.models.tiny import small_images
from zoo import runs
from zoo.cli import UserError
from zoo.models import registry
from zoo.training import fit, validation


@pytest.mark.parametrize(
    ("size", "low", "high"), [("tiny", 20, 30), ("small", 50, 60), ("base", 300, 350)]
)
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_sizes_are_what_they_say(size, low, high, scale):
    model = zoo.create("super_resolution", size=size, scale=scale)
    assert low * 1000 <= model.count_params() <= high * 1000


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_untrained_it_repeats_every_pixel(photograph, scale):
    model = zoo.create("super_resolution", size="tiny", scale=scale)
    small = photograph[:20, :31]
    expected = small.repeat(scale, 0).repeat(scale, 1)
    np.testing.assert_array_equal(model.restore(small), expected)


def test_a_pair_is_cut_to_the_scale(photograph):
    model = zoo.create("super_resolution", size="tiny", scale=3)
    record = {"image": tf.constant(photograph[:20, :31], tf.float32) / 255}
    small, large = model.example(record, tf.constant([0, 0]))
    assert large.shape == (18, 30, 3)
    assert small.shape == (6, 10, 3)
    np.testing.assert_array_equal(small * 255, np.round(small * 255))


def test_pictures_from_the_web_are_a_chain():
    model = zoo.create(
        "super_resolution", size="tiny", degrade="blur+downscale+noise+jpeg", noise_stddev=[0, 10]
    )
    assert [name for name, _, _ in model.steps] == ["blur", "downscale", "noise", "jpeg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 5}, "scale=5 is not supported; choose 2, 3 or 4"),
        ({"size": "huge"}, "unknown size=huge; choose one of tiny, small, base"),
        (
            {"degrade": "blur"},
            "degrade=blur must hold one of downscale, photo, photo_or_downscale, once",
        ),
        ({"blur_sigma": 1.0}, "blur_sigma goes with degrade=blur, not with downscale"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("super_resolution", **arguments)


def test_expanded_and_collapsed_kernels_are_one(tmp_path):
    """What is trained with an expansion is saved, and loaded, as plain convolutions."""
    digits, tiny = small_images(3), {"size": "tiny"}
    model = registry.create("super_resolution", expansion=48, **tiny)
    plain = registry.create("super_resolution", **tiny)
    assert model.count_params() > 2 * plain.count_params()
    runs.start(tmp_path, model, {"dataset": "digits"}, "")
    recipe = fit.Recipe(steps=30, batch_size=8, learning_rate=3e-3, ema=0.9, validate_every=30)
    fit.fit(model, digits, digits, tmp_path, recipe)
    with validation.averaged_weights(model):
        narrow = [v for v in model.weights if v.path.endswith("narrow")]
        assert all(np.abs(v).max() > 1e-3 for v in narrow)
        images = tf.random.stateless_uniform([2, 8, 8, 3], [0, 1])
        expanded = model(images)
    loaded = runs.load(tmp_path)
    assert loaded.count_params() == plain.count_params()
    np.testing.assert_allclose(loaded(images), expanded, atol=1e-5)
