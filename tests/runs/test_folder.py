"""A run's folder says how its weights came about, whoever goes on with it."""

import contextlib

import pytest

import zoo
from zoo import runs
from zoo.cli import UserError
from zoo.files import weights
from zoo.models import registry
from zoo.training.recipe import Recipe

DATA = {"dataset": "digits", "data_dir": None, "split": "train", "validation_split": "test"}


@pytest.fixture(scope="module")
def model():
    return zoo.create("denoising", channels=1, **registry.find("denoising").tiny)


@pytest.fixture
def start(model, tmp_path):
    """start(learning_rate=1e-4, dataset="photos"): the same folder, but for what is given."""

    def again(precision="float32", flagfile="", **changed):
        data = DATA | {k: v for k, v in changed.items() if k in DATA}
        recipe = Recipe(steps=20)
        for name in changed.keys() - DATA.keys():
            setattr(recipe, name, changed[name])
        runs.start(tmp_path, model, data, flagfile, recipe.kept(), precision)
        return runs.read_config(tmp_path)

    again()
    return again


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("dataset", "photos"),
        ("split", "train[:50%]"),
        ("validation_split", "train[95%:]"),
        ("seed", 1),
        ("learning_rate", 1e-4),
        ("batch_size", 8),
        ("crop_size", 16),
        ("shrink", [1.0, 2.0]),
        ("loss", "mae"),
        ("ema", 0.9),
    ],
)
def test_another_recipe_is_refused(start, name, other):
    before = start()
    with pytest.raises(UserError, match=f"was trained with {name}=.*, not .*; choose another"):
        start(**{name: other})
    assert start() == before


def test_a_longer_training_is_written_down_beside_the_shorter_one(start, tmp_path):
    start(flagfile="--steps=20\n")
    assert "earlier" not in start()
    assert start(steps=40, flagfile="--steps=40\n")["recipe"]["steps"] == 40
    assert (tmp_path / "train.flags").read_text() == "--steps=40\n"
    for step in (20, 30):
        weights.save(tmp_path / "checkpoints" / f"step-{step:08}.npz", {})
    config = start(steps=60, patience=3, precision="mixed_bfloat16")
    assert (config["recipe"]["steps"], config["precision"]) == (60, "mixed_bfloat16")
    assert config["earlier"] == [
        {"until_step": 0, "steps": 20},
        {"until_step": 30, "steps": 40, "patience": 0, "precision": "float32"},
    ]
    assert start(steps=60, patience=3, precision="mixed_bfloat16") == config


def test_the_place_of_the_data_is_no_part_of_the_recipe(start):
    config = start(data_dir="/elsewhere")
    assert config["data"]["data_dir"] == "/elsewhere"
    assert "earlier" not in config


def test_what_is_known_of_a_training_is_compared_before_there_is_a_model(start, tmp_path):
    known = {"model": "denoising", "config": {"width": 8}}
    runs.refuse_another(tmp_path, known)
    runs.refuse_another(tmp_path / "new", known | {"model": "vae"})
    for other in ({"model": "vae"}, {"model": "denoising", "config": {"width": 9}}):
        with pytest.raises(UserError, match="choose another output_dir"):
            runs.refuse_another(tmp_path, other)


def test_one_number_stands_for_two_sides(tmp_path):
    for sides, alike in (([28, 28], True), ([28, 36], False)):
        kept = {"model": "vae", "config": {"image_size": sides}}
        runs.write_json(tmp_path / "config.json", kept)
        asked = {"model": "vae", "config": {"image_size": 28}}
        with contextlib.nullcontext() if alike else pytest.raises(UserError):
            runs.refuse_another(tmp_path, asked)
