"""What is served computes what Keras computes, and no request ends the server."""

import io
import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from export.parity import tensors
from export.savedmodel import served as served_model
from export.savedmodel import warmup
from tests.export import bad_files
from tests.export.graph_session import GraphSession
from zoo import presets, runs
from zoo.data import pipeline, source, sources
from zoo.files import image_files, levels

pytestmark = pytest.mark.slow  # every model is exported first


@pytest.fixture(scope="session")
def sessions(registry):
    return {name: GraphSession(served.folder) for name, served in registry.items()}


def pixels_of(png: bytes) -> np.ndarray:
    image = np.asarray(Image.open(io.BytesIO(png)))
    return image[..., np.newaxis] if image.ndim == 2 else image


def files_of(image: np.ndarray) -> np.ndarray:
    return np.array([warmup.png(pixels) for pixels in levels.from_float(image)], object)


def test_every_signature_gives_what_keras_gives(registry, sessions):
    for name, (model, _, feeds) in registry.items():
        assert_floats_agree(sessions[name], model, feeds)


def test_files_and_bytes_give_what_floats_give(registry, sessions):
    for name, (model, _, feeds) in registry.items():
        assert_files_and_bytes_agree(sessions[name], model, feeds)


@pytest.mark.parametrize("name", presets.names())
def test_presets_serve_what_keras_gives(name, tmp_path):
    """On photographs, for every signature."""
    model = runs.load(name)
    side = model.image_size[0] if model.image_size else 64
    photos = source.resized(sources.load("photos", "test", None, model.channels), side)
    inputs, _ = next(iter(pipeline.eval_batches(photos, model, 2, limit=2)))
    feeds = tensors.feeds(model, inputs)
    served_model.write(model, tmp_path / "1", name, feeds)
    session = GraphSession(tmp_path / "1")
    assert_floats_agree(session, model, feeds)
    assert_files_and_bytes_agree(session, model, feeds)


def assert_floats_agree(session, model, feeds) -> None:
    """Within 1e-5, or a step of float32 where numbers are large."""
    for signature, inputs in feeds.items():
        expected, got = model.serve[signature](inputs), session(signature, inputs)
        assert set(got) == set(expected)
        for key, value in expected.items():
            np.testing.assert_allclose(got[key], value, rtol=1e-6, atol=1e-5, err_msg=signature)


def assert_files_and_bytes_agree(session, model, feeds) -> None:
    """Images within 1/255, numbers within 1e-5, for every signature that takes images alone."""
    for signature, declared in model.signatures().items():
        if not all(t.is_image for t in declared.inputs.values()):
            assert f"{signature}_bytes" not in session.signatures
            continue
        pixels = {key: levels.from_float(value) for key, value in feeds[signature].items()}
        exact = {key: levels.to_float(value) for key, value in pixels.items()}
        expected = model.serve[signature](exact)
        files = {f"{key}_bytes": files_of(value) for key, value in exact.items()}
        got = session(f"{signature}_bytes", files)
        for key, tensor in declared.outputs.items():
            if not tensor.is_image:
                np.testing.assert_allclose(got[key], expected[key], rtol=1e-6, atol=1e-5)
                continue
            shown = np.stack([pixels_of(png) for png in got[f"{key}_bytes"]])
            far = np.abs(shown / 255 - np.clip(expected[key], 0, 1)).max()
            assert far <= 1 / 255, (signature, key, far)
            if not all(t.is_image for t in declared.outputs.values()):
                assert f"{signature}_uint8" not in session.signatures
                continue
            if all(t.is_image for t in declared.outputs.values()):
                uint8 = session(f"{signature}_uint8", pixels)[key]
                assert np.abs(uint8.astype(int) - shown).max() <= 1


def test_a_strength_goes_from_the_picture_to_the_answer(registry, sessions):
    session, image = sessions["denoising"], registry["denoising"].feeds["restore"]["image"]
    answer = session("restore", {"image": image})["image"]
    given = {"image": image, "strength": np.array([0.0, 1.0, 0.25], np.float32)}
    none, all_of_it, some = session("restore_blend", given)["image"]
    np.testing.assert_array_equal(none, image[0])
    np.testing.assert_array_equal(all_of_it, answer[1])
    np.testing.assert_allclose(some, 0.75 * image[2] + 0.25 * answer[2], atol=1e-6)
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(tf.errors.InvalidArgumentError, match="strength lies outside 0 to 1"):
            session("restore_blend", given | {"strength": np.full([3], wrong, np.float32)})
    with pytest.raises(tf.errors.InvalidArgumentError, match="the inputs differ in batch"):
        session("restore_blend", given | {"strength": np.ones([2], np.float32)})
    for name in ("super_resolution", "completion", "colorization"):
        assert "restore_blend" not in sessions[name].signatures


def test_the_default_takes_files(registry, sessions):
    for name, session in sessions.items():
        default = session.signatures["serving_default"]
        assert all(key.endswith("_bytes") for key in default.inputs), name
        makes_images = [k for k, s in session.signatures.items() if "image_bytes" in s.outputs]
        assert ("image_bytes" in default.outputs) == bool(makes_images), name


def test_every_input_and_output_has_a_free_batch_axis(sessions):
    for name, session in sessions.items():
        for signature, definition in session.signatures.items():
            for info in [*definition.inputs.values(), *definition.outputs.values()]:
                assert info.tensor_shape.dim[0].size == -1, (name, signature)


