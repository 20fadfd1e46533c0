"""Pictures through Apache Beam come out as zoo.restore's, whatever is killed, broken or repeated.

What needs Apache Beam runs in the environment that `make .venv-beam/.installed` makes.
"""

import functools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoo
from export.beam import __main__ as command_line
from export.beam import pictures
from tests.conftest import ROOT
from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.restoration import one_picture

PYTHON = ROOT / ".venv-beam/bin/python"
TWO_PROCESSES = "--direct_num_workers=2", "--direct_running_mode=multi_processing"


def write(path, pixels: np.ndarray):
    image_files.write(path, image_files.Picture(pixels))


def names(inputs, output_dir) -> dict[str, str]:
    jobs = pictures.listed([str(x) for x in inputs], output_dir).waiting
    return {job.source.name: str(job.target.relative_to(output_dir)) for job in jobs}


@pytest.fixture
def folder(tmp_path, photograph):
    for i, name in enumerate(("a.jpg", "b.png", "sub/c.jpg", "sub/deep/d.webp")):
        write(tmp_path / "in" / name, photograph[: 40 + i, :50])
    return tmp_path / "in"


def test_folders_files_and_patterns_name_pictures(folder, tmp_path):
    output = tmp_path / "out"
    whole = {"a.jpg": "a.png", "b.png": "b.png", "c.jpg": "sub/c.png", "d.webp": "sub/deep/d.png"}
    assert names([folder], output) == names([folder / "**"], output) == whole
    jpegs = {"a.jpg": "a.png", "c.jpg": "sub/c.png"}
    assert names([folder / "*.jpg"], output) == names([folder / "**/*.jpg"], output) == jpegs
    assert names([folder / "s*/*.jpg", folder / "a.jpg"], output) == jpegs


def test_a_name_with_brackets_is_no_pattern(tmp_path, photograph):
    write(tmp_path / "a[1].png", photograph[:20, :20])
    assert names([tmp_path / "a[1].png"], tmp_path / "out") == {"a[1].png": "a[1].png"}


def test_buckets_have_patterns_too(photograph):
    for name in ("x.jpg", "more/y.jpg", "z.png"):
        write(f"ram://beam-in/{name}", photograph[:20, :20])
    output = buckets.path("ram://beam-out")
    assert names(["ram://beam-in/*.jpg"], output) == {"x.jpg": "x.png", "y.jpg": "more/y.png"}


def test_a_picture_whose_png_is_there_is_done(folder, tmp_path, photograph):
    write(tmp_path / "out/sub/c.png", photograph[:20, :20])
    listed = pictures.listed([str(folder)], tmp_path / "out")
    assert (len(listed.waiting), listed.done) == (3, 1)


def test_two_pictures_never_become_one(folder, tmp_path, photograph):
    write(folder / "a.png", photograph[:20, :20])
    with pytest.raises(UserError, match=r"a\.jpg and .*a\.png would both be written"):
        pictures.listed([str(folder)], tmp_path / "out")


def test_what_matches_nothing_is_one_clear_line(folder, tmp_path):
    with pytest.raises(UserError, match="matches no pictures"):
        pictures.listed([str(folder / "*.gif")], tmp_path / "out")
    with pytest.raises(UserError, match="does not exist"):
        pictures.listed([str(folder / "nowhere")], tmp_path / "out")


def test_without_beam_one_line_says_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    with pytest.raises(UserError, match=r"make \.venv-beam/\.installed"):
        command_line._pipeline([])


@pytest.fixture(scope="session")
def exported(command, tmp_path_factory, photograph):
    """The folder of a preset's SavedModel."""
    root = tmp_path_factory.mktemp("exported")
    for i in range(8):
        write(root / f"photos/{i}.png", photograph[20 * i : 20 * i + 200, :240])

    @functools.cache
    def export(preset: str) -> Path:
        options = "--formats=saved_model", f"--dataset=folder:{root}/photos", "--report_images=1"
        output = root / preset
        done = command("-m", "export", f"--run={preset}", f"--output_dir={output}", *options)
        assert done.returncode == 0, done.stderr
        return output

    return export


