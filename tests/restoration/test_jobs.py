"""Files, folders and patterns name pictures."""

import pytest

from zoo.cli import UserError
from zoo.files import atomic, buckets
from zoo.restoration.jobs import jobs_of


@pytest.fixture
def folder(tmp_path):
    for name in ("a.jpg", "b.png", "sub/c.jpg", "sub/deep/d.webp"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    return tmp_path / "in"


def targets(output, *given) -> set[str]:
    return {str(job.target.relative_to(output)) for job in jobs_of([*map(str, given)], output)}


def test_below_a_folder_or_a_pattern_sub_folders_are_kept(folder, tmp_path):
    out = tmp_path / "out"
    whole = {"a.jpg", "b.png", "sub/c.jpg", "sub/deep/d.webp"}
    assert targets(out, folder) == targets(out, folder / "**") == whole
    jpegs = {"a.jpg", "sub/c.jpg"}
    assert targets(out, folder / "*.jpg") == targets(out, folder / "**/*.jpg") == jpegs
    assert targets(out, folder / "s*/*.jpg", folder / "a.jpg") == jpegs


def test_a_name_with_brackets_is_no_pattern(tmp_path):
    (tmp_path / "a[1].png").touch()
    assert targets(tmp_path / "out", tmp_path / "a[1].png") == {"a[1].png"}


def test_outputs_below_what_a_pattern_names_are_no_inputs(folder):
    (folder / "out").mkdir()
    (folder / "out/a.jpg").touch()
    assert targets(folder / "out", folder / "*.jpg") == {"a.jpg", "sub/c.jpg"}


def test_buckets_have_patterns_too():
    for name in ("x.jpg", "more/y.jpg", "z.png"):
        atomic.write_bytes(buckets.path(f"ram://jobs-in/{name}"), b"")
    assert targets(buckets.path("ram://jobs-out"), "ram://jobs-in/*.jpg") == {"x.jpg", "more/y.jpg"}


@pytest.mark.parametrize(
    ("name", "message"),
    [("*.gif", "has no images"), ("no/where*/x.png", "has no images"), ("x", "does not exist")],
)
def test_what_names_nothing_is_one_clear_line(folder, tmp_path, name, message):
    with pytest.raises(UserError, match=message):
        jobs_of([str(folder / name)], tmp_path / "out")


def test_an_input_behind_a_link_is_not_overwritten(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "real.png").touch()
    (folder / "real.png").symlink_to(out / "real.png")
    with pytest.raises(UserError, match="would be overwritten"):
        jobs_of([str(folder / "real.png")], out)