def test_warmup_has_a_request_for_every_signature_and_each_is_answered(registry, sessions):
    for name, served in registry.items():
        requests = list(warmup.read(served.folder))
        asked = [request.model_spec.signature_name for request in requests]
        assert sorted(asked) == sorted(sessions[name].signatures)
        for request in requests:
            assert request.model_spec.name == name
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            assert sessions[name](request.model_spec.signature_name, inputs)


def test_files_of_many_sizes_in_one_batch(registry, sessions):
    """A server batches requests of several people, whose images differ in size."""
    images = [np.random.default_rng(0).random([1, h, w, 1], np.float32) for h, w in SIZES]
    files = np.concatenate([files_of(image) for image in images])
    got = sessions["denoising"]("serving_default", {"image_bytes": files})["image_bytes"]
    serve = registry["denoising"].model.serve["restore"]
    for image, png in zip(images, got, strict=True):
        expected = serve({"image": levels.to_float(levels.from_float(image))})["image"][0]
        np.testing.assert_allclose(pixels_of(png) / 255, np.clip(expected, 0, 1), atol=1 / 255)


SIZES = [(8, 8), (31, 17), (2, 40)]


@pytest.mark.parametrize("kind", ["color.png", "color.jpg", "gray.jpg", "alpha.png", "palette.png"])
@pytest.mark.parametrize("channels", [1, 3])
def test_files_of_any_kind_are_read_as_pillow_reads_them(tmp_path, photograph, kind, channels):
    from export.savedmodel import image_bytes

    image = Image.fromarray(photograph[:50, :70])
    mode = {"gray": "L", "palette": "P", "alpha": "RGBA"}.get(kind.split(".")[0], "RGB")
    image.convert(mode).save(tmp_path / kind)
    expected = image_files.to_channels(image_files.read(tmp_path / kind).pixels, channels)
    decode = tf.function(lambda file: image_bytes.decode(file, (None, None, channels)))
    got = decode(tf.constant((tmp_path / kind).read_bytes()))
    assert np.abs(got * 255 - expected).max() <= 1e-4


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("held", range(1, 9))
def test_a_jpeg_is_turned_as_its_camera_was_held(tmp_path, photograph, held, order):
    from export.savedmodel import image_bytes

    exif = Image.Exif()
    exif.endian = order
    exif[0x010F], exif[0x0112], exif[0x8298] = "A camera", held, "somebody"
    Image.fromarray(photograph[:24, :40]).save(tmp_path / "a.jpg", exif=exif)
    expected = image_files.read(tmp_path / "a.jpg").pixels
    got = image_bytes.decode(tf.constant((tmp_path / "a.jpg").read_bytes()), (None, None, 3))
    assert np.abs(got * 255 - expected).max() <= 1e-4


@pytest.mark.parametrize("cut", [0, 3, 9, 20, 30, 50])
def test_a_damaged_exif_says_nothing(cut):
    from export.savedmodel import orientation

    for tail in (b"", b"\xff" * 100, b"Exif\0\0" * 9, b"Exif\0\0MM\0*\xff\xff\xff\xff"):
        file = b"\xff\xd8\xff\xe1\0\x40Exif\0\0II*\0\x08\0\0\0\xff\xff"[:cut] + tail
        assert int(orientation.of_jpeg(tf.constant(file))) == 1


def test_saved_model_cli_runs_it(command, served, tmp_path):
    model, folder, feeds = served("denoising")
    np.save(tmp_path / "in.npy", feeds["restore"]["image"])
    done = command(
        *("-m", "tensorflow.python.tools.saved_model_cli", "run", "--dir", folder),
        *("--tag_set", "serve", "--signature_def", "restore"),
        *("--inputs", f"image={tmp_path / 'in.npy'}", "--outdir", tmp_path),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    expected = model.serve["restore"](feeds["restore"])["image"]
    np.testing.assert_allclose(np.load(tmp_path / "image.npy"), expected, atol=1e-5)


def test_numbers_that_overflow_are_refused_with_the_reason(sessions):
    image = np.full([1, 8, 8, 1], 3e38, np.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="the inputs are too large"):
        sessions["denoising"]("restore", {"image": image})


def test_an_image_and_a_mask_must_fit_each_other(sessions):
    image, mask = np.zeros([2, 8, 8, 3], np.float32), np.zeros([2, 8, 6, 1], np.float32)
    image = image[
        ..., : sessions["completion"].signatures["restore"].inputs["image"].tensor_shape.dim[3].size
    ]
    with pytest.raises(tf.errors.InvalidArgumentError, match="images differ in size"):
        sessions["completion"]("restore", {"image": image, "mask": mask})
    with pytest.raises(tf.errors.InvalidArgumentError, match="the inputs differ in batch"):
        sessions["completion"]("restore", {"image": image, "mask": mask[:1, :, :8]})


@pytest.mark.parametrize("count", [100, 1000])
def test_no_request_ends_the_server(fresh_command, registry, count):
    """In a process of its own, fed as the C++ server feeds, with oneDNN on."""
    folders = [served.folder for served in registry.values()]
    done = fresh_command("-m", "tests.export.fuzz", count, *folders, TF_ENABLE_ONEDNN_OPTS="1")
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["folder"] for line in told] == [str(folder) for folder in folders]
    for line in told:
        assert line["refused"] > 0.9 * (line["refused"] + line["answered"]), line
    reasons = {kind.split(":")[0] for line in told for kind in line["reasons"]}
    assert {*bad_files.KINDS, "rank too low", "NaN", "huge", "doubles", "too many files"} <= reasons
