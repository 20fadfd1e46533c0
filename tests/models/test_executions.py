"""--steps_per_execution: the same steps, whatever the strategy."""

import numpy as np
import pytest

from zoo.files import weights

TRAIN = ["train.py", "--dataset=digits", "--steps=10", "--validation_limit=20"]
MIRRORED = [*TRAIN, "--strategy=mirrored", "--devices=CPU:0,CPU:1"]
WORKERS = ["-m", "zoo.launch", "--workers=2", "--", *TRAIN]


@pytest.mark.slow
@pytest.mark.parametrize("program", [MIRRORED, WORKERS], ids=["two replicas", "two workers"])
@pytest.mark.parametrize("model", ["denoising --width=8", "vae --width=8 --levels=1"])
def test_several_steps_at_once_are_the_same_steps(command, tmp_path, program, model):
    found = []
    for many in (1, 4):
        run = tmp_path / str(many)
        recipe = [f"--steps_per_execution={many}", f"--output_dir={run}"]
        done = command(*program, *f"--model={model}".split(), *recipe)
        assert done.returncode == 0, done.stderr
        found.append(weights.load(run / "last.npz"))
    for name, value in found[0].items():
        np.testing.assert_allclose(found[1][name], value, atol=1e-6, err_msg=name)
