"""python -m export, as a person uses it, and what its artifacts promise."""

import json

import numpy as np
import pytest
import tensorflow as tf
from filelock import FileLock

import zoo
from export import artifacts, publish
from export.litert import flatbuffer, tflite
from export.parity import real_images, tensors
from zoo.data import sources


@pytest.fixture(scope="module")
def exported(command, denoising_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifacts")
    arguments = [f"--run={denoising_run}", f"--output_dir={folder}", "--tile=32", "--calibration=9"]
    done = command("-m", "export", *arguments)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def model(denoising_run):
    return zoo.load(denoising_run)


@pytest.fixture
def digits(model):
    """Sixteen to calibrate on, and eight to judge by."""
    train, held_out = (sources.load("digits", split) for split in ("train", "test"))
    return real_images.of(model, train, held_out, side=8, calibration=16, judged=8)


def test_everything_is_in_its_place(exported):
    files = {str(p.relative_to(exported)) for p in exported.rglob("*") if p.is_file()}
    assert {"report.json", "signatures.json", "README.md"} <= files
    kinds = "float32", "float16", "dynamic_int8", "int8"
    assert {f"tflite/tiny_{kind}.tflite" for kind in kinds} <= files
    assert "serving/tiny/1/saved_model.pb" in files
    report = json.loads((exported / "report.json").read_text())
    assert all(artifact["passed"] for artifact in report["artifacts"])
    assert all((exported / artifact["path"]).exists() for artifact in report["artifacts"])
    assert not list(exported.glob(".export-*"))


def test_the_next_export_is_the_next_version(tmp_path):
    assert publish.next_version(tmp_path / "tiny") == 1
    for name in ("2", "10", ".export-x"):
        (tmp_path / "tiny" / name).mkdir(parents=True)
    assert publish.next_version(tmp_path / "tiny") == 11


@pytest.mark.slow
def test_several_runs_have_a_folder_each(command, denoising_run, latent_run, tmp_path):
    """What an earlier export left when it was killed is gone; what another is writing is not."""
    (tmp_path / "latent/.export-killed").mkdir(parents=True)
    living = tmp_path / "latent/.export-living"
    living.mkdir()
    arguments = f"--run={denoising_run},{latent_run}", f"--output_dir={tmp_path}", "--tile=8"
    with FileLock(living / ".lock"):
        done = command("-m", "export", *arguments, "--formats=saved_model", "--serving_bundle")
    assert done.returncode == 0, done.stderr
    for name in "tiny", "latent":
        assert json.loads((tmp_path / name / "report.json").read_text())["run"] == name
        assert (tmp_path / name / "serving" / name / "1/saved_model.pb").exists()
    assert [path.name for path in tmp_path.glob("*/.export-*")] == [".export-living"]
    config = (tmp_path / "serving_bundle/models.config").read_text()
    assert 'base_path: "/models/latent/serving/latent"' in config


def test_litert_takes_any_multiple_of_the_stride(denoising_run, tmp_path):
    model = zoo.load(denoising_run)
    with tflite.fixed(model, 16) as source:
        tflite.write(source, ["restore"], tmp_path / "x.tflite", "float32")
    call = tensors.tflite_call([tmp_path / "x.tflite"])
    for height, width in ((16, 16), (2, 64), (50, 34), (16, 16)):
        image = np.random.default_rng(0).random([1, height, width, 1], np.float32)
        expected = model.infer(image)
        np.testing.assert_allclose(call("restore", {"image": image})["image"], expected, atol=1e-4)


def test_the_saved_model_takes_any_size_and_batch(exported, denoising_run):
    model = zoo.load(denoising_run)
    call = tensors.saved_model_call(exported / "serving/tiny/1")
    for shape in ((1, 8, 8, 1), (3, 27, 31, 1)):
        image = np.random.default_rng(0).random(shape, np.float32)
        np.testing.assert_allclose(
            call("restore", {"image": image})["image"], model.infer(image), atol=1e-5
        )


def test_a_wrong_rank_is_an_error_not_an_abort(fresh_command, exported):
    """Fed as the C++ server feeds, in a process of its own, with oneDNN on."""
    program = f"""
import numpy as np, tensorflow as tf
from tensorflow.core.protobuf.config_pb2 import CallableOptions
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], {str(exported / "serving/tiny/1")!r})
    signature = meta.signature_def["restore"]
    feed = [t.name for t in signature.inputs.values()]
    fetch = [t.name for t in signature.outputs.values()]
    call = session._make_callable_from_options(CallableOptions(feed=feed, fetch=fetch))
    for shape in ([3], [2, 3], [1, 8, 8], [1, 8, 8, 3], [1, 1, 8, 8, 1], [0, 8, 8, 1]):
        try:
            call(np.zeros(shape, np.float32))
            print("answered", shape)
        except tf.errors.InvalidArgumentError:
            print("refused", shape)
    print("alive", call(np.zeros([1, 8, 8, 1], np.float32))[0].shape)
"""
    done = fresh_command("-c", program)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("refused") >= 5, done.stdout
    assert "alive (1, 8, 8, 1)" in done.stdout


def test_a_difference_over_the_tolerance_is_found(model, digits, tmp_path, monkeypatch):
    honest = tensors.saved_model_call

    def shifted(path):
        call = honest(path)
        return lambda *args: {
            k: v + 2e-5 if v.dtype == np.float32 else v for k, v in call(*args).items()
        }

    monkeypatch.setattr(tensors, "saved_model_call", shifted)
    report = artifacts.write(model, tmp_path, "x", 1, digits, 16, ["saved_model", "float32"])
    assert [a["passed"] for a in report["artifacts"]] == [False, True]


def test_custom_operators_are_found_in_the_flatbuffer():
    class Inverse(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([2, 2])])
        def call(self, x):
            return tf.linalg.inv(x)

    module = Inverse()
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.call.get_concrete_function()], module
    )
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.TFLITE_BUILTINS,
        tf.lite.OpsSet.SELECT_TF_OPS,
    ]
    content = converter.convert()
    assert flatbuffer.operators(content) == {"CUSTOM:FlexMatrixInverse": 1}
