import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.models.tiny import small_images, tiny_model
from zoo import runs
from zoo.cli import UserError
from zoo.data import pipeline
from zoo.evaluation.evaluate import evaluate
from zoo.files import weights
from zoo.models import registry
from zoo.training import fit

TINY = registry.find("classifier").tiny
LENDERS = "autoencoder", "vae", "denoising", "classifier"
RECIPE = fit.Recipe(steps=4, batch_size=8, learning_rate=1e-2, warmup_steps=0)


@pytest.fixture(scope="module")
def digits():
    return small_images(1)


@pytest.fixture(scope="module")
def lent(tmp_path_factory):
    """A run of each model that lends its encoder, with whatever weights it began with."""
    folder = tmp_path_factory.mktemp("lenders")
    for name in LENDERS:
        model = tiny_model(name)
        runs.start(folder / name, model, {"dataset": "digits"}, "")
        weights.save(folder / name / "best.npz", weights.of_model(model))
    return folder


def arrays_of(layers):
    return [keras.ops.convert_to_numpy(v) for layer in layers for v in layer.weights]


def trained(lent, digits, tmp_path, mode):
    """A classifier on the autoencoder's encoder, and that encoder's arrays before and after."""
    model = zoo.create(
        "classifier", image_size=8, init_encoder=str(lent / "autoencoder"), encoder_mode=mode
    )
    before = arrays_of(model.encoder)
    runs.start(tmp_path / mode, model, {"dataset": "digits"}, "")
    fit.fit(model, digits, digits, tmp_path / mode, RECIPE)
    return model, before, arrays_of(model.encoder)


@pytest.mark.parametrize("name", LENDERS)
def test_it_takes_the_encoder_and_nothing_else(lent, digits, name):
    source = zoo.load(lent / name)
    model = zoo.create(
        "classifier", image_size=8, init_encoder=str(lent / name), encoder_mode="frozen"
    )
    images = np.stack(pipeline.sample_images(digits, model, 5))
    np.testing.assert_array_equal(model.features(images), source.features(images))
    encoder = sum(a.size for a in arrays_of(source.feature_layers()))
    assert encoder == sum(a.size for a in arrays_of(model.encoder))
    assert len(model.trainable_variables) == 2
    assert sum(np.prod(v.shape) for v in model.weights) < encoder + 64 * 100


def test_the_config_is_whole_without_the_run_it_came_from(lent, digits, tmp_path):
    model, _, _ = trained(lent, digits, tmp_path, "finetune")
    config = runs.read_config(tmp_path / "finetune")["config"]
    assert config["init_encoder"]["model"] == "autoencoder"
    assert str(lent) not in json.dumps(config)
    loaded = zoo.load(tmp_path / "finetune")
    best = runs.best_weights(tmp_path / "finetune")
    assert len(best) == len(loaded.weights) == len(model.weights)


def test_a_frozen_encoder_stays_and_a_finetuned_one_moves_a_little(lent, digits, tmp_path):
    moved = {}
    for mode in ("frozen", "finetune"):
        _, before, after = trained(lent, digits, tmp_path, mode)
        moved[mode] = max(np.abs(a - b).max() for a, b in zip(after, before, strict=True))
    assert moved["frozen"] == 0
    # Adam's steps are at most about the learning rate, here a tenth of 1e-2, four times.
    assert 0 < moved["finetune"] < 1.5 * 4 * 1e-3


def test_scratch_is_the_architecture_with_fresh_weights(lent):
    model = zoo.create(
        "classifier", image_size=8, init_encoder=str(lent / "vae"), encoder_mode="scratch"
    )
    theirs = arrays_of(zoo.load(lent / "vae").feature_layers())
    ours = arrays_of(model.encoder)
    assert [a.shape for a in ours] == [a.shape for a in theirs]
    assert any((a != b).any() for a, b in zip(ours, theirs, strict=True))
    assert all(model.learning_rate_factor(v) == 1.0 for v in model.trainable_variables)


def test_features_are_standardized_and_the_baseline_is_the_nearest_mean(digits):
    model = tiny_model("classifier")
    images = pipeline.sample_images(digits, model, 64)
    labels = pipeline.sample_labels(digits, 64)
    model.adapt(images, labels)
    features = model.features(np.stack(images)).numpy()
    np.testing.assert_allclose(features.mean(0), 0, atol=1e-3)
    assert features.std(0).max() == pytest.approx(1, abs=1e-2)

    means = np.stack([np.stack(images)[labels == k].mean(0) for k in range(10)])
    distances = ((np.stack(images)[:, None] - means) ** 2).sum((2, 3, 4))
    logits = model.baseline(tf.constant(np.stack(images)))
    np.testing.assert_array_equal(np.argmax(logits, -1), distances.argmin(-1))


def test_it_serves_probabilities(digits):
    model = tiny_model("classifier")
    image = np.stack(pipeline.sample_images(digits, model, 3))
    likely = model.serve["classify"]({"image": image})["probabilities"]
    np.testing.assert_allclose(tf.reduce_sum(likely, -1), 1, rtol=1e-5)
    assert model.serve["features"]({"image": image})["features"].shape == (3, 16)


def test_top5_is_for_ten_classes_or_more():
    assert "top5" in tiny_model("classifier").eval_metrics()
    assert "top5" not in zoo.create("classifier", classes=3, **TINY).eval_metrics()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"encoder_mode": "thawed"}, "unknown encoder_mode=thawed; choose frozen, finetune"),
        ({"encoder_mode": "frozen"}, "encoder_mode=frozen needs init_encoder"),
        ({"dropout": 1.0}, "dropout=1 must be at least 0 and below 1"),
        ({"init_encoder": "nowhere"}, "nowhere is not a run's folder"),
        ({"init_encoder": "sr_x2"}, "a super_resolution model has no encoder to classify by"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("classifier", **arguments)


def test_features_drop_out_in_training_alone():
    model = zoo.create("classifier", dropout=0.5, **TINY)
    images = np.random.default_rng(0).random([3, 8, 8, 1], np.float32)
    plain = model.head(model.features(images))
    np.testing.assert_allclose(model(images), plain, atol=1e-6)
    assert not np.allclose(model(images, training=True), plain, atol=1e-3)


def test_an_encoder_of_other_images_is_explained(lent):
    run = str(lent / "autoencoder")
    message = "takes images of 8x8 with 1 channels, not 28x28 with 3 channels: give image_size=8,8"
    with pytest.raises(UserError, match=message):
        zoo.create("classifier", channels=3, init_encoder=run)


def test_data_without_labels_or_with_too_many_are_explained(digits):
    model = zoo.create("classifier", classes=9, **TINY)
    with pytest.raises(UserError, match="digits has 10 classes, and this classifier tells 9 apart"):
        evaluate(model, digits)
    with pytest.raises(UserError, match="digits has no labels; choose data with classes"):
        evaluate(model, dataclasses.replace(digits, class_names=None))


def test_train_py_takes_a_lent_encoder_and_few_labels(command, lent, tmp_path):
    done = command(
        "train.py",
        "--model=classifier",
        "--dataset=digits",
        f"--init_encoder={lent / 'autoencoder'}",
        "--encoder_mode=frozen",
        "--labels_per_class=2",
        "--steps=2",
        f"--output_dir={tmp_path / 'run'}",
    )
    assert done.returncode == 0, done.stderr
    assert "on 20 images of digits" in done.stdout
    config = runs.read_config(tmp_path / "run")["config"]
    assert (config["classes"], config["image_size"]) == (10, [8, 8])
