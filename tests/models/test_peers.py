"""Classical methods beside a model give what the model gives: same form, finite, in range."""

import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.models.tiny import small_images
from zoo.data import pipeline
from zoo.evaluation.evaluate import evaluate
from zoo.models import registry
from zoo.models.base import Model

# Peers of a denoiser must be told the one strength of the noise.
TOLD = {"degrade": "noise", "noise_stddev": 25.0}


# Those that declare some: the others inherit none.
NAMES = [name for name in zoo.list_models() if registry.find(name).peers is not Model.peers]


@pytest.fixture(params=NAMES)
def model(request):
    model_class = registry.find(request.param)
    takes = model_class.parameters()
    told = TOLD if set(TOLD) <= set(takes) and "scale" not in takes else {}
    return registry.create(request.param, **{"channels": 1} | model_class.tiny | told)


def test_peers_answer_in_the_form_of_the_model(model):
    digits = small_images(model.channels)
    model.adapt(pipeline.sample_images(digits, model, 64))
    inputs, _ = next(iter(pipeline.eval_batches(digits, model, 3)))
    output = model(inputs)
    for peer, function in model.peers().items():
        answer = function(inputs)
        tf.nest.assert_same_structure(answer, output)
        for ours, theirs in zip(tf.nest.flatten(answer), tf.nest.flatten(output), strict=True):
            ours = np.asarray(ours)
            assert ours.shape == theirs.shape, peer
            assert np.isfinite(ours).all(), peer
            assert ours.min() >= -1e-6, peer
            assert ours.max() <= 1 + 1e-6, peer


def test_a_cameras_noise_has_a_peer_in_color():
    model = zoo.create("denoising", channels=3, degrade="camera+jpeg", width=8, depth=1, levels=1)
    (noise,) = model.peers().values()
    image = tf.fill([1, 40, 50, 3], 0.5)
    noisy = image + tf.random.stateless_normal(image.shape, [0, 1], stddev=3 / 255)
    answer = noise(noisy)
    assert answer.shape == image.shape
    assert np.mean((answer - image) ** 2) < 0.5 * np.mean((noisy - image) ** 2)


def test_evaluate_reports_each_peer_beside_the_model(model):
    digits = small_images(model.channels)
    model.adapt(pipeline.sample_images(digits, model, 64))
    for metric, found in evaluate(model, digits, limit=3, peers=True)[0].items():
        assert set(found.get("peers", {})) == set(model.peers()), metric
        assert np.isfinite(list(found.get("peers", {}).values())).all(), metric
