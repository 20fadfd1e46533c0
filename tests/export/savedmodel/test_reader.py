"""An exported SavedModel restores as the Keras model does, and says what it is."""

import json

import numpy as np
import pytest

from export import signatures
from export.savedmodel import reader
from export.savedmodel.reader import ServedModel
from zoo.cli import UserError
from zoo.models import tiles


@pytest.fixture
def artifacts(served, tmp_path):
    """Lays out a tiny model as `python -m export` does: artifacts("denoising")."""

    def lay_out(name: str) -> str:
        found = served(name)
        version = tmp_path / f"serving/{name}/1"
        version.parent.mkdir(parents=True)
        version.symlink_to(found.folder)
        described = signatures.describe(found.model, name, 16, tmp_path, {})
        (tmp_path / "signatures.json").write_text(json.dumps(described))
        return str(tmp_path)

    return lay_out


@pytest.mark.parametrize("name", ["denoising", "super_resolution"])
def test_it_restores_in_tiles_as_the_model_does(served, artifacts, photograph, name):
    model, artifact = served(name).model, reader.find(artifacts(name))
    channels = model.signatures()["restore"].inputs["image"].shape[-1]
    image = photograph[:150, :70, :channels]
    ours = tiles.restore(ServedModel(artifact), image, tile=48)
    theirs = tiles.restore(model, image, tile=48)
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(int) - theirs).max() <= 1


def test_it_refuses_what_the_model_would(served, artifacts):
    model = ServedModel(reader.find(artifacts("denoising")))
    with pytest.raises(UserError, match="no pixels"):
        tiles.restore(model, np.zeros([0, 1, 1], np.uint8))
    with pytest.raises(UserError, match=r"expected \[height, width, 1\]"):
        tiles.restore(model, np.zeros([16, 16, 3], np.uint8))


def test_the_newest_version_is_taken(artifacts, tmp_path):
    folder = artifacts("denoising")
    for version in ("9", "10"):
        (tmp_path / f"serving/denoising/{version}").symlink_to(tmp_path / "serving/denoising/1")
    assert reader.find(folder).path.name == "10"


def test_a_folder_without_a_saved_model_is_one_clear_line(artifacts, tmp_path):
    with pytest.raises(UserError, match="holds no exported SavedModel"):
        reader.find(str(tmp_path / "nowhere"))
    folder = artifacts("denoising")
    (tmp_path / "serving/denoising/1").unlink()
    with pytest.raises(UserError, match="holds no exported SavedModel"):
        reader.find(folder)
    (tmp_path / "signatures.json").write_text("{")
    with pytest.raises(UserError, match="holds no exported SavedModel"):
        reader.find(folder)


def test_a_model_that_does_not_restore_pictures_alone_is_refused(artifacts, tmp_path):
    folder = artifacts("denoising")
    described = json.loads((tmp_path / "signatures.json").read_text())
    described["signatures"]["restore"]["inputs"]["mask"] = {}
    (tmp_path / "signatures.json").write_text(json.dumps(described))
    with pytest.raises(UserError, match="needs mask beside every picture"):
        reader.find(folder)
    described["signatures"] = {"encode": {}, "decode": {}}
    (tmp_path / "signatures.json").write_text(json.dumps(described))
    with pytest.raises(UserError, match="its signatures are encode, decode"):
        reader.find(folder)
