"""The comparison with PyTorch and ONNX Runtime: its table, and that they compare the same."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import cases
from benchmarks.speed import same_network
from benchmarks.speed_table import table
from benchmarks.worker import Worker

PEERS = Path(__file__).parent.parent.parent / ".venv-bench/bin/python"
MACHINE = {"cpu": "x", "cores": 2, "vectors": "avx2", "memory_gb": 1, "python": "3"}


def test_ratios_are_of_neighbors_and_the_share_is_of_the_peak():
    rates = {"zoo": [20, 60, 40], "PyTorch": [10, 20, 40], "PyTorch, channels last": [40, 60, 80]}
    times = {"LiteRT": [2.0, 4.0], "ONNX Runtime": [4.0, 4.0], "PyTorch": [9.0, 9.0]}
    lines = table(
        {
            "machine": MACHINE,
            "threads": 2,
            "minutes": 1.0,
            "load_before": 0.0,
            "peak_multiply_adds_per_second": 1000.0,
            "training": {
                "net": {
                    "side": 8,
                    "batch": 4,
                    "training_multiply_adds": 48,
                    "images_per_second": rates,
                }
            },
            "inference": {"net": {"tile": 8, "milliseconds": times}},
            "scaling": {"net": {"1": [10.0, 10.0], "2": [15.0, 19.0]}},
            "pipeline_images_per_second": [1.0, 3.0, 2.0],
            "memory": {"8x8": [1.0, 300.0]},
            "startup": {"an error": [[0.3, 0.2], [0.5, 0.4], [0.4, 0.3]]},
        }
    )
    row = next(line for line in lines if line.startswith("| `net`, 8x8, batch 4"))
    assert "**2.00** (1.00 to 3.00) | **0.50** (0.50 to 1.00) | 48% |" in row
    row = next(line for line in lines if line.startswith("| `net`, 8x8 |"))
    assert row.endswith("**1.50** (1.00 to 2.00) |")

    row = next(line for line in lines if line.startswith("| `net`, batch 4 for each"))
    assert row.endswith("| 10.0 | 17.0 | **1.70** (1.50 to 1.90) |")
    assert lines[-1] == "| an error | 0.40 (0.30 to 0.50) | 0.30 (0.20 to 0.40) |"


def test_both_sides_get_the_same_batches():
    for name, case in cases.CASES.items():
        _, target = cases.batch(name, 3)
        assert target.shape[:2] == (case.batch, case.side * case.scale)
        np.testing.assert_array_equal(target, cases.batch(name, 3)[1])
        assert (target != cases.batch(name, 4)[1]).any()


def test_a_worker_that_dies_is_named():
    worker = Worker(sys.executable, "benchmarks.no_such_module")
    with pytest.raises(SystemExit, match="no_such_module ended at prepare"):
        worker("prepare")


@pytest.mark.slow
def test_the_twins_are_the_same_networks(tmp_path):
    if not PEERS.exists():
        pytest.skip("no PyTorch: make .venv-bench/.installed")
    zoo = Worker(sys.executable, "benchmarks.zoo_worker")
    others = {
        "LiteRT": Worker(sys.executable, "benchmarks.litert_worker"),
        "PyTorch": Worker(str(PEERS), "benchmarks.torch_worker"),
    }
    for name in cases.CASES:
        assert zoo("prepare", name=name, folder=str(tmp_path))["parameters"] > 50_000
        differences = same_network(name, str(tmp_path), zoo, others)
        assert max(differences.values()) < 1e-5
        assert others["PyTorch"]("train", name=name, steps=1, channels_last=True) > 0
    for worker in (zoo, *others.values()):
        worker.close()
