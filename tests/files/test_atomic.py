"""A file appears whole or not at all, on disk and in a bucket."""

import json

import pytest

from zoo.cli import UserError
from zoo.files import atomic, buckets


@pytest.fixture(params=["disk", "bucket"])
def folder(request, tmp_path):
    return tmp_path if request.param == "disk" else buckets.path(f"ram://atomic{tmp_path}")


def test_folders_are_made_and_what_was_there_is_replaced(folder):
    path = folder / "new" / "file.json"
    for content in [1], {"a": 2}:
        atomic.write_json(path, content)
    assert path.read_bytes() == b'{\n "a": 2\n}\n'
    assert [p.name for p in path.parent.glob("*")] == ["file.json"]


def test_json_has_null_where_there_is_no_number(folder):
    atomic.write_json(folder / "file.json", {"psnr": [float("nan"), {"best": float("-inf")}, 1.5]})
    assert json.loads((folder / "file.json").read_bytes()) == {"psnr": [None, {"best": None}, 1.5]}


def test_what_fails_leaves_the_old_file_and_nothing_beside(folder):
    path = folder / "file.txt"
    atomic.write_text(path, "old")
    with pytest.raises(ZeroDivisionError), atomic.beside(path) as temporary:  # noqa: PT012
        temporary.write_bytes(b"half of the n")
        assert path.read_bytes() == b"old"
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert [p.name for p in folder.glob("*")] == ["file.txt"]


def test_two_writers_of_one_file_do_not_meet(folder):
    path = folder / "file.txt"
    with atomic.beside(path) as first:
        first.write_bytes(b"first")
        atomic.write_text(path, "second")
    assert path.read_bytes() == b"first"


def test_a_folder_that_cannot_be_written_is_known_before(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"cannot write into .*file/below \(Not a directory\)"):
        atomic.require_folder(tmp_path / "file" / "below")
    atomic.require_folder(tmp_path / "new" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
