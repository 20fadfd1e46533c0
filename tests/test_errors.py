"""Bad input: one line that says what to do, exit status 2, nothing half-written."""

import functools
import re
import shutil

import numpy as np
import pytest
from PIL import Image

from zoo import presets

DENOISING = ["train.py", "--model=denoising", "--dataset=digits", "--steps=1"]


@pytest.fixture(scope="module")
def answer(command, denoising_run, tmp_path_factory):
    """answer(case) -> (process, output folder) of a command below, which is run once."""
    folder = tmp_path_factory.mktemp("errors")
    (folder / "empty").mkdir()
    (folder / "tiny").mkdir()
    Image.fromarray(np.zeros([1, 1], np.uint8)).save(folder / "tiny" / "dot.png")
    Image.fromarray(np.uint8([[[200, 30, 60]] * 30] * 20)).save(folder / "color.png")
    Image.fromarray(np.full([20, 30], 255, np.uint8)).save(folder / "all.png")
    Image.fromarray(np.full([9, 9], 255, np.uint8)).save(folder / "nine.png")
    (folder / "README.md").write_text("mine")
    shutil.copytree(presets.find("sr_x2"), folder / "damaged")
    damaged = bytearray((folder / "damaged" / "best.npz").read_bytes())
    damaged[5000] ^= 1
    (folder / "damaged" / "best.npz").write_bytes(damaged)

    @functools.cache
    def run(case: str):
        arguments, _ = CASES[case]
        names = {"run": denoising_run, "folder": folder, "case": case}
        return command(*(part.format(**names) for part in arguments)), folder / case

    return run


