"""The report for people: lines for a terminal, and README.md of the artifacts."""

from tabulate import tabulate


def table(report: dict) -> str:
    """The report as lines for a terminal."""
    metric = report["metric"]
    unit = metric["unit"] or metric["name"]
    rows = []
    for artifact in report["artifacts"]:
        limit, loss = artifact["tolerance"], artifact["loss"]
        for signature, values in artifact["signatures"].items():
            rows.append(
                [
                    artifact["format"],
                    signature,
                    f"{values['max_abs_diff']:.1e}",
                    "-" if limit is None else f"{limit:.0e}",
                    "-" if loss is None else f"{loss:.3f} {unit}",
                    _milliseconds(values, "1"),
                    f"{artifact['bytes'] / 1e6:.2f} MB",
                ]
            )
    head = ["format", "signature", "max |diff|", "tolerance", "loss", "1 thread", "size"]
    align = ["left", "left"] + ["right"] * 5
    return tabulate(rows, head, "plain", disable_numparse=True, colalign=align)


def markdown(report: dict) -> str:
    """README.md of the artifacts' folder."""
    metric = report["metric"]
    parts = [f"# {report['run']}", _facts(report), _files(report), _agreement(report)]
    if metric["keras"] is None:
        parts.append(f"No signature gives what `{metric['name']}` needs: it is not compared.")
    parts.append(_operators(report))
    return "\n\n".join(parts) + "\n"


def _facts(report: dict) -> str:
    side = report["input_side"]
    sizes = f" on {side}x{side} pixels" if side else ""
    costs = ", ".join(f"`{k}` {v:,}{sizes}" for k, v in report["multiply_adds"].items())
    lines = [f"{report['parameters']:,} parameters. Multiply-adds: {costs}."]
    if report.get("images"):
        lines.append(
            f"Compared with Keras on {report['images']['about']}; int8 is calibrated on "
            f"{report['images']['calibration']} training images. Pictures go in rounded to 8 bits."
        )
    if report["qat_steps"]:
        lines.append(f"int8 has weights of its own, fine-tuned by {report['qat_steps']} steps.")
    return " ".join(lines)


def _files(report: dict) -> str:
    metric = report["metric"]
    rows = []
    whole = next((a["bytes"] for a in report["artifacts"] if a["format"] == "float32"), None)
    for a in report["artifacts"]:
        share = f"{a['bytes'] / whole:.0%}" if whole and a["path"].endswith(".tflite") else ""
        memory = a.get("peak_memory_mb")
        score = "" if a["metric"] is None else f"{a['metric']:.3f}"
        loss = "" if a["loss"] is None else f"{a['loss']:+.3f}"
        rows.append([f"`{a['path']}`", f"{a['bytes']:,}", share, score, loss, memory or ""])
    if metric["keras"] is not None:
        rows.insert(0, ["Keras", "", "", f"{metric['keras']:.3f}", "", ""])
    title = f"{metric['name']} {metric['unit']} ({metric['images']} images)".replace("  ", " ")
    head = ["file", "bytes", "of float32", title, "lost", "peak MB"]
    return _table(head, rows)


def _agreement(report: dict) -> str:
    rows = []
    for a in report["artifacts"]:
        for name, found in a["signatures"].items():
            apart = [f"{found['max_abs_diff']:.1e}", f"{found['mean_abs_diff']:.1e}"]
            times = [_milliseconds(found, "1"), _milliseconds(found, "2")]
            rows.append([a["format"], f"`{name}`", _types(found), *apart, *times])
        for name, found in a.get("endpoints", {}).items():
            apart = [f"{found['max_abs_diff']:.1e}", f"{found['mean_abs_diff']:.1e}"]
            rows.append([a["format"], f"`{name}`", "as served", *apart, "-", "-"])
    head = ["format", "signature", "takes and gives", "max diff", "mean diff"]
    return _table([*head, "1 thread", "2 threads"], rows)


def _operators(report: dict) -> str:
    lines = ["Operators, all of them builtin:", ""]
    for a in report["artifacts"]:
        if a["operators"]:
            counted = ", ".join(f"{n} {k}" for k, n in a["operators"].items())
            lines.append(f"- `{a['path']}`: {counted}")
    return "\n".join(lines) if len(lines) > 2 else ""


def _types(found: dict) -> str:
    kinds = [
        sorted({tensor["dtype"] for tensor in found.get(side, {}).values()})
        for side in ("inputs", "outputs")
    ]
    return " to ".join("/".join(kind) for kind in kinds) if all(kinds) else "float32 to float32"


def _milliseconds(found: dict, threads: str) -> str:
    latency = found.get("latency_ms")
    return f"{latency[threads]:.2f} ms" if latency else "-"


def _table(head: list[str], rows: list[list]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
