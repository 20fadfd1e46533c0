"""The result of benchmarks.speed as Markdown, for benchmarks/README.md.

python -m benchmarks.speed_table out/bench.json
"""

import json
import statistics
import sys
from pathlib import Path

from benchmarks import startup

MATRIX_SHARE = "share of the matrix peak"


def main() -> None:
    report = json.loads(Path(sys.argv[1]).read_text())
    print("\n".join(table(report)))


def table(report: dict) -> list[str]:
    """Lines; ratios are of neighbors in time, with the smallest and the largest."""
    where, peak = report["machine"], report["peak_multiply_adds_per_second"]
    lines = [
        f"{where['cpu']}, {where['cores']} cores, {where['vectors']}, {where['memory_gb']} GB, "
        f"CPython {where['python']}; {report['threads']} threads, {report['minutes']} minutes, "
        f"load before {report['load_before']:.1f}. Matrix peak, float32: "
        f"{peak / 1e9:.0f} billion multiply-adds a second.",
        "",
        f"| training, images a second | zoo | PyTorch | channels last | zoo / PyTorch | "
        f"zoo / channels last | {MATRIX_SHARE} |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, case in report["training"].items():
        rates = case["images_per_second"]
        zoo, plain, last = (rates[k] for k in ("zoo", "PyTorch", "PyTorch, channels last"))
        each = case["training_multiply_adds"] / case["batch"]
        share = each * statistics.median(zoo) / peak
        lines.append(
            f"| `{name}`, {case['side']}x{case['side']}, batch {case['batch']} | "
            + " | ".join(f"{statistics.median(x):.1f}" for x in (zoo, plain, last))
            + f" | {_ratio(zoo, plain)} | {_ratio(zoo, last)} | {share:.0%} |"
        )
    lines += [
        "",
        "| inference, milliseconds | LiteRT | ONNX Runtime | PyTorch | channels last | "
        "ONNX Runtime / LiteRT |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, case in report["inference"].items():
        times = case["milliseconds"]
        lines.append(
            f"| `{name}`, {case['tile']}x{case['tile']} | "
            + " | ".join(f"{statistics.median(x):.2f}" for x in times.values())
            + f" | {_ratio(times['ONNX Runtime'], times['LiteRT'])} |"
        )
    lines += [
        "",
        "| training, images a second; a worker has half of the cores | one worker | two | "
        "two / one |",
        "|---|---:|---:|---:|",
    ]
    for name, rates in report["scaling"].items():
        one, two = rates["1"], rates["2"]
        lines.append(
            f"| `{name}`, batch {report['training'][name]['batch']} for each worker | "
            f"{statistics.median(one):.1f} | {statistics.median(two):.1f} | {_ratio(two, one)} |"
        )
    low, middle, high = _spread(report["pipeline_images_per_second"])
    lines += [
        "",
        f"Data pipeline alone, crops of 64x64 from JPEGs of 481x321, with noise: {middle:.0f} "
        f"images a second ({low:.0f} to {high:.0f}).",
        "",
        "| `zoo.restore --run=denoise_color` | seconds, all in all | peak MB |",
        "|---|---:|---:|",
    ]
    lines += [f"| {k} | {s:.1f} | {mb:.0f} |" for k, (s, mb) in report["memory"].items()]
    return [*lines, "", *startup.table(report["startup"])]


def _ratio(ours: list[float], theirs: list[float]) -> str:
    low, middle, high = _spread([a / b for a, b in zip(ours, theirs, strict=True)])
    return f"**{middle:.2f}** ({low:.2f} to {high:.2f})"


def _spread(values: list[float]) -> tuple[float, float, float]:
    return min(values), statistics.median(values), max(values)


if __name__ == "__main__":
    main()
