"""Quantization-aware fine-tuning: what is simulated is what int8 does, and it helps."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import zoo
from export import artifacts
from export.litert import fake_quant, int8, qat, tflite
from export.parity import real_images, tensors
from tests.models.tiny import parameters, tiny_model
from zoo.data import sources
from zoo.files import weights


def test_numbers_fall_on_256_levels_and_zero_is_one_of_them():
    x = np.random.default_rng(0).normal(size=1000).astype("float32") + 0.5
    got = fake_quant.rounded(tf.constant(x)).numpy()
    step = (x.max() - x.min()) / 255
    assert len(np.unique(got)) <= 256
    assert np.abs(got - x).max() <= step * 0.51
    np.testing.assert_allclose(got / step, np.round(got / step), atol=1e-3)


def test_a_kernel_has_a_scale_for_each_output_channel():
    kernel = np.random.default_rng(0).normal(size=[3, 3, 4, 2]).astype("float32")
    kernel[..., 1] *= 100
    got = fake_quant.rounded_kernel(tf.constant(kernel)).numpy()
    for channel in range(2):
        step = np.abs(kernel[..., channel]).max() / 127
        assert np.abs(got - kernel)[..., channel].max() <= step * 0.51


def test_gradients_pass_as_if_nothing_were_rounded():
    x = tf.constant([0.1, -0.7, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(fake_quant.rounded(x) * [1.0, 2.0, 3.0])
    np.testing.assert_allclose(tape.gradient(total, x), [1.0, 2.0, 3.0])


@pytest.mark.parametrize("name", parameters(zoo.list_models()))
def test_every_model_can_be_simulated(name):
    model = tiny_model(name)
    inputs = model.blank_inputs(2)
    exact = keras.tree.flatten(model(inputs))
    kept = weights.of_model(model)
    fake_quant.simulate(model)
    rounded = keras.tree.flatten(model(inputs))
    assert [t.shape for t in rounded] == [t.shape for t in exact]
    assert weights.of_model(model).keys() == kept.keys()
    assert all(type(layer).__name__.startswith("Rounding") for layer in model.layers)


@pytest.mark.slow
def test_the_simulation_loses_as_much_as_int8(latent_run, tmp_path):
    """Not the same: after a few layers, one rounding more or less has moved all others."""
    exact, simulated = zoo.load(latent_run), zoo.load(latent_run)
    fake_quant.simulate(simulated)
    images = np.float32(np.random.default_rng(0).integers(0, 256, [64, 8, 8, 1]) / 255)
    feeds = tensors.one_by_one({"image": images})
    with tflite.fixed(exact, 8) as source:
        int8.write(exact, source, "encode", tmp_path / "x.tflite", feeds)
    got = tensors.tflite_call([tmp_path / "x.tflite"])("encode", {"image": images})["latent"]
    expected = np.asarray(exact.codes(images))

    def lost(codes):
        return float(np.sqrt(np.mean((np.asarray(codes) - expected) ** 2)))

    assert 0.5 < lost(simulated.codes(images)) / lost(got) < 2


@pytest.mark.slow
def test_fine_tuning_makes_int8_better(denoising_run, tmp_path):
    train, held_out = (sources.load("digits", split) for split in ("train", "validation"))
    model = zoo.load(denoising_run)
    images = real_images.of(model, train, held_out, side=8, calibration=16, judged=32)
    better = qat.finetuned(denoising_run, train, held_out, steps=60)
    losses = []
    for i, for_int8 in enumerate((None, better)):
        folder = tmp_path / str(i)
        report = artifacts.write(model, folder, "x", 1, images, 8, ["int8"], for_int8)
        losses.append(report["artifacts"][0]["loss"])
    assert losses[1] < losses[0]
    kept = weights.of_model(zoo.load(denoising_run))
    assert all(np.array_equal(kept[k], v) for k, v in weights.of_model(model).items())


def test_the_recipe_is_the_runs_own():
    assert qat.recipe("autoencoder_mnist").batch_size == 128
    assert qat.recipe("autoencoder_mnist").ema == 0.999
    assert qat.recipe("complete").shrink == [1, 4]
    assert qat.recipe("denoise_color").loss == "mae"