OUT = "--output_dir={folder}/{case}"
CASES = {
    "unknown model": (
        ["train.py", "--model=nosuch", OUT],
        "unknown model 'nosuch'; choose one of anomaly, autoencoder, ",
    ),
    "unknown dataset": (
        ["train.py", "--model=denoising", "--dataset=nosuch", OUT],
        "unknown dataset 'nosuch'",
    ),
    "unknown flag": ([*DENOISING, "--nosuch=1", OUT], "Unknown command line flag 'nosuch'"),
    "a flag of another model": (
        [*DENOISING, "--latent_dim=3", OUT],
        "--latent_dim does not apply to denoising; it applies to: autoencoder",
    ),
    "a strength of another noise": (
        [*DENOISING, "--jpeg_quality=9", OUT],
        "--jpeg_quality goes with --degrade=jpeg, not with noise",
    ),
    "a malformed range": ([*DENOISING, "--noise_stddev=1,2,3", OUT], "--noise_stddev=1,2,3"),
    "more labels than there are": (
        [*DENOISING, "--labels_per_class=500", OUT],
        "--labels_per_class=500, but digits train has only 139 images of class 0",
    ),
    "a classifier without labels": (
        ["train.py", "--model=classifier", "--dataset=folder:{folder}/tiny", OUT],
        "has no labels; choose data with classes",
    ),
    "an encoder of other channels": (
        ["train.py", "--model=classifier", "--init_encoder={run}", "--channels=3", OUT],
        "the encoder of this denoising model takes images of 8x8 with 1 channels, not 8x8 with 3",
    ),
    "images smaller than the stride": (
        [*DENOISING, "--levels=4", OUT],
        "images of 8x8 pixels are too small: this denoising model needs at least 16x16",
    ),
    "an image size off the stride": (
        ["train.py", "--model=autoencoder", "--image_size=30", OUT],
        "image size 30x30 is not a multiple of 4; try --image_size=28,28",
    ),
    "a folder without images": (
        ["train.py", "--model=denoising", "--dataset=folder:{folder}/empty", OUT],
        "has no images",
    ),
    "a read-only output folder": (
        [*DENOISING, "--output_dir=/proc/{case}"],
        "cannot write into /proc/a read-only output folder (No such file or directory)",
    ),
    "a table that cannot be written": (
        [
            "-m",
            "zoo.encode",
            "--run=vae_mnist_2d",
            "--dataset=digits",
            "--output=/proc/{case}/a.csv",
        ],
        "cannot write into /proc/a table that cannot be written (No such file or directory)",
    ),
    "a report that cannot be written": (
        ["-m", "zoo.evaluate", "--run={run}", "--dataset=digits", "--json=/proc/{case}/a.json"],
        "cannot write into /proc/a report",
    ),
    "samples that cannot be written": (
        ["-m", "zoo.sample", "--run=vae_mnist_2d", "--output_dir=/proc/{case}"],
        "cannot write into /proc/samples",
    ),
    "a projector that cannot be written": (
        [
            "-m",
            "zoo.project",
            "--run=vae_mnist_2d",
            "--dataset=digits",
            "--output_dir=/proc/{case}",
        ],
        "cannot write into /proc/a projector",
    ),
    "an export over somebody's README.md": (
        ["-m", "export", "--run={run}", "--formats=float32", "--output_dir={folder}"],
        "README.md is of no export; choose another --output_dir",
    ),
    "a device that is not there": (
        [*DENOISING, "--strategy=mirrored", "--devices=GPU:7", OUT],
        "no device GPU:7 here",
    ),
    "a batch that replicas do not divide": (
        [*DENOISING, "--strategy=mirrored", "--devices=CPU:0,CPU:1", "--batch_size=33", OUT],
        "--batch_size=33 is over all 2 replicas and not a multiple of 2; try 32 or 34",
    ),
    "an unknown precision": (
        [*DENOISING, "--precision=float8", OUT],
        "flag --precision=float8: value should be one of <auto|float32|mixed_float16|",
    ),
    "workers that nothing names": (
        [*DENOISING, "--strategy=multi_worker", OUT],
        "TF_CONFIG= names no workers (",
    ),
    "a run of another model": (
        ["train.py", "--model=autoencoder", "--dataset=digits", "--output_dir={run}"],
        "holds a run of denoising, not of autoencoder",
    ),
    "a run of another width": (
        [*DENOISING, "--width=9", "--output_dir={run}"],
        "was trained with width=8, not 9",
    ),
    "an unsupported scale": (
        ["train.py", "--model=super_resolution", "--dataset=photos", "--scale=7", OUT],
        "--scale=7 is not supported; choose 2, 3 or 4",
    ),
    "an unknown degradation": (
        [*DENOISING, "--degrade=noise+rain", OUT],
        "unknown degradation 'rain'; choose from blur, camera, downscale",
    ),
    "weights of nothing to start from": (
        [*DENOISING, "--start_from={folder}/empty", OUT],
        "is not a run's folder",
    ),
    "no mask": (
        ["-m", "zoo.restore", "--run=complete_cifar10", OUT, "{folder}/color.png"],
        "--mask is missing",
    ),
    "a mask of another size": (
        [
            "-m",
            "zoo.restore",
            "--run=complete_cifar10",
            "--mask={folder}/nine.png",
            OUT,
            "{folder}/color.png",
        ],
        "1 of 1 files not restored",
    ),
    "a mask over all": (
        [
            "-m",
            "zoo.restore",
            "--run=complete_cifar10",
            "--mask={folder}/all.png",
            OUT,
            "{folder}/color.png",
        ],
        "1 of 1 files not restored",
    ),
    "a mask that is none": (
        [
            "-m",
            "zoo.restore",
            "--run=complete_cifar10",
            "--mask={folder}/nosuch.png",
            OUT,
            "{folder}/color.png",
        ],
        "--mask={folder}/nosuch.png",
    ),
    "a mask for another model": (
        ["-m", "zoo.restore", "--run=sr_x2", "--mask={folder}/all.png", OUT, "{folder}/color.png"],
        "--mask does not apply to sr_x2 (super_resolution)",
    ),
    "hints for another model": (
        ["-m", "zoo.restore", "--run=sr_x2", "--hints=dots.png", OUT, "{folder}/color.png"],
        "--hints does not apply to sr_x2",
    ),
    "hints that are not transparent": (
        ["-m", "zoo.restore", "--run=colorize", "--hints={folder}/color.png", OUT, "{folder}"],
        "are nowhere transparent; expected colored dots, transparent elsewhere: a PNG",
    ),
    "another coloring of a model that has one": (
        ["-m", "zoo.restore", "--run=colorize", "--coloring=1", OUT, "{folder}/color.png"],
        "--coloring is of --head=distribution; this is a regression",
    ),
    "a temperature for another model": (
        ["-m", "zoo.restore", "--run=sr_x2", "--temperature=1", OUT, "{folder}/color.png"],
        "--temperature does not apply to sr_x2",
    ),
    "a color picture for a gray model": (
        ["-m", "zoo.restore", "--run={run}", OUT, "{folder}/color.png"],
        "1 of 1 files not restored",
    ),
    "a damaged preset": (
        ["-m", "zoo.restore", "--run={folder}/damaged", OUT, "{folder}/color.png"],
        "is damaged: its SHA-256 is",
    ),
    "missing flags": (["-m", "zoo.restore"], "--run and --output_dir missing; see --help"),
    "no run": (["-m", "zoo.evaluate", "--run={folder}/empty"], "is not a run's folder"),
    "a picture above the limit": (
        ["-m", "zoo.restore", "--run={run}", OUT, "--max_megapixels=0.0001", "{folder}/color.png"],
        "1 of 1 files not restored",
    ),
    "a one-pixel picture to evaluate": (
        ["-m", "zoo.evaluate", "--run={run}", "--dataset=folder:{folder}/tiny"],
        "images of 1x1 pixels are too small",
    ),
    "a tile off the stride": (
        ["-m", "export", "--run={run}", "--tile=3", OUT],
        "--tile=3 must be a multiple",
    ),
    "an unknown format": (
        ["-m", "export", "--run={run}", "--formats=float32,int4", OUT],
        "unknown --formats=int4; choose from saved_model,float32,float16,dynamic_int8,int8",
    ),
    "no image to calibrate on": (
        ["-m", "export", "--run={run}", "--calibration=0", OUT],
        "--calibration=0",
    ),
    "a data set without pictures": (
        ["-m", "export", "--run={run}", "--dataset=folder:{folder}/empty", OUT],
        "{folder}/empty",
    ),
}


