"""python -m zoo.label_efficiency: probe, finetuned and scratch, with few labels."""

import functools
import json

import pytest

from zoo.training import few_labels

MODES = "frozen", "finetune", "scratch"


@pytest.fixture
def run(command):
    return functools.partial(command, "-m", "zoo.label_efficiency")


@pytest.mark.slow  # starts two processes
def test_the_report_goes_on_where_it_was_stopped(run, latent_run, tmp_path):
    flags = [f"--encoders={latent_run}", "--dataset=digits", "--seeds=1", "--steps=30"]
    flags += ["--epochs=0", "--batch_size=20", f"--output_dir={tmp_path}", "--labels_per_class=5"]
    first = run(*flags)
    assert first.returncode == 0, first.stderr
    path = tmp_path / "label_efficiency.json"
    report = json.loads(path.read_text())
    assert [r["mode"] for r in report["results"]] == list(MODES)
    # Trained from nothing for 30 steps, it is already far from guessing, 90 %.
    assert report["results"][2]["error"] < 70
    assert (tmp_path / "label_efficiency.png").stat().st_size > 10_000

    report["results"][0]["error"] = 12.25  # what is done is not done again
    path.write_text(json.dumps(report))
    second = run(*flags)
    assert "12.25 (0.00)" in second.stdout

    other = run(*flags, "--steps=31")
    assert other.returncode == 2
    assert "--steps=30, not 31" in other.stderr
    assert len(other.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--labels_per_class=1000"], "has only"),
        (["--labels_per_class=ten"], "must be numbers"),
        (["--dataset=sprites"], "no labels"),
        (["--encoders=classifier_mnist"], "takes images of 28x28"),
        (["--encoders=sr_x2"], "no encoder to classify by"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_first_training(
    run, latent_run, tmp_path, flags, said
):
    given = [f"--encoders={latent_run}", "--dataset=digits", "--labels_per_class=5"]
    given += [f"--output_dir={tmp_path / 'out'}"]
    done = run(*given, *flags)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_draws_are_summed_up_and_the_class_means_count_once_a_draw():
    results = [
        {"encoder": "a", "mode": mode, "labels_per_class": 1, "seed": seed, "error": e, "means": m}
        for seed, e, m in ((0, 10.0, 30.0), (1, 20.0, 50.0))
        for mode in MODES
    ]
    found = few_labels.summary(results)
    assert found["a", "frozen"] == {1: (15.0, 5.0)}
    assert found[few_labels.MEANS, ""] == {1: (40.0, 10.0)}
