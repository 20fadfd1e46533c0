"""--profile: a profile is written, and the time spent waiting for data is told truly."""

import re
import time

import numpy as np
import pytest
import tensorflow as tf

from zoo.cli import UserError
from zoo.models import registry
from zoo.training.profile import WARM_UP, Profile


@pytest.mark.parametrize(("pause", "low", "high"), [(0.0, 0.0, 0.5), (0.3, 0.6, 1.0)])
def test_the_share_of_waiting_is_what_the_data_take(tmp_path, capsys, pause, low, high):
    def batch(index):
        time.sleep(pause if index >= WARM_UP else 0.0)
        return np.zeros([2, 8, 8, 1], np.float32)

    def pair(index):
        images = tf.ensure_shape(tf.numpy_function(batch, [index], tf.float32), [2, 8, 8, 1])
        return images, images

    steps = 4
    data = tf.data.Dataset.range(WARM_UP + steps).map(pair)
    model = registry.create("denoising", channels=1, **registry.find("denoising").tiny)
    model.compile(loss="mse")
    model.fit(data, verbose=0, shuffle=False, callbacks=[Profile(tmp_path, steps, WARM_UP + steps)])
    line = capsys.readouterr().out
    found = re.search(r"4 steps: ([\d.]+) ms a step, of which ([\d.]+) ms \(([\d.]+)%\)", line)
    assert found, line
    assert low <= float(found[3]) / 100 <= high
    assert float(found[2]) >= 1000 * pause / 2  # the rest goes by beside the step
    assert list(tmp_path.rglob("*.xplane.pb"))


def test_too_few_steps_are_refused_before_the_first(tmp_path):
    with pytest.raises(UserError, match="profile=50 needs 60 steps and only 59 are left"):
        Profile(tmp_path, 50, 59)


def test_they_are_refused_before_there_is_a_folder(command, tmp_path):
    recipe = "--model=denoising", "--dataset=digits", "--steps=20", "--profile=50"
    done = command("train.py", *recipe, f"--output_dir={tmp_path / 'run'}")
    assert done.returncode == 2
    assert "error: --profile=50 needs 60 steps and only 20 are left" in done.stderr
    assert not (tmp_path / "run").exists()
