"""What the twin of the phone's code makes of an export is what Keras makes of the picture."""

import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import zoo
from export.mobile import artifact, tiles, twin
from export.mobile.artifact import Stored
from export.parity import tensors
from tests.export import phone
from tests.models.tiny import moved_model
from zoo import presets
from zoo.cli import UserError
from zoo.metrics.psnr import psnr
from zoo.models.tiles import restore as keras_restore

SIDE = 64  # of the tiny models' tiles
FORMATS = {
    "denoising": ["float32", "float16", "int8"],
    "super_resolution": ["float32"],
    "completion": ["float32"],
    "colorization": ["float32", "float16", "int8"],
}
# No multiple of the tile or the stride, one side smaller than a tile, both.
SIZES = [(150, 131), (33, 90), (21, 40)]


@pytest.fixture(scope="module")
def models():
    return {name: moved_model(name) for name in FORMATS}


@pytest.fixture(scope="module")
def exported(models, tmp_path_factory):
    """The folder of their artifacts."""
    folder = tmp_path_factory.mktemp("artifacts")
    for name, model in models.items():
        phone.export(model, folder, name, SIDE, FORMATS[name])
    return folder


def shown(folder, name, kind, pictures) -> np.ndarray:
    spec = artifact.find(folder, name, kind, "restore")
    return tiles.restore(spec, pictures, twin.interpreter(spec))


def keras(model, pictures, **given) -> np.ndarray:
    others = {name: picture for name, picture in pictures.items() if name != "image"}
    return keras_restore(model, pictures["image"], **others, **given)


def keras_as_on_a_phone(model, pictures) -> np.ndarray:
    """What a model sees of the whole picture, beside a part, a phone hands it in bytes."""
    part = model.signatures().get("restore_part")
    if part is None:
        return keras(model, pictures)
    small = tiles.reduced(pictures["image"], *part.inputs["whole"].shape[:2])
    given = {
        "image": pictures["image"][None] / 255,
        "whole": small[None] / 255,
        "box": [[0, 0, 1, 1]],
    }
    restored = model.serve["restore_part"]({k: np.float32(v) for k, v in given.items()})["image"]
    return np.uint8(np.round(np.asarray(restored[0]) * 255))


def apart(got, expected) -> int:
    return np.abs(got.astype(int) - expected).max()


def decibels(got, expected) -> float:
    return float(psnr(np.float32(expected)[None] / 255, np.float32(got)[None] / 255)[0])


# A tiny completion fills a hole by the mean of its whole tile, so that tiles show.
CASES = [
    (name, size) for name in ("denoising", "super_resolution", "colorization") for size in SIZES
]


@pytest.mark.parametrize(("name", "size"), [*CASES, ("completion", SIZES[2])])
def test_a_phone_shows_what_keras_restores(models, exported, photograph, name, size):
    pictures = phone.pictures(models[name], photograph, *size)
    got = shown(exported, name, "float32", pictures)
    assert apart(got, keras(models[name], pictures)) <= 1


# Colorization is left out: on a phone, what it sees of the whole picture is rounded to bytes.
@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"colorization"}))
def test_with_the_same_tiles_only_the_last_bits_of_floats_differ(
    models, exported, photograph, name
):
    pictures = phone.pictures(models[name], photograph, *SIZES[0])
    got = shown(exported, name, "float32", pictures)
    assert np.mean(got != keras(models[name], pictures, tile=SIDE)) < 1e-4


@pytest.mark.parametrize(("kind", "limit"), [("float16", 60), ("int8", 32)])
def test_smaller_formats_come_near(models, exported, photograph, kind, limit):
    pictures = phone.pictures(models["denoising"], photograph, 150, 131)
    expected = keras(models["denoising"], pictures)
    assert decibels(pictures["image"], expected) < limit - 5  # the network does something
    assert decibels(shown(exported, "denoising", kind, pictures), expected) > limit


def test_int8_is_what_the_file_makes_of_floats(models, exported, photograph):
    """By the interpreter's own scales, which the export's report goes by."""
    pictures = phone.pictures(models["denoising"], photograph, 40, 32)
    spec = artifact.find(exported, "denoising", "int8", "restore")
    floats = {name: np.float32(picture)[None] / 255 for name, picture in pictures.items()}
    expected = tensors.tflite_call([spec.path])("restore", floats)["image"][0]
    got = shown(exported, "denoising", "int8", pictures)
    np.testing.assert_allclose(got / 255, np.clip(expected, 0, 1), atol=0.51 / 255)


