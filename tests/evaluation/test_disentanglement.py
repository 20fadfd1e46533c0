import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.models.tiny import tiny_model
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.evaluation.disentanglement import evaluate_disentanglement

NAMES = ["mig", "factor_vae", "beta_vae_score", "sap", "dci"]


@pytest.mark.parametrize("name", ["autoencoder", "beta_vae"])
def test_every_score_is_given_for_the_model_and_for_pca(name):
    model, sprites = tiny_model(name), sources.load("sprites", "train")
    model.adapt(pipeline.sample_images(sprites, model, 200))
    report = evaluate_disentanglement(model, sprites, count=500)
    assert list(report) == NAMES
    for score in report.values():
        assert score["unit"] == ""
        assert 0 <= score["model"] <= 1
        assert 0 <= score["baseline"] <= 1
    # Principal components of sprites know where they are, if mixed up.
    assert report["factor_vae"]["baseline"] > 0.25


def test_codes_are_posterior_means_and_gray_pictures_have_some():
    model = zoo.create("vae", **zoo.models.registry.find("vae").tiny)
    binary = tf.cast(tf.random.stateless_uniform([3, 8, 8, 1], [0, 1]) < 0.5, tf.float32)
    np.testing.assert_allclose(model.codes(binary), model.moments(binary)[0])
    assert np.isfinite(model.codes(0.5 * binary)).all()
    assert model.codes(binary).shape == model.baseline_codes(binary).shape == (3, 4)


def test_pictures_without_known_factors_are_one_clear_error():
    digits = sources.load("digits", "test")
    with pytest.raises(UserError, match=r"digits has no known factors .* dataset=sprites or "):
        evaluate_disentanglement(tiny_model("vae"), digits)


def test_a_model_without_latents_is_one_clear_error():
    with pytest.raises(UserError, match="denoising has no latent vector"):
        evaluate_disentanglement(tiny_model("denoising"), sources.load("chairs", "test"))
