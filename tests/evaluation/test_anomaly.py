import numpy as np
import pytest

import zoo
from tests.models.tiny import small_images, tiny_model
from zoo.cli import UserError
from zoo.data import foreign, pipeline
from zoo.evaluation import anomaly
from zoo.metrics.complexity import complexity
from zoo.models import registry


@pytest.fixture(scope="module")
def digits():
    return small_images(1)


@pytest.fixture(scope="module")
def vae(digits):
    model = tiny_model("vae")
    model.adapt(pipeline.sample_images(digits, model, 64))
    return model


def test_inverted_digits_are_foreign_to_the_baseline(vae, digits):
    inside, outside = foreign.pair(digits, "invert")
    found = anomaly.evaluate_anomaly(vae, inside, outside, limit=40)["auroc"]
    assert found["baseline"] > 0.99
    assert 0 <= found["model"] <= 1
    assert set(found["peers"]) == {"complexity corrected", "complexity"}
    assert found["unit"] == ""


def test_the_same_images_are_not_foreign(vae, digits):
    found = anomaly.evaluate_anomaly(vae, digits, digits)["auroc"]
    assert found["model"] == found["baseline"] == 0.5


def test_the_same_seed_gives_the_same_scores(vae, digits):
    one, two, other = (anomaly.scores(vae, digits, seed)["model"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_a_model_of_color_scores_too():
    arguments = registry.find("ladder_vae").tiny | {"likelihood": "logistic_mixture"}
    model, images = registry.create("ladder_vae", channels=3, **arguments), small_images(3)
    model.adapt(pipeline.sample_images(images, model, 64))
    inside, outside = foreign.pair(images, "noise")
    found = anomaly.evaluate_anomaly(model, inside, outside, limit=20)["auroc"]
    assert found["peers"]["complexity"] > 0.99
    assert "likelihood ratio above 1" in found["peers"]


def test_color_of_another_size_is_scored_as_the_model_sees_it(vae, digits, image_folder):
    _, outside = foreign.pair(digits, f"folder:{image_folder}", channels=1)
    found = anomaly.evaluate_anomaly(vae, digits, outside)["auroc"]
    assert np.isfinite(found["model"])


def test_noise_is_more_complex_than_a_plain_image():
    noise = np.random.default_rng(0).uniform(size=[2, 28, 28, 1])
    plain = np.full([1, 28, 28, 1], 0.5)
    lengths = complexity(np.concatenate([plain, noise]))
    assert lengths.shape == (3,)
    # 784 bytes of noise cannot be packed.
    assert lengths[0] < 100 * 8 * np.log(2) < 784 * 8 * np.log(2) < lengths[1:].min()


def test_a_model_without_a_score_is_explained(digits):
    with pytest.raises(UserError, match="a denoising model gives no anomaly score"):
        anomaly.evaluate_anomaly(zoo.create("denoising", width=4, depth=1), digits, digits)