def test_a_preset_on_a_photograph(photograph, tmp_path):
    model = zoo.from_preset("sr_x3")
    phone.export(model, tmp_path, "sr_x3", 128, ["float32"])
    pictures = phone.pictures(model, photograph, 150, 201)
    assert apart(shown(tmp_path, "sr_x3", "float32", pictures), keras(model, pictures)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("name", presets.names())
def test_every_preset_that_restores_in_every_format(photograph, tmp_path, name):
    model = zoo.from_preset(name)
    if "restore" not in model.signatures():
        pytest.skip(f"{name} does not restore")
    # In int8, calibrated on these few photographs, all reached 46.
    limits = {"float16": 60, "dynamic_int8": 50, "int8": 40}
    phone.export(model, tmp_path, name, 128, ["float32", *limits])
    for size in [(140, 201), (97, 200), (60, 50)]:
        pictures = phone.pictures(model, photograph, *size)
        expected = keras_as_on_a_phone(model, pictures)
        assert apart(shown(tmp_path, name, "float32", pictures), expected) <= 1
        for kind, limit in limits.items():
            assert decibels(shown(tmp_path, name, kind, pictures), expected) > limit, kind


def test_bytes_go_in_as_they_are_where_the_file_stores_them_so():
    levels = np.arange(256)
    as_they_are = Stored("uint8", [1, 8, 8, 1], float(np.float32(1 / 255)), 0)
    np.testing.assert_array_equal(as_they_are.levels(), levels)
    np.testing.assert_allclose(as_they_are.numbers(np.uint8(levels)), levels / 255, atol=1e-6)
    otherwise = Stored("uint8", [1, 8, 8, 1], 0.01, 100)
    np.testing.assert_array_equal(otherwise.levels(), np.round(levels / 255 / 0.01) + 100)
    np.testing.assert_allclose(otherwise.numbers(otherwise.levels()), levels / 255, atol=0.0051)
    np.testing.assert_array_equal(
        Stored("float32", [1, 8, 8, 1], None, None).levels(), np.float32(levels) / 255
    )


def test_int8_takes_and_gives_bytes(exported):
    spec = artifact.find(exported, "denoising", "int8", "restore")
    assert spec.inputs["image"].dtype == spec.output.dtype == "uint8"


def test_weights_of_tiles_sum_to_one_at_every_pixel(exported):
    spec = artifact.find(exported, "super_resolution", "float32", "restore")
    for side in (1, 63, 64, 65, 400):
        axis = tiles.Axis(side, SIDE, spec)
        total = np.zeros(axis.length * spec.scale)
        for start, weights in zip(axis.starts, axis.weights, strict=True):
            total[start * spec.scale :][: len(weights)] += weights
        np.testing.assert_allclose(total, 1, atol=1e-6)


def test_the_command_needs_no_tensorflow(fresh_command, models, exported, photograph, tmp_path):
    pictures = phone.pictures(models["completion"], photograph, 70, 90)
    for name, picture in pictures.items():
        Image.fromarray(picture.squeeze(-1) if picture.shape[-1] == 1 else picture).save(
            tmp_path / f"{name}.png"
        )
    done = fresh_command(
        *("-X", "importtime", "-m", "export.mobile.twin", f"--artifacts={exported}"),
        *("--run=completion", f"--input=mask={tmp_path / 'mask.png'}"),
        *(tmp_path / "image.png", tmp_path / "out.png"),
    )
    assert done.returncode == 0, done.stderr[-1000:]
    assert done.stdout.startswith(f"{tmp_path / 'image.png'} -> {tmp_path / 'out.png'} by ")
    loaded = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "ai_edge_litert" in loaded
    assert not loaded & {"tensorflow", "keras"}
    expected = keras(models["completion"], pictures, tile=SIDE)
    got = np.asarray(Image.open(tmp_path / "out.png")).reshape(expected.shape)
    assert apart(got, expected) <= 1


MISUSE = {
    ("nosuch.png", "out.png"): "nosuch.png: ",
    ("in.png",): "name two files, a picture and its output; got 1",
    ("in.png", "./in.png"): "./in.png is the picture itself; name another output",
    ("--input=mask", "in.png", "out.png"): "signature restore takes image; give all but one by",
    ("--format=dynamic_int8", "in.png", "out.png"): "no dynamic_int8 file with signature restore; ",
}


@pytest.mark.parametrize("arguments", MISUSE)
def test_misuse_is_one_line(monkeypatch, exported, tmp_path, arguments):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.zeros([9, 9], np.uint8)).save("in.png")
    given = [a.removeprefix("--").split("=", 1) for a in arguments if a.startswith("--")]
    known = {"run": "denoising", "artifacts": str(exported), "format": "float32", "input": []}
    known |= {"signature": "restore"} | {k: [v] if k == "input" else v for k, v in given}
    monkeypatch.setattr(twin, "FLAGS", SimpleNamespace(**known))
    with pytest.raises(UserError) as caught:
        twin.main([a for a in arguments if not a.startswith("--")])
    assert str(caught.value).startswith(MISUSE[arguments])
    assert [path.name for path in tmp_path.iterdir()] == ["in.png"]


