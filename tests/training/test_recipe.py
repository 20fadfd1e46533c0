"""A recipe's fields are declared once: as flags, in a run's config.json, as a flagfile."""

import typing

import pytest

from zoo import presets, runs
from zoo.models import parsers
from zoo.training import recipe
from zoo.training.losses import LOSSES
from zoo.training.recipe import Recipe


def test_every_field_has_help_and_can_be_a_flag():
    assert {k: a.default for k, a in recipe.arguments().items()} == vars(Recipe())
    for argument in recipe.arguments().values():
        assert argument.help
        assert parsers.of(argument.annotation)


def test_the_losses_to_choose_from_are_those_that_there_are():
    (literal, _) = typing.get_args(typing.get_type_hints(Recipe)["loss"])
    assert typing.get_args(literal) == tuple(LOSSES)


@pytest.mark.parametrize("name", presets.names())
def test_a_presets_recipe_is_what_its_flagfile_asks_for(name):
    kept = runs.read_config(name)["recipe"]
    assert Recipe(**kept).kept() == kept
    lines = (presets.find(name) / "train.flags").read_text().split()
    asked = dict(line.removeprefix("--").partition("=")[::2] for line in lines)
    assert kept.keys() & asked.keys() >= {"seed", "learning_rate"}
    assert kept.keys() & asked.keys() & {"steps", "epochs", "minutes"}  # when it ends
    for field in kept.keys() & asked.keys():
        annotation = recipe.arguments()[field].annotation
        assert kept[field] == parsers.of(annotation).parse(asked[field])


def test_what_is_only_of_this_place_is_not_kept():
    kept = Recipe(data_service="localhost:1", profile=3, steps=5).kept()
    assert kept["steps"] == 5
    assert not {"data_service", "profile"} & kept.keys()
