"""What --web writes, and what it says where it cannot."""

import json
import threading
import urllib.request

import numpy as np
import pytest
from PIL import Image

from export import web_server
from export.web import examples, page_folder
from tests.conftest import ROOT
from tests.models.tiny import tiny_model
from zoo.cli import UserError
from zoo.models import registry


def test_missing_packages_are_told_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setattr(page_folder, "PACKAGES", tmp_path)
    with pytest.raises(UserError, match="npm ci --prefix export/web"):
        page_folder.check(["float32"])


def test_packages_of_another_version_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(page_folder, "PACKAGES", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core/package.json").write_text('{"version": "0.1.0"}')
    with pytest.raises(UserError, match=r"needs LiteRT.js \d+"):
        page_folder.check(["float32"])


def test_a_page_needs_a_litert_format():
    with pytest.raises(UserError, match="needs a LiteRT format"):
        page_folder.check(["saved_model"])


def test_no_file_of_the_page_asks_another_server():
    """All addresses are relative; the policy is on every page."""
    for path in (page_folder.ROOT / "page").rglob("*.*"):
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text
        assert "https://" not in text
        if path.suffix == ".html":
            assert "default-src 'none'" in text
            assert "connect-src 'self'" in text


@pytest.mark.parametrize("folder", ["export/web", "tests/export/mobile"])
def test_the_lock_file_names_no_registry(folder):
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    assert lock["packages"]
    assert not any("resolved" in package for package in lock["packages"].values())


SHORT = "completion", "autoencoder"


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n in SHORT else pytest.mark.slow) for n in registry.names()],
)
def test_examples_suit_the_signatures_of_every_model(name):
    model = tiny_model(name)
    found = examples.of(model, {"dataset": "digits"}, None, None)
    signatures = model.signatures()
    if "restore" in signatures:
        declared = signatures["restore"].inputs
        assert set(found.pictures) == {key for key, t in declared.items() if t.is_image}
        for key, picture in found.pictures.items():
            assert np.atleast_3d(picture).shape[-1] == declared[key].shape[-1]
            assert np.std(picture) > 0
    elif "detect" in signatures:
        assert list(found.pictures["image"].size) == model.image_size
    elif "decode" in signatures:
        height, width = model.image_size
        assert found.pictures["image"].size == (width * examples.PICTURES, height)
        assert np.shape(found.latents["mean"]) == (model.latent_dim,)
        assert min(found.latents["stddev"]) > 0
        if model.latent_groups:
            assert sum(found.latents["groups"]) == model.latent_dim
        else:
            assert sorted(found.latents["order"]) == list(range(model.latent_dim))
    else:
        assert found is None


def test_a_picture_is_written_as_the_model_takes_it(tmp_path):
    found = examples.of(tiny_model("completion"), {"dataset": "digits"}, None, None)
    found.pictures["mask"].save(tmp_path / "mask.png")
    assert set(np.unique(Image.open(tmp_path / "mask.png"))) == {0, 255}


def test_the_server_isolates_the_page_and_knows_the_types(tmp_path):
    (tmp_path / "a.wasm").write_bytes(b"")
    with web_server.serve(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        address = f"http://127.0.0.1:{server.server_port}/a.wasm"
        headers = urllib.request.urlopen(address, timeout=10).headers
        server.shutdown()
    assert headers["Content-Type"] == "application/wasm"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