def broken(change):
    """A test's damage to signatures.json."""

    def damage(folder):
        path = folder / "denoising/signatures.json"
        described = json.loads(path.read_text())
        change(described)
        path.write_text(json.dumps(described))

    return damage


TFLITE = "denoising/tflite/denoising_float32.tflite"
DAMAGE = {
    "no artifacts": (
        shutil.rmtree,
        "signatures.json is missing; `python -m export --run=denoising",
    ),
    "no LiteRT file": (
        lambda folder: (folder / TFLITE).unlink(),
        r"float32\.tflite is missing; signatures\.json names it: copy both",
    ),
    "another LiteRT file": (
        lambda folder: (folder / TFLITE).write_bytes(b"nothing of the kind"),
        r"float32\.tflite is not the file that signatures\.json describes",
    ),
    "half a JSON": (
        lambda folder: (folder / "denoising/signatures.json").write_text('{"run":'),
        r"signatures\.json is broken \(JSONDecodeError: .*\); export denoising again",
    ),
    "a list": (
        lambda folder: (folder / "denoising/signatures.json").write_text("[]"),
        r"signatures\.json is broken \(AttributeError: ",
    ),
    "a key less": (broken(lambda d: d.pop("overlap")), r"broken \(KeyError: 'overlap'\)"),
    "a file less": (broken(lambda d: d.update(files=[])), "no float32 file with signature restore"),
    "an unknown type": (
        broken(
            lambda d: d["files"][0]["signatures"]["restore"]["inputs"]["image"].update(
                dtype="int16"
            )
        ),
        r"broken \(ValueError: dtype int16\)",
    ),
    "an older version": (broken(lambda d: d.pop("version")), "is not of version 2; export"),
    "another run": (broken(lambda d: d.update(run="sr")), "is of sr, not of denoising"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_an_artifact_that_is_damaged_is_one_line(exported, tmp_path, case):
    damage, reason = DAMAGE[case]
    folder = tmp_path / "artifacts"
    shutil.copytree(exported, folder)
    damage(folder)
    with pytest.raises(UserError, match=reason):
        artifact.find(folder, "denoising", "float32", "restore")


def test_a_run_exported_alone_is_found(exported):
    spec = artifact.find(exported / "denoising", "denoising", "float32", "restore")
    assert spec.path == exported / TFLITE


def test_what_does_not_fit_together_is_one_line(exported, photograph):
    spec = artifact.find(exported, "completion", "float32", "restore")
    image, mask = (
        np.zeros([20, 30, stored.shape[-1]], np.uint8) for stored in spec.inputs.values()
    )
    with pytest.raises(UserError, match="sizes differ: image 30x20, mask 20x20"):
        tiles.restore(spec, {"image": image, "mask": mask[:, :20]}, None)
    fixed = spec._replace(any_size=False)
    with pytest.raises(UserError, match="the model takes 64x64 alone"):
        tiles.restore(fixed, {"image": image, "mask": mask}, None)


def test_a_signature_without_pictures_is_one_line(tmp_path):
    phone.export(moved_model("autoencoder"), tmp_path, "ae", 8, ["float32"])
    with pytest.raises(UserError, match="signature encode does not make pictures of pictures"):
        artifact.find(tmp_path, "ae", "float32", "encode")
    spec = artifact.find(tmp_path, "ae", "float32", "reconstruct")
    image = np.zeros([*spec.sides, 1], np.uint8)
    assert tiles.restore(spec, {"image": image}, twin.interpreter(spec)).shape == (*spec.sides, 1)
