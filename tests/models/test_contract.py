"""What every registered model keeps, without naming one."""

import copy
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from export import artifacts
from export.parity import real_images
from tests.models.tiny import assert_seeded, moved_model, parameters, small_images, tiny_model
from zoo import runs
from zoo.cli import UserError
from zoo.data import pipeline
from zoo.evaluation.evaluate import evaluate
from zoo.models import registry
from zoo.pictures import panels
from zoo.training import fit


@pytest.fixture(params=parameters(zoo.list_models()))
def name(request):
    return request.param


@pytest.fixture
def model(name):
    return tiny_model(name)


@pytest.fixture
def digits(model):
    return small_images(model.channels)


@pytest.mark.slow
def test_loss_goes_down_and_the_run_can_be_loaded(name, model, digits, tmp_path):
    run = tmp_path / name
    runs.start(run, model, {"dataset": "digits"}, "")
    # A linear loss, of which a share can be told; models with a loss of their own keep it.
    recipe = fit.Recipe(
        steps=100,
        batch_size=16,
        learning_rate=3e-3,
        warmup_steps=5,
        ema=0.9,
        loss="mse",
        validate_every=20,
    )
    fit.fit(model, digits, digits, run, recipe)
    history = json.loads((run / "metrics.json").read_text())["validations"]
    assert history[-1]["loss"] < 0.8 * history[0]["loss"]

    loaded = zoo.load(run)
    again = zoo.load(run)
    inputs, _ = next(iter(pipeline.eval_batches(digits, model, 4)))
    for one, other in zip(*(tf.nest.flatten(m(inputs)) for m in (loaded, again)), strict=True):
        np.testing.assert_array_equal(one, other)
    metrics, _ = evaluate(loaded, digits, limit=recipe.validation_limit)
    best = json.loads((run / "metrics.json").read_text())["best"]
    assert metrics[loaded.headline]["model"] == pytest.approx(best, rel=1e-6)


def test_config_makes_the_same_model(name, model):
    config = json.loads(json.dumps(model.get_config()))
    twin = registry.create(name, **config)
    assert twin.get_config() == model.get_config()
    paths = [v.path for v in model.weights]
    assert len(set(paths)) == len(paths)
    assert [v.path for v in twin.weights] == paths


def test_keras_own_file_and_a_deep_copy_are_the_same_model(name, model, tmp_path):
    model = moved_model(name)
    model.save(tmp_path / "model.keras")
    inputs = model.blank_inputs(2)
    expected = tf.nest.flatten(model(inputs))
    for twin in (keras.saving.load_model(tmp_path / "model.keras"), copy.deepcopy(model)):
        assert twin.get_config() == model.get_config()
        for one, other in zip(tf.nest.flatten(twin(inputs)), expected, strict=True):
            np.testing.assert_array_equal(one, other)
    with pytest.raises(UserError, match="python -m export"):
        model.export(tmp_path / "saved_model")


def test_the_seed_decides_every_random_weight(name):
    assert_seeded(lambda: tiny_model(name))


def test_same_seed_same_example(model, digits):
    def first(seed):
        inputs, _ = next(iter(pipeline.train_batches(digits, model, 4, seed=seed)))
        return [np.asarray(x) for x in tf.nest.flatten(inputs)]

    for a, b in zip(first(1), first(1), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(first(1), first(2), strict=True))


def test_evaluation_has_a_finite_baseline_beside_every_metric(model, digits):
    model.adapt(pipeline.sample_images(digits, model, 100))
    metrics, count = evaluate(model, digits, limit=7)
    assert count == 7
    assert model.headline in metrics
    for name, values in metrics.items():
        assert np.isfinite([values["model"], values["baseline"]]).all()
        assert values["unit"] == model.eval_metrics()[name].unit


@pytest.mark.slow
def test_artifacts_agree_with_keras(name, model, digits, tmp_path):
    images = real_images.of(model, digits, digits, side=8, calibration=3, judged=3)
    formats = ["saved_model", "float32"]
    report = artifacts.write(model, tmp_path, name, 1, images, 8, formats)
    assert [a["format"] for a in report["artifacts"]] == formats
    for artifact in report["artifacts"]:
        assert artifact["passed"], artifact
        assert set(artifact["signatures"]) == set(model.signatures())
        assert not [op for op in artifact["operators"] or [] if op.startswith("CUSTOM")]


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_trains(name, digits, tmp_path, precision):
    keras.mixed_precision.set_dtype_policy(precision)
    try:
        model = tiny_model(name)
        fit.fit(model, digits, digits, tmp_path, fit.Recipe(steps=2, batch_size=8, warmup_steps=0))
        inputs, _ = next(iter(pipeline.eval_batches(digits, model, 2)))
        for output in tf.nest.flatten(model(inputs)):
            assert output.dtype == tf.float32
            assert np.isfinite(output).all()
        assert {v.dtype for v in model.weights} == {"float32"}
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


def test_preview_is_pictures(model, digits):
    columns = panels.preview(model, digits, count=3)
    for images in columns.values():
        assert len(images) == 3
        assert all(image.ndim == 3 and image.shape[-1] in (1, 3) for image in images)
    assert panels.sheet(columns).dtype == np.uint8


@pytest.mark.slow  # starts a process, since replicas are for life
def test_two_replicas_compute_what_one_does(command, name, tmp_path):
    done = command("tests/models/two_replicas.py", name, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    one, two = json.loads(done.stdout.splitlines()[-1])
    assert two["loss"] == pytest.approx(one["loss"], rel=1e-4)
    for metric, values in one["metrics"].items():
        assert two["metrics"][metric]["model"] == pytest.approx(values["model"], rel=1e-3)
