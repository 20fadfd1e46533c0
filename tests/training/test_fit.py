import dataclasses
import json

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from zoo import runs
from zoo.cli import UserError
from zoo.data import source, sources
from zoo.files import weights
from zoo.models import registry
from zoo.training import fit
from zoo.training.budget import Budget
from zoo.training.checkpoints import State


@pytest.fixture
def digits():
    return sources.load("digits", "train[:64]")


@pytest.fixture
def model():
    return registry.create("denoising", channels=1, **registry.find("denoising").tiny)


def test_nan_stops_the_run_and_names_the_step(model, digits, tmp_path):
    recipe = fit.Recipe(steps=50, learning_rate=1e30, warmup_steps=0)
    with pytest.raises(UserError, match=r"at step \d+; try a lower learning_rate than 1e\+30"):
        fit.fit(model, digits, digits, tmp_path, recipe)


def test_patience_stops_a_run_that_gains_no_more(model, digits, tmp_path):
    recipe = fit.Recipe(steps=40, learning_rate=0.0, validate_every=4, patience=2)
    fit.fit(model, digits, digits, tmp_path, recipe)
    history = json.loads((tmp_path / "metrics.json").read_text())["validations"]
    assert [row["step"] for row in history] == [4, 8, 12]


def test_tensorboard_has_scalars_pictures_graph_and_settings(model, digits, tmp_path):
    fit.fit(model, digits, digits, tmp_path, fit.Recipe(steps=50, batch_size=8))
    events = EventAccumulator(str(tmp_path / "logs"), size_guidance={"tensors": 0}).Reload()
    tags = set(events.Tags()["tensors"])
    assert {"loss", "learning_rate", "validation/psnr", "preview"} <= tags
    assert "_hparams_/session_start_info" in events.summary_metadata
    assert events.Tags()["graph"]
    assert (tmp_path / "preview.png").stat().st_size > 0


def test_learning_rate_warms_up_and_cools_down():
    schedule = fit.optimizer(fit.Recipe(learning_rate=1.0, warmup_steps=10), 110)._learning_rate
    rates = [float(schedule(step)) for step in (0, 5, 10, 60, 110)]
    assert rates == pytest.approx([0, 0.5, 1, 0.5, 0], abs=1e-6)


def test_learning_rate_follows_the_clock():
    budget = Budget(10**9, seconds=60.0)
    schedule = fit.optimizer(
        fit.Recipe(learning_rate=1.0, warmup_steps=10), 10**9, share=budget.share
    )._learning_rate
    rates = []
    for step, seconds in ((0, 0), (5, 0), (10, 0), (12, 30), (15, 60)):
        budget.look(State(step=step, seconds=seconds))
        rates.append(float(schedule(step)))
    assert rates == pytest.approx([0, 0.5, 1, 0.5, 0], abs=1e-6)
    assert budget.over
    budget.look(State(step=1, seconds=6))  # a slow machine has done one step in a tenth of it
    assert float(schedule(1)) > 0.97


def test_minutes_end_a_training_and_hold_over_a_pause(digits, tmp_path):
    model = registry.create("denoising", channels=1, **registry.find("denoising").tiny)
    runs.start(tmp_path, model, {"dataset": "digits"}, "")
    recipe = fit.Recipe(minutes=0.05, validate_every=10**6)
    fit.fit(model, digits, digits, tmp_path, recipe)
    history = json.loads((tmp_path / "metrics.json").read_text())["validations"]
    assert len(history) == 1  # the one at the end
    assert history[0]["step"] > 5
    fit.fit(model, digits, digits, tmp_path, recipe)  # nothing is left of it
    fit.fit(model, digits, digits, tmp_path, dataclasses.replace(recipe, minutes=0.1))
    history = json.loads((tmp_path / "metrics.json").read_text())["validations"]
    assert [entry["step"] > history[0]["step"] for entry in history] == [False, True]


