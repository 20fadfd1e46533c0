import pytest

from zoo.training import precision


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
