"""Says when Keras no longer needs zoo/models/keras_on_workers.py."""

import pytest

from tests.training import killing


@pytest.mark.slow
def test_keras_needs_both_mends_and_no_more():
    """Where this fails with "works", drop the mend that it names."""
    said = killing.finish(
        killing.start("-m", "zoo.launch", "--workers=2", "--", "tests/training/plain_fit.py")
    )
    outcomes = dict(
        line.removeprefix("without ").split(": ")
        for line in said.splitlines()
        if line.startswith("without ")
    )
    assert outcomes["nothing"] == "works"
    assert outcomes["_maybe_symbolic_build"].startswith("fails by ")
    assert outcomes["train_step"].startswith("fails by ")
