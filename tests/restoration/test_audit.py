"""What is called restored is there."""

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.restoration import audit
from zoo.restoration.batch import Bulk
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import jobs_of


@pytest.fixture
def folders(tmp_path):
    """Four pictures and where they are restored to."""
    (tmp_path / "in").mkdir()
    for i in range(4):
        Image.fromarray(np.full([8, 8], i, np.uint8)).save(tmp_path / "in" / f"{i}.png")
    return tmp_path / "in", tmp_path / "out"


def left(source, out) -> list[str]:
    jobs = jobs_of([str(source)], out)
    return [job.source.name for job in audit.missing(jobs, Manifest(out, "audit", ""))]


@pytest.fixture
def restored(folders, denoising_run):
    source, out = folders
    model = zoo.load(denoising_run)
    Bulk(model, quiet=True).restore(jobs_of([str(source)], out), Manifest(out, "0-of-1", ""))
    return folders


def test_nothing_is_left_where_all_is_well(restored):
    assert left(*restored) == []


def test_what_is_gone_cut_changed_or_new_is_left(restored):
    source, out = restored
    (out / "0.png").unlink()
    (out / "1.png").write_bytes((out / "1.png").read_bytes()[:-1])
    Image.fromarray(np.full([8, 9], 7, np.uint8)).save(source / "2.png")
    Image.fromarray(np.full([8, 8], 7, np.uint8)).save(source / "new.png")
    assert left(source, out) == ["0.png", "1.png", "2.png", "new.png"]


def test_an_output_without_a_record_is_none(restored):
    source, out = restored
    (out / "restored-0-of-1.jsonl").unlink()
    assert len(left(source, out)) == 4


def test_who_died_over_a_picture_does_not_undo_who_did_it(restored):
    source, out = restored
    (job,) = jobs_of([str(source / "0.png")], out)
    dead = Manifest(out, "z-of-workers", "")  # its file may be read first or last
    dead.begin(dead.wanted(job.target, [job.source]), job.target)
    assert left(source, out) == []


def test_of_two_records_the_newer_counts(restored):
    source, out = restored
    (job,) = jobs_of([str(source / "0.png")], out)
    other = Manifest(out, "0-of-0", "other settings")
    other.add(other.wanted(job.target, [job.source]), job.target)
    assert left(source, out) == ["0.png"]


def test_the_first_of_what_is_left_are_named(restored):
    jobs = jobs_of([str(restored[0])], restored[1])
    audit.require_all(jobs, [])
    with pytest.raises(UserError, match=r"^2 of 4 files not restored: .*0\.png, .*1\.png$"):
        audit.require_all(jobs, jobs[:2])
    with pytest.raises(UserError, match=r"^40 of 4 .*3\.png, \.\.\.$"):
        audit.require_all(jobs, jobs * 10)