SKIPPED = {
    "a picture above the limit": "more than 0.0001 megapixels; --max_megapixels takes more",
    "a mask of another size": "sides differ: image 30x20, mask 9x9; give them in one size",
    "a mask over all": "the mask covers the whole picture; leave something to go by",
    "a color picture for a gray model": "a color picture, but this model is for gray ones",
}


@pytest.mark.parametrize("case", SKIPPED)
def test_a_picture_that_is_left_out_is_named_with_the_reason(answer, case):
    process, _ = answer(case)
    (line,) = [x for x in process.stderr.splitlines() if x.startswith("skipped ")]
    assert SKIPPED[case] in line


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_answered_by_one_line(answer, case):
    process, output = answer(case)
    assert process.returncode == 2, process.stderr
    lines = process.stderr.strip().splitlines()
    assert CASES[case][1].format(folder=output.parent) in lines[-1]
    assert lines[-1].startswith("error: ")
    assert all(line.startswith(("error: ", "skipped ")) for line in lines), process.stderr
    assert not re.search("Traceback", process.stdout + process.stderr)
    assert not output.exists()


PICTURE = "zoo/presets/sr_x2/preview.png"
TO = "--output_dir={out}"
NOWHERE = "--output_dir=/proc/out"
SOON = {
    "zoo.restore": (["--run=sr_x22", TO, PICTURE], "did you mean sr_x2?"),
    "zoo.restore no picture": (["--run=sr_x2", TO, "nosuch.jpg"], "nosuch.jpg does not exist"),
    "zoo.restore no restorer": (["--run=vae_mnist", TO, PICTURE], "vae_mnist does not restore"),
    "zoo.restore no mask": (["--run=complete", "--mask=no.png", TO, PICTURE], "--mask=no.png: "),
    "zoo.restore no strength": (
        ["--run=sr_x2", "--strength=0.5", TO, PICTURE],
        "strength does not apply to sr_x2: it gives back another picture",
    ),
    "zoo.restore gray after color": (
        ["--run=colorize,denoise_grey", TO, PICTURE],
        "colorize gives color, but denoise_grey, which comes after it, is for gray pictures",
    ),
    "zoo.restore nowhere": (["--run=sr_x2", NOWHERE, PICTURE], "cannot write into /proc/out"),
    "zoo.evaluate": (["--run=sr_x2", "--dataset=digits", "--json=/proc/a/a.json"], "into /proc/a"),
    "zoo.evaluate other flag": (
        ["--run=vae_mnist", "--dataset=digits", "--noise_stddev=25"],
        "--noise_stddev does not apply to iwae; it applies to: denoising, super_resolution",
    ),
    "zoo.detect": (["--run=sr_x2", TO, PICTURE], "finds no defects (super_resolution)"),
    "zoo.sample": (["--run=sr_x2", TO], "give a run of autoencoder, beta_tcvae, beta_vae, "),
    "zoo.encode": (
        ["--run=vae_mnist", "--dataset=digits", "--output={out}.png", "--query=no.png"],
        "no.png: ",
    ),
    "zoo.project": (["--run=vae_mnist", "--dataset=folder:no", TO], "no is not a folder"),
    "zoo.data": (["nosuch"], "nosuch is not a folder"),
    "export": (["--run=sr_x22", TO], "did you mean sr_x2?"),
    "export.client": (["--run=sr_x2", TO, "nosuch.jpg"], "nosuch.jpg does not exist"),
    "export.cluster": (["--run=sr_x2", "--mask=a.png", TO, PICTURE], "--mask does not apply"),
    "train.py": (["--model=denoising", "--start_from=sr_x22", TO], "did you mean sr_x2?"),
    "train.py other strength": (["--model=denoising", "--jpeg_quality=9", TO], "--degrade=jpeg"),
    "train.py other run": (
        ["--model=denoising", "--output_dir=zoo/presets/sr_x2"],
        "holds a run of super_resolution, not of denoising",
    ),
}


