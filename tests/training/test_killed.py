"""SIGKILL at 20 random moments: the same command always goes on, to the same weights."""

import numpy as np
import pytest

from tests.training import killing
from zoo.files import weights

STEPS = 300
RECIPE = [
    "--model=classifier",
    "--dropout=0.2",
    "--width=4",
    "--dataset=digits",
    f"--steps={STEPS}",
    "--batch_size=16",
    "--warmup_steps=10",
    "--ema=0.9",
    "--validate_every=20",
    "--validation_limit=50",
    "--checkpoint_every=3",
    "--deterministic",
]
TRAIN = ["train.py", *RECIPE]
COMMANDS = {
    "one replica": TRAIN,
    "two replicas": [*TRAIN, "--strategy=mirrored", "--devices=CPU:0,CPU:1"],
    "two workers": ["-m", "zoo.launch", "--workers=2", "--", *TRAIN],
}
TOLERANCE = {"one replica": 0, "two replicas": 0, "two workers": 1e-6}


@pytest.mark.slow
@pytest.mark.parametrize("who", COMMANDS)
def test_a_run_killed_20_times_ends_with_the_same_weights(who, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    killing.finish(killing.start(*COMMANDS[who], f"--output_dir={whole}"))
    command = [*COMMANDS[who], f"--output_dir={killed}"]
    resumed = killing.kill_and_restart(command, killed, STEPS, kills=20)
    assert len(set(resumed)) >= 10, "the kills came too early to tell anything"
    print(f"{who}: went on from steps {resumed}")
    for name in ("best.npz", "last.npz", f"checkpoints/step-{STEPS:08d}.npz"):
        differ(weights.load(whole / name), weights.load(killed / name), TOLERANCE[who])


def differ(expected: dict, found: dict, tolerance: float) -> None:
    assert expected.keys() == found.keys()
    for name in expected.keys() - {"state/seconds"}:
        np.testing.assert_allclose(
            found[name], expected[name], rtol=0, atol=tolerance, err_msg=name
        )
