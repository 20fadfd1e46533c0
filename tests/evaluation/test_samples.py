import numpy as np
import pytest

import zoo
from tests.models.tiny import small_images, tiny_model
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.evaluation.samples import evaluate_samples
from zoo.models import registry


@pytest.fixture(scope="module")
def digits():
    return small_images(1, 200)


@pytest.fixture(scope="module")
def vae(digits):
    model = tiny_model("vae")
    model.adapt(pipeline.sample_images(digits, model, 200))
    return model


def test_real_images_are_the_floor_and_an_untrained_model_is_far(vae, digits):
    held_out = sources.load("digits", "test")
    found = evaluate_samples(vae, held_out, digits, tiny_model("classifier"), count=150)
    assert list(found) == ["frechet", "precision", "recall"]
    floor = {name: values["peers"]["real images"] for name, values in found.items()}
    assert floor["frechet"] < found["frechet"]["baseline"] < found["frechet"]["model"]
    assert floor["precision"] > 0.7
    assert floor["recall"] > 0.7
    assert found["recall"]["model"] < floor["recall"]
    assert all(np.isfinite(values["peers"]["mixture"]) for values in found.values())


def test_a_classifier_of_other_images_is_explained(vae, digits):
    other = zoo.create("classifier", **registry.find("classifier").tiny | {"image_size": 16})
    with pytest.raises(UserError, match=r"image_size is \[16, 16\], the model's \[8, 8\]"):
        evaluate_samples(vae, digits, digits, other)


def test_a_model_that_does_not_sample_is_explained(digits):
    with pytest.raises(UserError, match="a denoising model does not make pictures up"):
        evaluate_samples(tiny_model("denoising"), digits, digits, tiny_model("classifier"))
