"""The LiteRT formats: what they take, what they cost, and what the report says of it."""

import functools
import hashlib
import json

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

import zoo
from export import artifacts
from export.litert import flatbuffer, int8, latency, tflite
from export.parity import real_images, task_metric, tensors
from tests.models.tiny import small_images, tiny_model
from zoo import runs
from zoo.cli import UserError
from zoo.data import sources
from zoo.files import weights
from zoo.models import registry
from zoo.models.base import Model

PHOTOS = "train", "validation"  # of 427x560 and 427x80 pixels
ANY_SIZE = [name for name in zoo.list_models() if tiny_model(name).image_size is None]
FORMATS = ["saved_model", "float32", "float16", "dynamic_int8", "int8"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("formats")


@pytest.fixture(scope="module")
def report(denoising_run, folder):
    """Of a denoiser in all formats."""
    model = zoo.load(denoising_run)
    train, held_out = (sources.load("digits", split) for split in ("train", "test"))
    images = real_images.of(model, train, held_out, side=8, calibration=16, judged=8)
    return artifacts.write(model, folder, "tiny", 1, images, 8)


def test_every_format_is_made_and_passes(report):
    assert [a["format"] for a in report["artifacts"]] == FORMATS
    assert all(a["passed"] for a in report["artifacts"])


def test_no_file_needs_a_custom_operator(report, folder):
    for artifact in report["artifacts"][1:]:
        found = flatbuffer.operators((folder / artifact["path"]).read_bytes())
        assert found == artifact["operators"]
        assert found["CONV_2D"] > 3
        assert not flatbuffer.custom(found)


def test_every_format_has_the_metric_beside_keras(report):
    assert report["metric"]["name"] == "psnr"
    assert report["metric"]["images"] == 8
    for artifact in report["artifacts"]:
        assert artifact["loss"] == pytest.approx(report["metric"]["keras"] - artifact["metric"])
        assert abs(artifact["loss"]) < (0.5 if "int8" in artifact["format"] else 0.02)


def test_latency_and_memory_are_measured(report):
    for artifact in report["artifacts"][1:]:
        times = artifact["signatures"]["restore"]["latency_ms"]
        assert set(times) == {"1", "2"}
        assert min(times.values()) > 0
        assert artifact["peak_memory_mb"] > 0


def test_full_int8_takes_and_gives_the_bytes_of_a_picture(report, folder):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(folder / report["artifacts"][-1]["path"]))
    runner = interpreter.get_signature_runner("restore")
    takes, gives = runner.get_input_details()["image"], runner.get_output_details()["image"]
    assert takes["dtype"] == gives["dtype"] == np.uint8
    assert takes["quantization"] == (pytest.approx(1 / 255), 0)


def test_int8_computes_layers_in_8_bits_and_the_rest_in_float(report, folder):
    content = (folder / report["artifacts"][-1]["path"]).read_bytes()
    model = flatbuffer.parse(content)
    names = list(flatbuffer.operators(content))
    kinds = {}
    for operator in model.subgraphs[0].operators:
        code = model.operatorCodes[operator.opcodeIndex]
        name = flatbuffer.name_of(code)
        assert name in names
        kinds.setdefault(name, []).append(model.subgraphs[0].tensors[operator.outputs[0]].type)
    assert set(kinds["SUB"]) == {0}  # the image less its noise, in float32
    assert kinds["CONV_2D"].count(9) >= len(kinds["CONV_2D"]) - 1  # int8, but for a small last


def test_image_files_and_bytes_are_compared_too(report, folder):
    endpoints = dict(report["artifacts"][0]["endpoints"])
    assert endpoints.pop("restore_blend")["max_abs_diff"] < 1e-5
    assert set(endpoints) == {"restore_bytes", "restore_uint8", "serving_default"}
    for found in endpoints.values():
        assert 0 < found["max_abs_diff"] <= found["tolerance"] == 1 / 255


def test_signatures_say_what_a_phone_needs(report, folder):
    described = json.loads((folder / "signatures.json").read_text())
    assert {f["format"] for f in described["files"]} == set(FORMATS[1:])
    for file in described["files"]:
        content = (folder / file["path"]).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        stored = file["signatures"]["restore"]["inputs"]["image"]
        assert stored["shape"] == [1, described["input_side"], described["input_side"], 1]
        is_int8 = file["format"] == "int8"
        assert stored["dtype"] == ("uint8" if is_int8 else "float32")
        assert stored["scale"] == (pytest.approx(1 / 255) if is_int8 else None)
    assert described["endpoints"]["restore_bytes"]["image_bytes"]["dtype"] == "string"


def test_equal_vectors_are_written_once_and_data_is_aligned(report, folder):
    content = (folder / report["artifacts"][-1]["path"]).read_bytes()
    model = schema.Model.GetRootAs(content, 0)
    start = np.frombuffer(content, np.uint8).ctypes.data
    held = [model.Buffers(i) for i in range(model.BuffersLength())]
    places = [b.DataAsNumpy().ctypes.data - start for b in held if b.DataLength()]
    assert len(places) > 5
    assert all(place % 16 == 0 for place in places)
    graph = model.Subgraphs(0)
    found = [graph.Tensors(i).Quantization() for i in range(graph.TensorsLength())]
    zeros = [q.ZeroPointAsNumpy() for q in found if q is not None and q.ZeroPointLength() > 1]
    assert len(zeros) > 5
    assert len({(z.ctypes.data, z.size) for z in zeros}) == len({z.size for z in zeros})


