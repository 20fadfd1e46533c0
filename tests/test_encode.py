"""python -m zoo.encode: latents as tables, and nearest neighbors."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from pyarrow import csv, parquet

from zoo import encode, runs
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.latents import encoding, neighbors
from zoo.latents.encoding import Latents

LATENTS = [f"latent_{i}" for i in range(4)]


@pytest.fixture
def encoded(monkeypatch, latent_run, tmp_path):
    """The command in this process: encoded("codes.csv", limit=3) -> the file's path."""
    defaults = {
        "run": latent_run,
        "dataset": None,
        "data_dir": None,
        "split": "",
        "limit": None,
        "query": None,
        "neighbors": 3,
    }

    def run(name: str, **given) -> Path:
        output = tmp_path / "out" / name
        flags = {"output": str(output)} | defaults | given
        monkeypatch.setattr(encode, "FLAGS", SimpleNamespace(**flags))
        encode.main()
        return output

    return run


@pytest.fixture
def digit(tmp_path):
    """A file with the sixth test digit."""
    image = sources.load("digits", "test").record(tf.constant(5, tf.int64))["image"]
    Image.fromarray(image.numpy()[..., 0]).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


def columns(table, names: list[str]) -> np.ndarray:
    return np.stack([table[name].to_numpy() for name in names], axis=-1)


def test_every_format_holds_the_models_codes(encoded, latent_run, monkeypatch, capsys):
    monkeypatch.setattr(encoding, "CHUNK", 20)
    model, test = runs.load(latent_run), sources.load("digits", "test")
    array = np.load(encoded("codes.npy", limit=50))
    expected = model.codes(np.stack(pipeline.sample_images(test, model, 50)))
    np.testing.assert_allclose(array, expected, atol=1e-5)
    assert array.dtype == np.float32

    table = parquet.read_table(encoded("codes.parquet", limit=50))
    assert table.column_names == ["index", "label", *LATENTS]
    assert columns(table, LATENTS).dtype == np.float32
    np.testing.assert_array_equal(columns(table, LATENTS), array)
    assert table["index"].to_pylist() == list(range(50))
    assert table["label"].to_pylist() == [str(i) for i in pipeline.sample_labels(test, 50)]

    table = csv.read_csv(encoded("codes.csv", limit=50))
    assert table.column_names == ["index", "label", *LATENTS]
    np.testing.assert_array_equal(columns(table, LATENTS).astype(np.float32), array)
    assert "codes.csv: 50 images of digits test, 4 latents" in capsys.readouterr().out


def test_a_folder_names_its_files_and_a_broken_one_is_left_out(
    encoded, latent_run, image_folder, capsys
):
    table = parquet.read_table(encoded("codes.parquet", dataset=f"folder:{image_folder}"))
    assert table.column_names == ["index", "file", *LATENTS]
    assert sorted(table["file"].to_pylist()) == ["a.jpg", "b.png", "d.webp"]
    assert len(set(table["index"].to_pylist()) & {0, 1, 2, 3}) == 3
    model = runs.load(latent_run)
    images = [encoding.read(image_folder / file, model) for file in table["file"].to_pylist()]
    expected = model.codes(np.stack(images))
    np.testing.assert_allclose(columns(table, LATENTS), expected, atol=1e-5)
    errors = capsys.readouterr().err
    assert f"skipped {image_folder / 'c.jpg'}: " in errors
    assert errors.endswith("1 of 4 files skipped\n")


