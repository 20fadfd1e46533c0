"""The comparison with PyTorch and ONNX Runtime: its table, and that they compare the same."""

import sys

import numpy as np
import pytest

from benchmarks import cases, shipped, speed_table, training, turns
from benchmarks.worker import ROOT, Worker

PEERS, CONVERTER = ROOT / ".venv-bench/bin/python", ROOT / ".venv-tf2onnx/.installed"


def test_the_zoo_is_beside_the_fastest_way_of_pytorch_by_neighbors_in_time():
    rates = {"zoo": [20, 60, 40], "plain": [10, 20, 40], "channels last": [40, 60, 80]}
    case = {"side": 8, "batch": 4, "precision": "float32", "training_multiply_adds": 48}
    case |= {"images_per_second": rates, "left_out": {"compiled": "InvalidCxxCompiler: no g++"}}
    lines = speed_table.training({"net": case}, peak=1000.0)
    assert lines[2] == (
        "| `net`, 8x8, batch 4 | 40.0 (float32) | 20.0 (float32) | 60.0 (channels last, float32) "
        "| **2.00** (1.50 to 2.50) | **0.50** (0.50 to 0.75) | 48% |"
    )
    assert lines[-1] == "PyTorch, compiled: left out, InvalidCxxCompiler: no g++"


def test_a_preset_has_its_ratios_and_what_int8_loses():
    times = {"LiteRT float32": [2.0, 4.0], "ONNX Runtime float32": [4.0, 4.0]}
    times |= {"LiteRT int8": [1.0, 1.0], "ONNX Runtime int8": [2.0, 2.0]}
    times |= {"ONNX Runtime twin": [4.0, 4.0]}
    scores = {"LiteRT float32": 33.0, "LiteRT int8": 32.5, "ONNX Runtime float32": 33.0}
    scores |= {"ONNX Runtime int8": 30.0, "ONNX Runtime twin": 33.0}
    case = {"signature": "restore", "shape": [8, 8, 3], "unit": "dB", "multiply_adds": 3}
    lines = speed_table.presets({"net": case | {"milliseconds": times, "scores": scores}}, peak=2e3)
    assert lines[2] == (
        "| `net`, restore, 8x8x3 | 3.00 | 4.00 | **1.50** (1.25 to 1.75) "
        "| 1.00 | 2.00 | **2.00** (2.00 to 2.00) | 0.50 dB | 3.00 dB |"
    )
    assert "LiteRT float32 reaches 50% of XNNPACK's fastest width" in lines[-1]
    assert "takes **1.00** (1.00 to 1.00) of its time on PyTorch's own" in lines[-1]


def test_a_turn_lasts_its_seconds_and_rounds_end_with_the_time():
    asked = {"a": [], "b": []}

    def turn(side):
        return lambda n: asked[side].append(n) or 0.1 * n

    found = turns.take("net", {k: turn(k) for k in asked}, rounds=9, seconds=0.5, minutes=0)
    assert found == {"a": [0.1] * 3, "b": [0.1] * 3}
    assert asked["a"] == [1, 2, 5, 5, 5]


def test_half_a_chance_costs_a_bit_a_pixel_and_a_tenth_of_the_range_is_20_db():
    image = np.zeros([2, 4, 4, 1])
    assert cases.nats(image, image + 0.5) == pytest.approx(16 * np.log(0.5))
    assert cases.decibels(image, image + 0.1) == pytest.approx(20)


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
    torch = Worker(str(PEERS), "benchmarks.torch_worker")
    for name in cases.CASES:
        report = training.measure(name, tmp_path, zoo, torch, rounds=1, seconds=0.01, minutes=0)
        assert report["parameters"] > 50_000
        assert {"zoo", "plain", "channels last"} <= report["images_per_second"].keys()
    for worker in (zoo, torch):
        worker.close()


@pytest.mark.slow
def test_a_preset_is_the_same_in_both_runtimes(tmp_path):
    if not (PEERS.exists() and CONVERTER.exists()):
        pytest.skip("no ONNX Runtime: make .venv-bench/.installed .venv-tf2onnx/.installed")
    zoo = Worker(sys.executable, "benchmarks.preset_worker")
    litert = Worker(sys.executable, "benchmarks.litert_worker")
    onnx, torch = (Worker(str(PEERS), f"benchmarks.{x}_worker") for x in ("onnx", "torch"))
    length = {"rounds": 1, "seconds": 0.01, "minutes": 0}
    report = shipped.measure("sr_x2", tmp_path, zoo, litert, onnx, torch, **length)
    assert len(report["milliseconds"]) == 5
    scores = report["scores"]
    assert scores["LiteRT float32"] == pytest.approx(scores["ONNX Runtime twin"], abs=1e-3)
    assert 0 < scores["LiteRT float32"] - scores["LiteRT int8"] < 1
    assert 0 < scores["ONNX Runtime float32"] - scores["ONNX Runtime int8"] < 3
    for worker in (zoo, litert, onnx, torch):
        worker.close()
