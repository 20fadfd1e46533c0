"""The result of benchmarks.speed as Markdown, for benchmarks/README.md.

python -m benchmarks.speed_table out/bench.json
"""

import json
import statistics
import sys
from pathlib import Path

from benchmarks import startup, turns


def main() -> None:
    report = json.loads(Path(sys.argv[1]).read_text())
    print("\n".join(table(report)))


def table(report: dict) -> list[str]:
    """Lines; ratios are of neighbors in time, the median with the quartiles."""
    where, peak = report["machine"], report["peak_multiply_adds_per_second"]
    low, middle, high = turns.spread(report["pipeline_images_per_second"])
    return [
        f"{where['cpu']}, {where['cores']} cores, {where['vectors']}, {where['memory_gb']} GB, "
        f"CPython {where['python']}; {report['threads']} threads, {report['minutes']} minutes, "
        f"load before {report['load_before']:.1f}. Matrix peak, float32: "
        f"{peak / 1e9:.0f} billion multiply-adds a second.",
        "",
        *training(report["training"], peak),
        "",
        *presets(report["presets"], max(report["convolutions"]["float32"].values())),
        "",
        *convolutions(report["convolutions"]),
        "",
        *scaling(report["scaling"], report["training"]),
        "",
        f"Data pipeline alone, crops of 64x64 from JPEGs of 481x321, with noise: {middle:.0f} "
        f"images a second ({low:.0f} to {high:.0f}).",
        "",
        "| `zoo.restore --run=denoise_color` | seconds, all in all | peak MB |",
        "|---|---:|---:|",
        *(f"| {k} | {s:.1f} | {mb:.0f} |" for k, (s, mb) in report["memory"].items()),
        "",
        *startup.table(report["startup"]),
    ]


def training(report: dict, peak: float) -> list[str]:
    """The zoo, PyTorch as it comes, and PyTorch's fastest way."""
    lines = [
        "| training, images a second | zoo | PyTorch | its best | zoo / PyTorch | "
        "zoo / its best | share of the matrix peak |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    left_out = {}
    for name, case in report.items():
        rates = dict(case["images_per_second"])
        zoo = rates.pop("zoo")
        best = max(rates, key=lambda way: statistics.median(rates[way]))
        share = case["training_multiply_adds"] / case["batch"] * statistics.median(zoo) / peak
        precision = "bfloat16" if "bfloat16" in best else "float32"
        words = best if precision in best else f"{best}, {precision}"
        lines.append(
            f"| `{name}`, {case['side']}x{case['side']}, batch {case['batch']} "
            f"| {statistics.median(zoo):.1f} ({case['precision']}) "
            f"| {statistics.median(rates['plain']):.1f} (float32) "
            f"| {statistics.median(rates[best]):.1f} ({words}) "
            f"| {_ratio(zoo, rates['plain'])} | {_ratio(zoo, rates[best])} | {share:.0%} |"
        )
        left_out |= case["left_out"]
    reasons = [f"PyTorch, {way}: left out, {why}" for way, why in left_out.items()]
    return [*lines, *([""] if reasons else []), *reasons]


def presets(report: dict, peak: float) -> list[str]:
    """LiteRT and ONNX Runtime in float32 and int8, and what int8 loses.

    Args:
      report: of every preset.
      peak: multiply-adds a second that XNNPACK reaches at most.
    """
    lines = [
        "| preset, milliseconds | LiteRT float32 | ONNX Runtime | ONNX Runtime / LiteRT | "
        "LiteRT int8 | ONNX Runtime | ONNX Runtime / LiteRT | LiteRT int8 loses | ONNX Runtime |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    notes = []
    for name, case in report.items():
        times, scores = case["milliseconds"], case["scores"]
        shape = "x".join(str(n) for n in case["shape"])
        cells = [f"`{name}`, {case['signature']}, {shape}"]
        for kind in ("float32", "int8"):
            ours, theirs = (times[f"{who} {kind}"] for who in ("LiteRT", "ONNX Runtime"))
            cells += [f"{statistics.median(x):.2f}" for x in (ours, theirs)]
            cells.append(_ratio(theirs, ours))
        for who in ("LiteRT", "ONNX Runtime"):
            lost = scores[f"{who} float32"] - scores[f"{who} int8"]
            cells.append(f"{lost:.2f} {case['unit']}")
        lines.append(f"| {' | '.join(cells)} |")
        rate = 1000 * case["multiply_adds"] / statistics.median(times["LiteRT float32"])
        note = f"`{name}`: LiteRT float32 reaches {rate / peak:.0%} of XNNPACK's fastest width"
        if "ONNX Runtime twin" in times:
            ratio = _ratio(times["ONNX Runtime float32"], times["ONNX Runtime twin"])
            note += f"; ONNX Runtime takes {ratio} of its time on PyTorch's own ONNX file"
        notes.append(f"{note}.  ")
    return [*lines, "", *notes]


def convolutions(found: dict[str, dict[str, float]]) -> list[str]:
    """What XNNPACK, which LiteRT runs, makes of each width: `litert_widths.rates`."""
    lines = [
        "| XNNPACK's 3x3 convolutions, billion multiply-adds a second; width | "
        + " | ".join(found["float32"])
        + " |",
        "|---|" + "---:|" * len(found["float32"]),
    ]
    for kind, by_width in found.items():
        lines.append(
            f"| {kind} | " + " | ".join(f"{r / 1e9:.0f}" for r in by_width.values()) + " |"
        )
    return lines


def scaling(report: dict, cases: dict) -> list[str]:
    """One worker and two."""
    lines = [
        "| training, images a second; a worker has half of the cores | one worker | two | "
        "two / one |",
        "|---|---:|---:|---:|",
    ]
    for name, rates in report.items():
        one, two = rates["1"], rates["2"]
        lines.append(
            f"| `{name}`, batch {cases[name]['batch']} for each worker | "
            f"{statistics.median(one):.1f} | {statistics.median(two):.1f} | {_ratio(two, one)} |"
        )
    return lines


def _ratio(ours: list[float], theirs: list[float]) -> str:
    low, middle, high = turns.ratios(ours, theirs)
    return f"**{middle:.2f}** ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
