"""The zoo from Python: what the documents' examples do not show."""

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import runs
from zoo.cli import UserError

GRAY = np.random.default_rng(0).integers(0, 256, [60, 8, 8], np.uint8)
TINY = {"width": 8, "levels": 1, "depth": 1, "batch_size": 8}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "one"
    return zoo.train("denoising", GRAY, noise_stddev=(0, 55), steps=5, output_dir=run, **TINY)


def test_a_training_is_a_run_that_goes_on(tmp_path, capsys):
    told = {"noise_stddev": 25, "output_dir": tmp_path, **TINY}
    zoo.train("denoising", GRAY, steps=3, **told)
    assert runs.read_config(tmp_path)["recipe"]["steps"] == 3
    zoo.train("denoising", GRAY, steps=6, **told)
    assert "going on from step 3" in capsys.readouterr().err
    with pytest.raises(UserError, match="was trained with noise_stddev=25, not 30"):
        zoo.train("denoising", GRAY, steps=9, **told | {"noise_stddev": 30})


def test_runs_are_numbered_where_no_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs/denoising-1").mkdir(parents=True)
    zoo.train("denoising", GRAY, steps=1, **TINY)
    assert runs.read_config(tmp_path / "runs/denoising-2")["model"] == "denoising"


def test_a_report_is_a_dict_and_a_table(model):
    report = zoo.evaluate(model, GRAY, noise_stddev=25, limit=10)
    assert report["psnr"]["baseline"] == pytest.approx(20.2, abs=0.6)
    assert "psnr" in repr(report)
    assert model.noise_stddev == [0, 55]  # it stays as it was
    assert zoo.evaluate("denoise_grey", "digits", limit=2, noise_stddev=5)["psnr"]["model"] > 20


def test_it_judges_whether_or_not_the_command_was_imported(model):
    import zoo.evaluate

    assert zoo.evaluate(model, GRAY, limit=2)["psnr"]["model"] > 0


def test_labels_make_a_classifier(tmp_path):
    labels = np.arange(60) % 2
    images = np.uint8(labels[:, None, None] * 200) + GRAY // 8
    told = {"width": 8, "levels": 1, "steps": 60, "output_dir": tmp_path, "learning_rate": 1e-2}
    model = zoo.train("classifier", images, labels=labels, batch_size=16, **told)
    assert zoo.evaluate(model, images, labels=labels)["accuracy"]["model"] > 95
    assert model.class_names == ("0", "1")
    with pytest.raises(UserError, match="has the class 2, which the model was not trained on"):
        zoo.evaluate(model, images, labels=labels + 1)


def test_one_picture_is_enough_for_a_vae(tmp_path, capsys):
    (tmp_path / "one").mkdir()
    Image.fromarray(GRAY[0]).save(tmp_path / "one" / "a.png")
    told = {"image_size": 8, "channels": 1, "latent_dim": 2, "batch_size": 2, "width": 4}
    model = zoo.train("vae", tmp_path / "one", steps=1, output_dir=tmp_path / "run", **told)
    assert np.isfinite(model.encode(GRAY)).all()
    assert "too few images to hold some out" in capsys.readouterr().err


def test_codes_there_and_back_of_one_picture_or_many():
    vae = zoo.from_preset("vae_mnist")
    digits = vae.sample(3, seed=1)
    codes = vae.encode(digits)
    assert codes.shape == (3, *vae.latent_shape)
    np.testing.assert_allclose(vae.encode(digits[0]), codes[0], atol=1e-5)
    np.testing.assert_allclose(vae.encode(digits[..., 0]), codes, atol=1e-5)
    eight = np.round(digits * 255).astype(np.uint8)
    np.testing.assert_allclose(vae.encode(eight), codes, atol=0.1)
    np.testing.assert_allclose(vae.sample(5, seed=1)[:3], digits, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zoo.train("denoisng", GRAY), "did you mean denoising"),
        (lambda: zoo.train("denoising", GRAY, lerning_rate=1), "did you mean learning_rate"),
        (lambda: zoo.train("denoising", GRAY, learning_rate=-1), "^learning_rate=-1"),
        (lambda: zoo.load("vae_mnits"), "did you mean vae_mnist"),
        (lambda: zoo.evaluate("denoise_grey", GRAY, width=3), "width"),
        (lambda: zoo.from_preset("vae_mnist").encode(np.zeros([2, 9, 9])), "do not fit this model"),
        (lambda: zoo.create("denoising", widht=3), "does not apply .* did you mean width"),
        (lambda: zoo.evaluate("denoise_grey", GRAY, noise_stdev=3), "did you mean noise_stddev"),
        (lambda: zoo.evaluate("denoise_grey", []), "no pictures given"),
        (lambda: zoo.train("denoising", GRAY, precision="f8"), "unknown precision=f8; choose auto"),
        (lambda: zoo.chain([]), "name at least one"),
        (lambda: zoo.create("vae", num_samples=0), "^num_samples=0 must be at least 1"),
        (lambda: zoo.export(zoo.create("denoising"), formats="onnx"), "^unknown formats=onnx"),
    ],
)
def test_a_mistake_is_one_line(call, message):
    with pytest.raises(UserError, match=message):
        call()
