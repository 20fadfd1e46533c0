import json

import keras
import pytest

from zoo.runs import precision


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu avx2 avx512f avx512_bf16", "mixed_bfloat16"),
        ("fpu amx_tile amx_bf16", "mixed_bfloat16"),
        ("fpu avx2 avx512f", "float32"),
    ],
)
def test_auto_is_bfloat16_where_the_processor_multiplies_it(tmp_path, flags, expected):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: of 2026\nflags\t\t: {flags}\n")
    assert precision.policy("auto", cpuinfo) == expected
    assert precision.policy("mixed_float16", cpuinfo) == "mixed_float16"
    assert precision.policy("auto", tmp_path / "no such file") == "float32"


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ({"lost": 0.02, "largest": 1 / 255}, "mixed_bfloat16"),
        ({"lost": 0.03, "largest": 0.0}, "float32"),
        ({"lost": 0.0, "largest": 1.5 / 255}, "float32"),
        (None, "float32"),
    ],
)
def test_auto_asks_the_card_of_a_trained_model(tmp_path, monkeypatch, cost, expected):
    processor = tmp_path / "cpuinfo"
    processor.write_text("flags : avx512_bf16\n")
    monkeypatch.setattr(precision, "PROCESSOR", processor)
    (tmp_path / "card.json").write_text(json.dumps({"bfloat16": cost} if cost else {}))
    assert precision.of_trained(tmp_path, "auto") == expected
    assert precision.of_trained(tmp_path, "mixed_bfloat16") == "mixed_bfloat16"
    assert precision.of_trained(tmp_path, "float32") == "float32"
    processor.write_text("flags : avx2\n")
    assert precision.of_trained(tmp_path, "auto") == "float32"


def test_keras_computes_afterwards_as_it_did_before():
    with precision.computing_in("mixed_bfloat16"):
        assert keras.mixed_precision.dtype_policy().name == "mixed_bfloat16"
    assert keras.mixed_precision.dtype_policy().name == "float32"
    with precision.computing_in(None):
        assert keras.mixed_precision.dtype_policy().name == "float32"
