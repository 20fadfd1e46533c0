"""Folders of pictures, by several processes, stopped and started again."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.restoration.batch import Bulk, Output
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import in_shard, jobs_of, shard_of

NOISE = [("noise", 25.0, 25.0)]


@pytest.fixture(scope="module")
def model(denoising_run):
    return zoo.load(denoising_run)


@pytest.fixture
def folder(tmp_path, photograph):
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    for i in range(8):
        name = folder / ("more" if i % 2 else ".") / f"{i}.png"
        Image.fromarray(photograph[i : 20 + i, :24, 0]).save(name)
    return folder


def restored(model, source, output, shard="0/1", settings="", written=(), **options):
    """How many pictures were restored, and which were left out."""
    written = Output(**dict(written))
    output, part = buckets.path(str(output)), shard_of(shard)
    jobs = jobs_of([str(source)], output)
    bulk = Bulk(model, taken={job.target for job in jobs}, output=written, **options)
    mine = [job for job in jobs if in_shard(job.target.relative_to(output), part)]
    return bulk.restore(mine, Manifest(output, shard.replace("/", "-of-"), settings)), [
        *bulk.failed
    ]


def pixels(folder):
    return {
        str(path.relative_to(folder)): image_files.read(path).pixels
        for path in image_files.find(buckets.path(str(folder)))
    }


def test_shards_do_each_picture_once_and_as_one_process_would(model, folder, tmp_path):
    counts = [
        restored(model, folder, tmp_path / "parts", f"{i}/3", degrade=NOISE)[0] for i in range(3)
    ]
    assert sum(counts) == 8
    assert max(counts) < 8
    restored(model, folder, tmp_path / "whole", degrade=NOISE)
    parts, whole = pixels(tmp_path / "parts"), pixels(tmp_path / "whole")
    assert parts.keys() == whole.keys()
    for name, expected in whole.items():
        np.testing.assert_array_equal(parts[name], expected)


def test_what_is_done_is_left_out_whatever_the_shards(model, folder, tmp_path):
    before = restored(model, folder, tmp_path / "out", "1/2")[0]
    assert 0 < before < 8
    done = sum(restored(model, folder, tmp_path / "out", f"{i}/3")[0] for i in range(3))
    assert before + done == 8
    assert len(pixels(tmp_path / "out")) == 8
    assert restored(model, folder, tmp_path / "out")[0] == 0


def test_what_has_changed_is_done_again(model, folder, tmp_path, photograph):
    out = tmp_path / "out"
    assert restored(model, folder, out)[0] == 8
    Image.fromarray(photograph[50:70, :24, 0]).save(folder / "0.png")
    (out / "2.png").unlink()
    (out / "4.png").write_bytes(b"cut")
    assert restored(model, folder, out)[0] == 3
    with pytest.raises(UserError, match=r"0\.png, and 7 more: there already, and not made by this"):
        restored(model, folder, out, settings="other weights")
    again = {"overwrite": True}
    assert restored(model, folder, out, settings="other weights", written=again)[0] == 8


def test_two_pictures_that_become_one_png_are_told(model, tmp_path, photograph):
    Image.fromarray(photograph[:20, :24, 0]).save(tmp_path / "a.gif")
    deep = np.uint16(photograph[:20, :24, :1]) * 257
    image_files.write(tmp_path / "a.tif", image_files.Picture(deep))
    out = tmp_path / "out"
    for _ in range(2):  # the second time the first of them is done before
        _, failed = restored(model, tmp_path, out)
        assert [path.name for path in failed] == ["a.tif"]
        assert image_files.read(out / "a.png").pixels.dtype == np.uint8


def test_a_line_that_a_kill_cut_off_counts_for_nothing(model, folder, tmp_path):
    out = tmp_path / "out"
    restored(model, folder, out)
    record = out / "restored-0-of-1.jsonl"
    record.write_text(record.read_text().rstrip()[:-9])
    assert restored(model, folder, out)[0] == 1
    assert restored(model, folder, out)[0] == 0
    lines = [line for line in record.read_text().splitlines() if line]
    assert sum(_is_json(line) for line in lines) == len(lines) - 1 == 2 * 9 - 1


def test_a_bucket_serves_as_a_folder(model, photograph):
    # TensorFlow's file system in memory, through the same calls as gs://.
    source, out = "ram://bulk/in", "ram://bulk/out"
    for name in ("a.png", "more/b.png"):
        image_files.write(f"{source}/{name}", image_files.Picture(photograph[:20, :24, :1]))
    buckets.path(f"{source}/c.png").write_bytes(b"no picture")
    count, failed = restored(model, source, out)
    assert count == 3
    assert [str(path) for path in failed] == ["ram://bulk/in/c.png"]
    assert list(pixels(out)) == ["a.png", "more/b.png"]
    assert restored(model, source, out)[0] == 1  # the bad one alone is tried again


@pytest.mark.slow
def test_two_killed_processes_leave_whole_pictures_and_go_on(denoising_run, tmp_path, photograph):
    for i in range(200):
        (tmp_path / "in").mkdir(exist_ok=True)
        Image.fromarray(photograph[i : i + 200, :200, 0]).save(tmp_path / "in" / f"{i}.png")
    command = [sys.executable, "-m", "zoo.restore", f"--run={denoising_run}"]
    command += [f"--output_dir={tmp_path / 'out'}", str(tmp_path / "in")]
    records = [tmp_path / "out" / f"restored-{i}-of-2.jsonl" for i in range(2)]
    shards = [subprocess.Popen([*command, f"--shard={i}/2"]) for i in range(2)]
    while not all(path.exists() and len(path.read_text()) > 2000 for path in records):
        assert all(shard.poll() is None for shard in shards)
        time.sleep(0.01)
    for shard in shards:
        shard.kill()
        shard.wait()
    done = len(pixels(tmp_path / "out"))  # all of them can be read
    assert 10 < done < 200
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    new = int(again.stdout.splitlines()[-1].split()[0])
    assert 200 - done <= new <= 200 - done + 6  # a few were written and not recorded yet
    assert len(pixels(tmp_path / "out")) == 200


def test_two_files_never_become_one(model, folder, tmp_path, photograph):
    Image.fromarray(photograph[:20, :24, 0]).save(folder / "0.gif")
    _, failed = restored(model, folder, tmp_path / "out")
    assert failed == [folder / "0.gif"]


def test_outputs_below_the_inputs_are_no_inputs(model, folder):
    assert restored(model, folder, folder / "out")[0] == 8
    assert restored(model, folder, folder / "out")[0] == 0


@pytest.mark.parametrize("shard", ["4/4", "-1/4", "1", "a/b", "1/0", ""])
def test_a_bad_shard_is_one_clear_line(shard):
    with pytest.raises(UserError, match="i/n with 0 <= i < n"):
        shard_of(shard)


@pytest.mark.parametrize("path", ["s3://zoo/pictures", "nowhere://zoo"])
def test_a_bucket_without_a_file_system_is_one_clear_line(tmp_path, path):
    with pytest.raises(OSError, match="not implemented"):
        jobs_of([path], tmp_path)


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
