"""Writes the presets' table of zoo/presets/README.md from their cards.

python -m benchmarks.readme
"""

from zoo import presets

PAGE = presets.ROOT / "README.md"
BEGIN, END = "<!-- presets: python -m benchmarks.readme -->\n", "<!-- end of presets -->\n"


def main() -> None:
    text = PAGE.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + BEGIN + table() + END + after)


def written(page: str) -> str:
    """The table that stands on the page now."""
    return page.split(BEGIN)[1].split(END)[0]


def table() -> str:
    """One row for the first metric of every evaluation of every card."""
    lines = [
        "| preset | parameters | core-minutes | test | model | baseline | classical, same run | "
        "published |",
        "|---|---:|---:|---|---:|---:|---:|---|",
    ]
    for name in presets.names():
        card = presets.card(name)
        commands = []
        for result in card["results"]:
            if result["command"] in commands:
                continue
            first = not commands
            commands.append(result["command"])
            facts = [f"`{name}`", f"{card['parameters']:,}", f"{card['minutes']:.0f}"]
            shown = facts if first else [""] * len(facts)
            lines.append(f"| {' | '.join(shown + _figures(result))} |")
    return "\n".join(lines) + "\n"


def _figures(result: dict) -> list[str]:
    unit = f" {result['unit']}" if result["unit"] else ""
    digits = 2 if unit else 3  # shares such as MIG or AUROC say little with fewer

    def told(value: float) -> str:
        return f"{value:.{digits}f}"

    peers = ", ".join(f"{told(value)} ({who})" for who, value in result["peers"].items())
    published = ", ".join(f"{who} {told(value)}" for who, value in result["published"].items())
    test = f"{result['dataset']}, {result['metric']}"
    return [test, f"**{told(result['model'])}{unit}**", told(result["baseline"]), peers, published]


if __name__ == "__main__":
    main()
