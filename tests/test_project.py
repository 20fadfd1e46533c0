"""python -m zoo.project: what it writes is what TensorBoard's projector reads."""

import json
import logging
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from pyarrow import csv
from werkzeug.test import Client

from zoo import project, runs
from zoo.cli import UserError
from zoo.data import pipeline, sources

FILES = [
    "latents.csv",
    "latents.npy",
    "latents.tsv",
    "metadata.tsv",
    "projector_config.pbtxt",
    "sprite.png",
]


@pytest.fixture
def projected(monkeypatch, latent_run, tmp_path):
    """The command in this process: projected(limit=3) -> the folder."""
    defaults = {
        "run": latent_run,
        "output_dir": tmp_path / "projector",
        "dataset": None,
        "data_dir": None,
        "split": "",
        "limit": 50,
    }

    def run(**given) -> Path:
        monkeypatch.setattr(project, "FLAGS", SimpleNamespace(**defaults | given))
        project.main()
        return Path((defaults | given)["output_dir"])

    return run


def served(folder: Path):
    """TensorBoard's projector over a folder: served("/info", run=".") -> bytes."""
    from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin

    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(folder))
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    plugin = ProjectorPlugin(
        base_plugin.TBContext(logdir=str(folder), data_provider=provider, multiplexer=multiplexer)
    )
    routes = plugin.get_plugin_apps()

    def get(route: str, **query) -> bytes:
        answer = Client(routes[route]).get(query_string=query)
        assert answer.status_code == 200, answer.data
        return answer.data

    return get


def test_tensorboard_reads_the_latents_their_labels_and_pictures(projected, latent_run, caplog):
    model, test = runs.load(latent_run), sources.load("digits", "test")
    codes = model.codes(np.stack(pipeline.sample_images(test, model, 50)))
    folder = projected()
    caplog.clear()  # from here on, whatever is logged is TensorBoard's
    caplog.set_level(logging.WARNING)
    get = served(folder)
    assert json.loads(get("/runs")) == ["."]
    (embedding,) = json.loads(get("/info", run="."))["embeddings"]
    assert embedding["tensorShape"] == [50, 4]
    assert embedding["sprite"]["singleImageDim"] == [8, 8]
    where = {"run": ".", "name": embedding["tensorName"]}

    tensor = np.frombuffer(get("/tensor", **where), np.float32).reshape(50, 4)
    np.testing.assert_allclose(tensor, codes, atol=1e-5)
    labels = get("/metadata", **where).decode().splitlines()
    assert labels == [str(label) for label in pipeline.sample_labels(test, 50)]
    assert get("/sprite_image", **where) == (folder / "sprite.png").read_bytes()
    assert not caplog.records


def test_the_folder_works_wherever_it_is_moved(projected, tmp_path):
    moved = projected().rename(tmp_path / "elsewhere")
    assert len(served(moved)("/tensor", run=".", name="latents")) == 50 * 4 * 4
    assert str(tmp_path) not in (moved / "projector_config.pbtxt").read_text()


def test_the_sprite_has_every_image_at_its_place(projected, latent_run):
    with Image.open(projected() / "sprite.png") as image:
        sprite = np.asarray(image)
    assert sprite.shape == (64, 64, 3)
    images = pipeline.sample_images(sources.load("digits", "test"), runs.load(latent_run), 50)
    tiles = sprite.reshape(8, 8, 8, 8, 3).swapaxes(1, 2).reshape(64, 8, 8, 3)
    expected = np.round(np.stack(images) * 255)
    np.testing.assert_array_equal(tiles[:50], expected.repeat(3, -1))
    assert (tiles[50:] == 255).all()


def test_the_other_files_hold_the_same_latents(projected, capsys):
    folder = projected()
    assert sorted(path.name for path in folder.iterdir()) == FILES
    array = np.load(folder / "latents.npy")
    np.testing.assert_array_equal(
        np.loadtxt(folder / "latents.tsv", np.float32, delimiter="\t"), array
    )
    table = csv.read_csv(folder / "latents.csv")
    assert table.column_names[:3] == ["index", "label", "latent_0"]
    np.testing.assert_array_equal(table["latent_3"].to_numpy().astype(np.float32), array[:, 3])
    assert capsys.readouterr().out.endswith(f"tensorboard --logdir={folder}\n")


def test_a_folder_without_classes_is_labeled_by_place(projected, image_folder, capsys):
    folder = projected(dataset=f"folder:{image_folder}")
    places = (folder / "metadata.tsv").read_text().split()
    assert len(places) == 3
    assert set(places) < set("0123")
    assert places == [str(i) for i in csv.read_csv(folder / "latents.csv")["index"].to_pylist()]
    assert json.loads(served(folder)("/info", run="."))["embeddings"][0]["tensorShape"] == [3, 4]
    assert capsys.readouterr().err.endswith("1 of 4 files skipped\n")


@pytest.mark.parametrize(
    ("image_size", "count", "sides"),
    [
        ([28, 28], 2000, [28, 28]),
        ([28, 28], 100_000, [25, 25]),
        ([64, 32], 60_000, [33, 16]),
        ([8, 8], 1, [8, 8]),
        ([512, 512], project.MOST, [8, 8]),
    ],
)
def test_thumbnails_shrink_until_the_sprite_is_within_its_limit(image_size, count, sides):
    assert project.thumbnail_sides(image_size, count) == sides
    assert math.ceil(math.sqrt(count)) * max(sides) <= 8192


def test_a_reduced_sprite_is_as_large_as_its_thumbnails():
    images = np.random.default_rng(0).uniform(size=[5, 16, 16, 1])
    assert project.sprite(iter(images), 5, [7, 6]).shape == (21, 18, 3)


def test_bad_input_is_explained_and_nothing_is_written(
    projected, denoising_run, image_folder, tmp_path
):
    cases = {
        r"has no latents \(denoising\); give a run of autoencoder": {"run": denoising_run},
        r"the split test\[:0\] of digits is empty; widen": {"split": "test[:0]"},
        "pictures/out would stand among the pictures of folder:": {
            "dataset": f"folder:{image_folder}",
            "output_dir": image_folder / "out",
        },
    }
    for message, given in cases.items():
        with pytest.raises(UserError, match=message):
            projected(**given)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["pictures"]
        assert not (image_folder / "out").exists()


def test_the_command_writes_the_folder_or_says_why_not(command, latent_run, tmp_path):
    folder = tmp_path / "projector"
    arguments = "-m", "zoo.project", f"--run={latent_run}", f"--output_dir={folder}"
    done = command(*arguments, "--limit=9999999")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "--limit=9999999" in line
    assert not folder.exists()
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"{folder}: 297 images of digits test, 4 latents",
        f"tensorboard --logdir={folder}",
    ]
    assert sorted(path.name for path in folder.iterdir()) == FILES