@pytest.mark.parametrize("name", ["denoising", pytest.param("vae", marks=pytest.mark.slow)])
def test_micro_batches_change_memory_and_nothing_else(name, digits, tmp_path):
    found, arguments = {}, {"channels": 1} | registry.find(name).tiny
    for parts in (1, 4):
        keras.utils.set_random_seed(0)
        model = registry.create(name, **arguments)
        recipe = fit.Recipe(steps=5, batch_size=32, micro_batches=parts, warmup_steps=0, ema=0.9)
        fit.fit(model, digits, digits, tmp_path / str(parts), recipe)
        history = json.loads((tmp_path / str(parts) / "metrics.json").read_text())["validations"]
        found[parts] = history[-1]["loss"], weights.load(tmp_path / str(parts) / "last.npz")
    assert found[4][0] == pytest.approx(found[1][0], rel=1e-5)
    for key, value in found[1][1].items():
        np.testing.assert_allclose(found[4][1][key], value, atol=1e-5)


@pytest.mark.slow
def test_several_steps_an_execution_are_the_same_steps(digits, tmp_path):
    found = {}
    for many in (1, 4):
        keras.utils.set_random_seed(0)
        model = registry.create("denoising", channels=1, **registry.find("denoising").tiny)
        for total in (
            3,
            10,
        ):  # neither is a multiple of 4, and the second run goes on from the first
            recipe = fit.Recipe(steps=total, steps_per_execution=many, validate_every=5, ema=0.9)
            fit.fit(model, digits, digits, tmp_path / str(many), recipe)
        history = json.loads((tmp_path / str(many) / "metrics.json").read_text())["validations"]
        found[many] = history, weights.load(tmp_path / str(many) / "checkpoints/step-00000010.npz")
    steps = {many: [row["step"] for row in history] for many, (history, _) in found.items()}
    assert steps == {1: [3, 5, 10], 4: [3, 7, 10]}
    assert found[4][1]["state/position"] == found[1][1]["state/position"] == 320
    for key in set(found[1][1]) - {"state/seconds", "state/best"}:
        np.testing.assert_allclose(found[4][1][key], found[1][1][key], atol=1e-6, err_msg=key)


@pytest.mark.parametrize(
    ("recipe", "error"),
    [
        ({"crop_share": [0.6, 1.5]}, "crop_share=0.6,1.5 must be low,high, above 0 and at most 1"),
        ({"crop_share": [0.9, 0.5]}, "crop_share=0.9,0.5 must be low,high"),
        ({"crop_share": 0.5, "shrink": 2.0}, "crop_share=0.5,0.5 takes the place of"),
    ],
)
def test_a_share_of_a_picture_is_one_and_not_beside_another_reduction(model, digits, recipe, error):
    with pytest.raises(UserError, match=error):
        fit.check(model, digits, fit.Recipe(crop_size=8, **recipe))
    fit.check(model, digits, fit.Recipe(crop_size=8, crop_share=[0.5, 1.0]))


def test_micro_batches_must_divide_the_batch(model, digits):
    with pytest.raises(UserError, match="micro_batches=3 does not divide the 32 images"):
        fit.check(model, digits, fit.Recipe(micro_batches=3))


def test_learning_rate_may_grow_with_the_batch():
    recipe = {"learning_rate": 0.1, "batch_size": 128, "reference_batch": 32}
    for rule, rate in {"none": 0.1, "sqrt": 0.2, "linear": 0.4}.items():
        made = fit.Recipe(**recipe, learning_rate_scaling=rule, warmup_steps=0)
        schedule = fit.optimizer(made, 10)._learning_rate
        assert float(schedule(0)) == pytest.approx(rate)


def test_steps_follow_from_epochs(digits):
    assert fit.Recipe(epochs=3, batch_size=16).total_steps(digits) == 12
    assert fit.Recipe(steps=7).total_steps(digits) == 7


def test_a_crop_below_the_stride_is_explained(digits, tmp_path):
    model = registry.create("denoising", channels=1, width=4, depth=1, levels=4)
    with pytest.raises(UserError, match="needs at least 16x16"):
        fit.fit(model, digits, digits, tmp_path, fit.Recipe(steps=1))


def test_turning_images_that_are_not_square_is_explained(model, digits, tmp_path):
    oblong = source.resized(digits, [8, 16])
    with pytest.raises(UserError, match="these are 16x8: give crop_size"):
        fit.fit(model, oblong, digits, tmp_path, fit.Recipe(steps=1, augment="dihedral"))