def started(model: Path, given, output: Path, *options: str) -> subprocess.Popen:
    if not PYTHON.exists():
        pytest.skip("no .venv-beam: make .venv-beam/.installed")
    flags = f"--model={model}", f"--input={given}", f"--output_dir={output}"
    return subprocess.Popen(
        [PYTHON, "-m", "export.beam", *flags, "--", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments) -> subprocess.CompletedProcess:
    process = started(*arguments)
    stdout, stderr = process.communicate(timeout=600)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.png")}


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["sr_x3", "denoise_color"])
def test_pictures_come_out_as_those_of_zoo_restore(exported, tmp_path, photograph, preset):
    given = tmp_path / "in"
    write(given / "larger_than_a_tile.png", photograph)
    write(given / "small.jpg", photograph[:61, :47])
    write(given / "sub/gray.png", photograph[:100, :120, :1])
    write(given / "sub/deep.png", photograph[:50, :90].astype(np.uint16) * 257)
    Image.fromarray(photograph[:64, :80]).convert("RGBA").save(given / "alpha.png")
    done = run(exported(preset), given, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "5 of 5 restored" in done.stdout
    model = zoo.from_preset(preset)
    for job in pictures.listed([str(given)], tmp_path / "elsewhere").waiting:
        ours = image_files.read(tmp_path / "out" / job.target.relative_to(tmp_path / "elsewhere"))
        theirs = one_picture.restore(model, image_files.read(job.source)).picture
        assert ours.pixels.dtype == theirs.pixels.dtype
        one_of_255 = np.iinfo(ours.pixels.dtype).max // 255
        assert np.abs(ours.pixels.astype(int) - theirs.pixels).max() <= one_of_255
        assert (ours.alpha is None) == (theirs.alpha is None)


@pytest.mark.slow
def test_processes_repeats_and_kills_give_the_same_files(exported, tmp_path, photograph):
    given, model = tmp_path / "in", exported("denoise_color")
    for i in range(24):
        write(given / f"{i:02}.png", photograph[i : i + 200, 5 * i : 5 * i + 200])
    assert run(model, given, tmp_path / "once").returncode == 0
    expected = contents(tmp_path / "once")
    assert len(expected) == 24

    done = run(model, given, tmp_path / "two", *TWO_PROCESSES)
    assert done.stderr.count("Python sdk harness starting") == 2
    assert contents(tmp_path / "two") == expected

    done = run(model, given, tmp_path / "repeated", "--direct_runner_bundle_repeat=1")
    assert done.stdout.count("->") == 48
    assert contents(tmp_path / "repeated") == expected

    for there in (1, 8, 16):
        killed = started(model, given, tmp_path / "killed")
        while len(contents(tmp_path / "killed")) < there:
            assert killed.poll() is None
            time.sleep(0.01)
        killed.kill()
        killed.communicate()
        assert contents(tmp_path / "killed").items() <= expected.items()
    before = len(contents(tmp_path / "killed"))
    done = run(model, given, tmp_path / "killed")
    assert f"{24 - before} of 24 restored, {before} done before" in done.stdout
    assert contents(tmp_path / "killed") == expected


@pytest.mark.slow
def test_each_broken_picture_is_named_once_and_the_others_are_restored(
    exported, tmp_path, image_folder
):
    (image_folder / "text.png").write_text("hello")
    (image_folder / "empty.webp").touch()
    (image_folder / os.fsdecode(b"\xff.png")).write_bytes(b"a name that is no UTF-8")
    model, output = exported("denoise_color"), tmp_path / "out"
    done = run(model, image_folder, output, "--direct_runner_bundle_repeat=1")
    assert done.returncode == 2
    assert "error: 4 of 7 pictures skipped" in done.stderr.splitlines()[-1]
    failed = [json.loads(line) for line in (output / "failed.jsonl").read_text().splitlines()]
    assert sorted(Path(x["picture"]).name for x in failed) == [
        "c.jpg",
        "empty.webp",
        "text.png",
        "\udcff.png",
    ]
    assert all(x["reason"] for x in failed)
    assert set(contents(output)) == {"a.png", "b.png", "d.png"}
    again = run(model, image_folder, output)
    assert "0 of 7 restored, 3 done before" in again.stdout


IN_A_BUCKET = """
import sys
from zoo.files import atomic, buckets
from export.beam import __main__ as command_line

atomic.write_bytes(buckets.path("ram://in/sub/a.jpg"), open(sys.argv[1], "rb").read())
atomic.write_bytes(buckets.path("ram://in/broken.png"), b"broken")
sys.argv[1:] = [f"--model={sys.argv[2]}", "--input=ram://in/**", "--output_dir=ram://out"]
try:
    command_line.console()
finally:
    print(sorted(map(str, buckets.path("ram://out").files())))
"""


@pytest.mark.slow
def test_a_bucket_serves_as_a_folder(exported, image_folder):
    if not PYTHON.exists():
        pytest.skip("no .venv-beam: make .venv-beam/.installed")
    arguments = image_folder / "a.jpg", exported("denoise_color")
    done = subprocess.run(
        [PYTHON, "-c", IN_A_BUCKET, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2, done.stderr
    assert "1 of 2 restored" in done.stdout
    assert "['ram://out/failed.jsonl', 'ram://out/sub/a.png']" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--runner=Nobody"], "Unexpected pipeline runner: Nobody"),
        (["--direct_num_workers=x"], "argument --direct_num_workers: invalid int value: 'x'"),
        (["picture.png"], "unexpected argument 'picture.png'; pictures are given by --input"),
        ([], "holds no exported SavedModel"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path, image_folder, options, reason):
    done = run(tmp_path / "nowhere", image_folder, tmp_path / "out", *options)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