def test_classes_are_names_and_splits_are_part_of_the_files(encoded, photograph, tmp_path):
    for name in ("train/dog/a.png", "train/cat/a.png", "test/dog/b.png"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(photograph[:20, :30]).save(tmp_path / "pets" / name)
    data = {"dataset": f"folder:{tmp_path / 'pets'}", "split": "train+test"}
    rows = parquet.read_table(encoded("codes.parquet", **data)).to_pylist()
    found = {(row["file"], row["label"]) for row in rows}
    assert found == {(f"{x}.png", x.split("/")[1]) for x in ("train/dog/a", "train/cat/a")} | {
        ("test/dog/b.png", "dog")
    }


def test_a_hidden_label_is_none_and_not_the_last_class():
    chunk = {"index": np.array([0, 1]), "label": np.array([-1, 0])}
    source = SimpleNamespace(class_names=["cat", "dog"])
    assert encoding._about(chunk, source)["label"] == [None, "cat"]


def test_an_image_is_its_own_nearest_neighbor(encoded, digit, capsys):
    sheet = encoded("sheet.png", query=str(digit), limit=100, neighbors=7)
    header, first, *others, path = capsys.readouterr().out.splitlines()
    assert header.split() == ["image", "label", "distance"]
    label = str(sources.load("digits", "test").record(tf.constant(5, tf.int64))["label"].numpy())
    assert first.split() == ["1", "5", label, "0.000"]
    assert len(others) == 6
    distances = [float(line.split()[-1]) for line in others]
    assert distances == sorted(distances)
    assert distances[0] > 0
    assert path == str(sheet)
    with Image.open(sheet) as page:
        assert page.mode == "RGB"
        assert page.getpixel((9, 9)) == (0x3F, 0x90, 0xDA)  # the query's frame


def test_neighbors_in_a_folder_go_by_their_files(encoded, image_folder, capsys):
    given = {"query": str(image_folder / "b.png"), "dataset": f"folder:{image_folder}"}
    encoded("sheet.png", **given)
    _, first, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["1", "b.png", "-", "0.000"]


def test_neighbors_come_in_the_order_of_their_distances():
    codes = np.float32([[0, 0], [10, 0], [0, 3], [-10, -3]])
    latents = Latents(codes, {"index": [10, 11, 12, 13], "label": list("abcd")})
    found = neighbors.nearest(latents, np.float32([0, 2.9]), 3)
    assert [neighbor.index for neighbor in found] == [12, 10, 11]
    assert [neighbor.label for neighbor in found] == ["c", "a", "b"]
    np.testing.assert_allclose(
        [n.distance for n in found], [0.1, 2.9, np.hypot(10, 2.9)], rtol=1e-5
    )


@pytest.mark.parametrize("side", [5, 28, 64, 300])
def test_a_sheet_holds_any_size_of_image_and_name(side):
    image = np.full([side, side * 2, 3], 0.5)
    found = [neighbors.Neighbor(i, "a/long/" * 9 + f"{i}.png", "cat", i / 3) for i in range(7)]
    page = neighbors.sheet(image, "q" * 99, [image] * 7, found)
    assert page.dtype == np.uint8
    assert 700 < page.shape[1] < 1200
    assert (page[:, [0, -1]] == 255).all()  # nothing runs over the edges
    assert (page[[0, -1]] == 255).all()


def test_bad_input_is_explained_and_nothing_is_written(encoded, denoising_run, digit, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    query = {"query": str(digit)}
    cases = {
        "codes.txt is not a table; name it .parquet, .csv, .npy": ("codes.txt", {}),
        "codes.png is not a table": ("codes.png", {}),
        "codes.npy: with query it is a picture; name it .png": ("codes.npy", query),
        "broken.png: not an image": ("a.png", {"query": str(tmp_path / "broken.png")}),
        "nosuch.png: .* give the file of a picture": ("a.png", {"query": "nosuch.png"}),
        r"the split test\[:0\] of digits is empty": ("a.csv", {"split": "test[:0]"}),
        "neighbors=9, but there are only 8 images": (
            "a.png",
            query | {"limit": 8, "neighbors": 9},
        ),
        r"has no latents \(denoising\); give a run of autoencoder, .*vae": (
            "a.csv",
            {"run": denoising_run},
        ),
        "/gone is not a folder": ("a.csv", {"dataset": "folder:/gone"}),
    }
    for message, (name, given) in cases.items():
        before = set(tmp_path.iterdir())
        with pytest.raises(UserError, match=message):
            encoded(name, **given)
        assert set(tmp_path.iterdir()) == before


def test_an_input_is_never_overwritten(encoded, image_folder, digit):
    before = digit.read_bytes()
    with pytest.raises(UserError, match=r"digit\.png is an input and would be overwritten"):
        encoded("", query=str(digit), output=str(digit))
    assert digit.read_bytes() == before
    pictures = {"query": str(digit), "dataset": f"folder:{image_folder}"}
    with pytest.raises(UserError, match=r"new\.png would stand among the pictures of folder:"):
        encoded("", output=str(image_folder / "new.png"), **pictures)


def test_the_command_writes_a_table_or_says_why_not(command, latent_run, tmp_path):
    arguments = "-m", "zoo.encode", f"--run={latent_run}", "--limit=9"
    done = command(*arguments, f"--output={tmp_path / 'codes.csv'}")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == f"{tmp_path / 'codes.csv'}: 9 images of digits test, 4 latents\n"
    assert len((tmp_path / "codes.csv").read_text().splitlines()) == 10
    done = command(*arguments, f"--output={tmp_path / 'codes.xls'}")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert [path.name for path in tmp_path.iterdir()] == ["codes.csv"]