def test_the_readme_is_of_the_same_figures(report, folder):
    text = (folder / "README.md").read_text()
    for artifact in report["artifacts"]:
        assert artifact["path"] in text
        assert f"{artifact['bytes']:,}" in text
    assert f"{report['parameters']:,} parameters" in text
    assert json.loads((folder / "report.json").read_text()) == report


def test_float16_rounds_weights_and_no_color_space(tmp_path):
    """Of a colorizer whose weights 16 bits hold: nothing is lost."""
    arguments = {"channels": 3} | registry.find("colorization").tiny | {"width": 32}
    model = registry.create("colorization", **arguments)
    model.build_on_example()
    for weight in model.trainable_weights:
        weight.assign_add(keras.random.normal(weight.shape, stddev=0.02, seed=0))
        weight.assign(np.asarray(weight).astype(np.float16).astype(np.float32))
    image = np.random.default_rng(0).random([1, 16, 16, 1], np.float32)
    with tflite.fixed(model, 16) as source:
        for kind in "float32", "float16":
            tflite.write(source, ["restore"], tmp_path / kind, kind)
    got = tensors.tflite_call([tmp_path / "float16"])("restore", {"image": image})["image"]
    np.testing.assert_allclose(got, model.infer(image), atol=1e-5)
    assert (tmp_path / "float16").stat().st_size < 0.65 * (tmp_path / "float32").stat().st_size


def test_a_layer_that_is_always_zero_leaves_a_file_that_runs(denoising_run, tmp_path):
    """Dead ReLUs: XNNPACK refuses the scale that calibration alone gives them."""
    model = zoo.load(denoising_run)
    first = model.network.body.layers[0].conv_1
    first.bias.assign(np.full(first.bias.shape, -9.0))
    image = np.random.default_rng(0).random([1, 16, 16, 1], np.float32)
    with tflite.fixed(model, 16) as source:
        int8.write(model, source, "restore", tmp_path / "x.tflite", [{"image": image}])
    got = tensors.tflite_call([tmp_path / "x.tflite"])("restore", {"image": image})["image"]
    np.testing.assert_allclose(got, model.infer(image), atol=0.05)


def test_a_file_that_no_interpreter_opens_is_one_line(tmp_path):
    (tmp_path / "x.tflite").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match=r"LiteRT cannot run x\.tflite: "):
        latency.measure(tmp_path / "x.tflite")


def test_a_tolerance_grows_with_what_is_expected():
    def score(value):
        return lambda name, inputs: {"score": np.float32([value])}

    found = tensors.differences(score(4000.0), score(4000.04), {"score": {}})["score"]
    assert found["max_abs_diff"] == pytest.approx(0.04, rel=0.01)
    assert found["max_scaled_diff"] == pytest.approx(1e-5, rel=0.01)


@pytest.mark.parametrize("name", zoo.list_models())
def test_what_signatures_serve_is_judged_as_call_is(name):
    model = tiny_model(name)
    digits = small_images(model.channels)
    images = real_images.of(model, digits, digits, side=8, calibration=1, judged=5)
    metric = model.eval_metrics()[task_metric.name(model)]
    expected = []
    for inputs, target in images.judged:
        extra = {"inputs": inputs} if metric.needs_inputs else {}
        expected.append(metric.function(target, model.infer(inputs), **extra))
    served = task_metric.score(model, tensors.keras_call(model), images.judged)
    assert served == pytest.approx(metric.reduce(np.concatenate(expected)), rel=1e-4)


@pytest.mark.parametrize("name", ANY_SIZE)
def test_litert_is_judged_by_pictures_of_another_shape_than_its_tile(name, tmp_path):
    model = tiny_model(name)
    photos = [sources.load("photos", split, channels=model.channels) for split in PHOTOS]
    images = real_images.of(model, *photos, side=16, calibration=1, judged=1)
    reference = task_metric.score(model, tensors.keras_call(model), images.judged)
    with tflite.fixed(model, 16) as source:
        tflite.write(source, list(model.signatures()), tmp_path / "x.tflite", "float32")
    lite = task_metric.score(model, tensors.tflite_call([tmp_path / "x.tflite"]), images.judged)
    assert lite == pytest.approx(reference, rel=1e-3)


@pytest.mark.slow  # every signature of every model is calibrated
def test_the_whole_registry_exports_in_one_command(command, tmp_path):
    for name in zoo.list_models():
        model = tiny_model(name)
        model.build_on_example()
        runs.start(tmp_path / "runs" / name, model, {"dataset": "digits"}, "")
        weights.save(tmp_path / "runs" / name / "best.npz", weights.of_model(model))
    folders = ",".join(str(path) for path in sorted((tmp_path / "runs").iterdir()))
    done = command("-m", "export", f"--run={folders}", f"--output_dir={tmp_path}", "--tile=8")
    assert done.returncode == 0, done.stderr
    for name in zoo.list_models():
        report = json.loads((tmp_path / name / "report.json").read_text())
        assert {a["format"] for a in report["artifacts"]} == set(FORMATS)
        assert all(a["passed"] for a in report["artifacts"]), report
        whole = {s for a in report["artifacts"] if a["format"] == "int8" for s in a["signatures"]}
        assert whole == set(tiny_model(name).signatures())


def test_without_a_signature_that_answers_the_metric_is_left_out():
    model = registry.create("denoising", channels=1, **registry.find("denoising").tiny)
    model.served = functools.partial(Model.served, model)  # as of one that declares none
    judged = [(np.zeros([1, 8, 8, 1]), None)]
    assert task_metric.score(model, tensors.keras_call(model), judged) is None
