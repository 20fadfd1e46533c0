"""python -m export.client by gRPC and by REST: against the stand-in, or a real server."""

import base64
import io
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from grpc import StatusCode
from PIL import Image

from export.savedmodel import warmup
from export.serving import remote
from tests.export import bad_files
from zoo.cli import UserError
from zoo.files import image_files


def noise(folder, count, height=8, width=8, channels=1):
    """A folder of PNG files with noise in them."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for i in range(count):
        pixels = random.integers(0, 256, [height, width, channels], np.uint8)
        (folder / f"{i:03}.png").write_bytes(warmup.png(pixels))
    return folder


@pytest.mark.parametrize("signature", ["serving_default", "restore_uint8", "restore"])
def test_64_pictures_come_back_as_the_model_gives_them_here(ask, served, tmp_path, signature):
    pictures = noise(tmp_path / "in", 64, 12, 10)
    out = ask("denoising", pictures, batch=64, signature=signature)
    model = served("denoising").model
    assert len(list(out.iterdir())) == 64
    for path in image_files.find(pictures):
        expected = model.restore(image_files.read(path).pixels)
        got = image_files.read(out / path.name).pixels
        assert np.abs(got.astype(int) - expected).max() <= 1


def test_a_folder_of_many_sizes_and_kinds(ask, served, image_folder, capsys):
    """Sub-folders, JPEG and WebP; a broken file among them is named, and the rest is done."""
    with pytest.raises(UserError, match=r"1 of 4 files skipped: .*c\.jpg"):
        ask("super_resolution", image_folder)
    told = capsys.readouterr()
    assert "3 of 4 answered" in told.out
    assert "c.jpg: image file is truncated" in told.err


def test_pictures_that_differ_by_their_ending_alone_are_named_apart(ask, tmp_path):
    pictures = noise(tmp_path / "in", 2)
    for name in ("000.bmp", "000.webp"):
        Image.open(pictures / "000.png").convert("RGB").save(pictures / name)
    out = ask("denoising", pictures)
    names = sorted(path.name for path in out.iterdir())
    assert names == ["000.bmp.png", "000.png.png", "000.webp.png", "001.png"]


def test_a_picture_that_the_server_refuses_is_named_and_the_others_are_done(ask, tmp_path, capsys):
    pictures = noise(tmp_path / "in", 5)
    (pictures / "002.png").write_bytes(warmup.png(np.zeros([8, 9, 1], np.uint8)))
    with pytest.raises(UserError, match=r"1 of 5 files skipped: .*002\.png"):
        out = ask("vae", pictures)
    assert "INVALID_ARGUMENT: assertion failed: [width must be 8, not]" in capsys.readouterr().err
    out = tmp_path / "out"
    assert sorted(p.name for p in out.iterdir()) == ["000.png", "001.png", "003.png", "004.png"]


def test_numbers_come_back_as_json(ask, served, tmp_path):
    pictures = noise(tmp_path / "in", 3)
    out = ask("classifier", pictures)
    for path in image_files.find(pictures):
        image = np.float32(image_files.read(path).pixels)[np.newaxis] / 255
        expected = served("classifier").model.serve["classify"]({"image": image})
        got = json.loads((out / path.with_suffix(".json").name).read_text())
        np.testing.assert_allclose(
            got["probabilities"], expected["probabilities"][0], rtol=1e-5, atol=1e-6
        )


def test_what_stands_beside_the_picture_comes_from_a_file(ask, served, tmp_path):
    pictures = noise(tmp_path / "in", 3, channels=served("completion").model.channels)
    mask = np.zeros([8, 8, 1], np.uint8)
    mask[2:5, 2:5] = 255
    (tmp_path / "mask.png").write_bytes(warmup.png(mask))
    out = ask("completion", pictures, input=[f"mask={tmp_path / 'mask.png'}"])
    expected = served("completion").model.restore(
        image_files.read(pictures / "001.png").pixels, mask=mask
    )
    got = image_files.read(out / "001.png").pixels
    assert np.abs(got.astype(int) - expected).max() <= 1


def test_a_number_stands_beside_the_picture(ask, tmp_path):
    pictures = noise(tmp_path / "in", 2)
    out = ask("denoising", pictures, signature="restore_blend", input=["strength=0"])
    for name in ("000.png", "001.png"):
        given, got = (image_files.read(folder / name).pixels for folder in (pictures, out))
        np.testing.assert_array_equal(got, given)


def test_latents_without_pictures(ask, served, tmp_path):
    codes = np.random.default_rng(0).normal(size=[2, served("vae").model.latent_dim])
    np.save(tmp_path / "codes.npy", codes)
    out = ask("vae", signature="decode", input=[f"latent={tmp_path / 'codes.npy'}"])
    expected = served("vae").model.serve["decode"]({"latent": np.float32(codes)})["image"]
    for i in range(2):
        got = image_files.read(out / f"decode_{i:03}.png").pixels / 255
        np.testing.assert_allclose(got, expected[i], atol=1 / 255)


def test_status_and_metadata(ask, capsys):
    ask("vae", status=True)
    assert capsys.readouterr().out == "version 1 AVAILABLE\n"
    ask("vae", metadata=True)
    lines = capsys.readouterr().out.splitlines()
    assert "reconstruct: image float32 [?, 8, 8, 1] -> image float32 [?, 8, 8, 1]" in lines
    assert "serving_default: image_bytes string [?] -> image_bytes string [?]" in lines


@pytest.mark.slow
def test_a_thousand_requests_of_eight_clients_lose_none(stand_in, served, address):
    image = np.random.default_rng(0).random([4, 8, 8, 1], np.float32)
    expected = served("denoising").model.serve["restore"]({"image": image})["image"]
    if stand_in:
        stand_in.fail_next = 20
    clients = [remote.connect(address, "denoising") for _ in range(8)]

    def send(i: int) -> float:
        row = i % 4
        got = clients[i % 8].predict("restore", {"image": image[row : row + 1]})["image"]
        return float(np.abs(got[0] - expected[row]).max())

    with ThreadPoolExecutor(8) as pool:
        differences = list(pool.map(send, range(1000)))
    assert len(differences) == 1000
    assert max(differences) <= 1e-5


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED"])
def test_it_waits_for_a_server_that_is_busy_or_not_ready(faults, ask, tmp_path, code):
    faults.fail_next, faults.fail_code = 3, StatusCode[code]
    assert len(list(ask("denoising", noise(tmp_path / "in", 1)).iterdir())) == 1
    assert faults.fail_next == 0


def test_a_server_that_stays_busy_is_named_when_the_deadline_is_over(faults, ask, tmp_path):
    faults.fail_next, faults.fail_code = 1000, StatusCode.RESOURCE_EXHAUSTED
    try:
        with pytest.raises(
            UserError, match=r"has been busy for 0\.5 s; ask later, or give it more"
        ):
            ask("denoising", noise(tmp_path / "in", 1), deadline=0.5)
    finally:
        faults.fail_next = 0


def test_it_does_not_wait_longer_than_the_deadline(faults, ask, tmp_path):
    pictures = noise(tmp_path / "in", 1)
    ask("denoising", metadata=True)
    faults.delay = 2
    try:
        with pytest.raises(UserError, match=r"gave no answer within 0\.5 s"):
            ask("denoising", pictures, deadline=0.5)
    finally:
        faults.delay = 0


REFUSED = {
    "no image": ("restore_bytes", {"image_bytes": b"x"}, "neither a PNG nor a JPEG"),
    "a truncated PNG": (
        "restore_bytes",
        {"image_bytes": bad_files.encoded("PNG")[:99]},
        "Invalid PNG",
    ),
    "a 0x0 image": (
        "restore_bytes",
        {"image_bytes": bad_files.png_claiming(0, 0)},
        "without pixels",
    ),
    "100 megapixels": (
        "restore_bytes",
        {"image_bytes": bad_files.png_claiming(10_000, 10_000)},
        "an image of more than",
    ),
    "a wrong rank": (
        "restore",
        {"image": np.zeros([3], np.float32)},
        "not compatible with expected",
    ),
    "wrong channels": ("restore", {"image": np.zeros([1, 8, 8, 2], np.float32)}, "not compatible"),
    "NaN": ("restore", {"image": np.full([1, 8, 8, 1], np.nan, np.float32)}, "NaN"),
    "an empty batch": (
        "restore",
        {"image": np.zeros([0, 8, 8, 1], np.float32)},
        "the batch is empty|not compatible",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_answered_by_the_reason_and_the_server_goes_on(address, case):
    signature, inputs, reason = REFUSED[case]
    model = remote.connect(address, "denoising")
    inputs = {k: np.array([v], object) if isinstance(v, bytes) else v for k, v in inputs.items()}
    with pytest.raises(remote.ServerError, match=reason) as caught:
        model.predict(signature, inputs)
    assert caught.value.code == "INVALID_ARGUMENT"
    good = np.zeros([1, 8, 8, 1], np.float32)
    assert model.predict("restore", {"image": good})["image"].shape == (1, 8, 8, 1)


def test_a_wrong_type_is_refused(addresses):
    model = remote.connect(addresses["gRPC"], "denoising")
    with pytest.raises(remote.ServerError, match=r"INVALID_ARGUMENT: .*float"):
        model.predict("restore", {"image": np.zeros([1, 8, 8, 1])})


def post(addresses, body) -> dict:
    url = f"{addresses['REST']}/v1/models/denoising:predict"
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data)) as answer:
        return json.load(answer)


def test_rest_rows_with_base64(addresses, served):
    """What a web page or curl sends, without this client."""
    image = np.random.default_rng(0).integers(0, 256, [8, 8, 1], np.uint8)
    body = {
        "instances": [{"image_bytes": {"b64": base64.b64encode(warmup.png(image)).decode()}}] * 2
    }
    got = post(addresses, body)["predictions"]
    expected = served("denoising").model.restore(image)
    for row in got:
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(row["b64"]))))[..., np.newaxis]
        assert np.abs(shown.astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    "body", [b"{", {}, {"instances": [[1, 2, 3]]}, {"instances": []}, {"inputs": {"nosuch": [1]}}]
)
def test_malformed_json_is_refused(addresses, body):
    with pytest.raises(urllib.error.HTTPError) as caught:
        post(addresses, body)
    assert caught.value.code == 400
    assert len(json.load(caught.value)["error"]) > 10


OUT = "--output_dir={out}"
ERRORS = {
    "a missing model": (["--run=nosuch", OUT], "has no nosuch: "),
    "a missing version": (
        ["--run=vae", "--model_version=7", "--status"],
        "has no vae (version 7): ",
    ),
    "a missing signature": (
        ["--run=vae", "--signature=nosuch", OUT],
        "vae has no signature nosuch; it has anomaly_score, decode, ",
    ),
    "a missing input": (
        ["--run=completion", OUT, "{picture}"],
        "takes image_bytes, mask_bytes; leave one for the pictures and give the others by input",
    ),
    "an input of another name": (
        ["--run=vae", "--input=x=y.png", OUT],
        "input=x=y.png: give NAME",
    ),
    "no number where one is taken": (
        [
            "--run=denoising",
            "--signature=restore_blend",
            "--input=strength=x",
            OUT,
        ],
        "x: could not convert string to float",
    ),
    "numbers where a picture is given": (
        ["--run=vae", "--signature=decode", OUT, "{picture}"],
        "this input is no image but has shape [4]; give an .npy file",
    ),
    "a picture of another shape": (
        ["--run=vae", OUT, "{picture}"],
        "1 of 1 files skipped",
    ),
    "no output folder": (["--run=vae", "{picture}"], "output_dir missing; see help"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_bad_use_is_answered_by_one_line(monkeypatch, ask, case, tmp_path):
    arguments, reason = ERRORS[case]
    picture = tmp_path / "picture.png"
    picture.write_bytes(warmup.png(np.zeros([9, 9, 1], np.uint8)))
    given, files = {"output_dir": None}, []
    for argument in arguments:
        argument = argument.format(out=tmp_path / "out", picture=picture)
        name, _, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--"):
            files.append(argument)
        elif name == "input":
            given["input"] = [value]
        else:
            given[name] = {"model_version": int}.get(name, str)(value) or True
    with pytest.raises(UserError) as caught:
        ask(given.pop("run"), *files, **given)
    assert reason in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_no_server_is_one_line_and_exit_status_2(command):
    for address in ("localhost:1", "http://localhost:1"):
        done = command(
            "-m", "export.client", "--run=vae", f"--address={address}", "--deadline=1", "--status"
        )
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"error: no model server is ready at {address}; start one, or give")


def test_the_command_as_a_person_types_it(command, addresses, tmp_path):
    pictures = noise(tmp_path / "in", 3)
    done = command(
        *("-m", "export.client", "--run=denoising", f"--output_dir={tmp_path / 'out'}"),
        *(f"--address={addresses['gRPC']}", pictures),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"{pictures / '000.png'} -> {tmp_path / 'out/000.png'}"
    assert done.stdout.splitlines()[-1].startswith("3 of 3 answered, ")
