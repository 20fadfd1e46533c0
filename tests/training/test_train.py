"""The one function `train`: from a model's name and pictures to a run's folder."""

import json

import numpy as np
import pytest

import zoo
from zoo import runs
from zoo.cli import UserError
from zoo.data import sources
from zoo.files import weights
from zoo.models import registry
from zoo.training.recipe import Recipe
from zoo.training.train import train

TINY = {"latent_dim": 4, "width": 8}


@pytest.fixture(scope="module")
def digits():
    return sources.load("digits", "train[:64]")


@pytest.fixture
def trained(digits, tmp_path):
    """trained("autoencoder", steps=2, latent_dim=4) in the test's own folder."""

    def make(name, images=digits, steps=2, start_from=None, **arguments):
        recipe = Recipe(steps=steps, batch_size=8, validation_limit=8)
        return train(
            name, images, digits, tmp_path / "run", recipe, start_from=start_from, **arguments
        )

    return make


def test_the_data_decide_what_no_argument_does(trained, tmp_path):
    model = trained("classifier", width=8, levels=1)
    assert (model.channels, model.image_size, model.classes) == (1, [8, 8], 10)
    config = runs.read_config(tmp_path / "run")
    assert config["data"]["split"] == "train[:64]"
    assert Recipe(**config["recipe"]).steps == 2
    loaded = zoo.load(tmp_path / "run")
    for one, other in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_argument_comes_before_the_data(trained):
    assert trained("classifier", width=8, levels=1, classes=12, image_size=16).classes == 12


def test_images_are_scaled_for_a_model_of_any_size(trained, capsys):
    tiny = registry.find("denoising").tiny | {"levels": 3}
    with pytest.raises(UserError, match="too small"):
        trained("denoising", **tiny | {"levels": 4})
    trained("denoising", image_size=16, **tiny | {"levels": 4})
    assert capsys.readouterr().out.startswith("denoising, ")


def test_the_same_folder_again_goes_on(trained, tmp_path, capsys):
    trained("autoencoder", **TINY)
    trained("autoencoder", steps=4, **TINY)
    assert "going on from step 2" in capsys.readouterr().err
    rows = json.loads((tmp_path / "run" / "metrics.json").read_text())["validations"]
    assert [row["step"] for row in rows] == [2, 4]


def test_another_models_weights_are_a_beginning(trained, tmp_path, capsys):
    trained("autoencoder", **TINY)
    (tmp_path / "run").rename(tmp_path / "first")
    trained("autoencoder", start_from=str(tmp_path / "first"), **TINY)
    count = len(weights.load(tmp_path / "first" / "best.npz"))
    assert f"{count} of {count} arrays begin as in" in capsys.readouterr().out


def test_what_is_refused_leaves_no_folder(trained, tmp_path, digits):
    with pytest.raises(UserError, match="scale does not apply to autoencoder; it applies to"):
        trained("autoencoder", scale=2)
    with pytest.raises(UserError, match="has no labels"):
        trained("classifier", sources.load("sprites", "train[:8]"))
    assert not (tmp_path / "run").exists()


def test_without_validation_pictures_the_training_pictures_are_judged(digits, tmp_path, capsys):
    nothing = sources.load("digits", "train[:0]")
    recipe = Recipe(steps=2, batch_size=8, validation_limit=8)
    train("autoencoder", digits, nothing, tmp_path, recipe, **TINY)
    assert "validating on the training images" in capsys.readouterr().err