@pytest.mark.parametrize("case", SOON)
def test_what_flags_and_files_tell_is_told_before_tensorflow_starts(light_command, tmp_path, case):
    arguments, said = SOON[case]
    command, out = case.split()[0], tmp_path / "out"
    done = light_command(command, *(argument.format(out=out) for argument in arguments))
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert said in line
    assert list(tmp_path.iterdir()) == []


def test_help_is_there_at_once(light_command):
    done = light_command("train.py", "--helpshort")
    assert done.returncode == 0, done.stderr
    assert "--noise_stddev" in done.stdout


def test_restoring_imports_what_it_needs(command_without, light_command, tmp_path):
    restore = "zoo.restore", "--run=sr_x2", f"--output_dir={tmp_path}", PICTURE
    others = "tensorflow_probability.python.distributions,tensorflow_datasets,sklearn,matplotlib"
    done = command_without(f"{others},skimage,pandas", *restore)
    assert done.returncode == 0, done.stderr
    done = light_command(*restore)  # what is done needs no model
    assert "1 done before" in done.stdout, done.stderr


def test_the_terminal_shows_our_lines_only(fresh_command, tmp_path):
    done = fresh_command(*DENOISING, "--width=4", "--depth=1", f"--output_dir={tmp_path / 'run'}")
    assert done.returncode == 0
    assert done.stderr == ""
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "denoising,",
        "step",
        f"{tmp_path / 'run'}:",
    ]
