"""Draws the rooms, layer by layer, from the contracts of imports in pyproject.toml.

    python -m docs.rooms

Writes docs/rooms.svg: what a room is, the first line of its docstring says.
"""

import ast
import re
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
DRAWING = ROOT / "docs" / "rooms.svg"
WIDTH, MARGIN, GAP, COLUMNS = 960, 24, 10, 4
LINE = 16  # pixels from one line of text to the next
LETTER = 6.6  # pixels that a letter of it takes, at most
STYLE = """
text { font: 12px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #57606a }
.folder { font-weight: 600; font-size: 13px; fill: #0550ae }
.file { font-weight: 600; font-size: 13px; fill: #116329 }
.package { font-weight: 600; font-size: 16px; fill: #1f2328 }
.page { fill: #ffffff; stroke: #d0d7de }
.room { fill: #f6f8fa; stroke: #d0d7de }
.arrow { stroke: #8c959f; fill: none; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 }
.folder { fill: #79c0ff }
.file { fill: #7ee787 }
.package { fill: #f0f6fc }
.page { fill: #0d1117; stroke: #3d444d }
.room { fill: #161b22; stroke: #3d444d }
.arrow { stroke: #656c76 }
}
"""


def main() -> None:
    DRAWING.write_text(drawing())


def drawing() -> str:
    """The rooms as SVG, `export` above the `zoo` that it imports."""
    parts, y = [], MARGIN
    for package, layers in sorted(contracts().items()):
        if parts:
            parts.append(_arrow(y - MARGIN / 2))
            y += MARGIN
        parts.append(_text(MARGIN, y + LINE, f"{package}/", "package"))
        parts.append(_text(MARGIN + 72, y + LINE, purpose(ROOT / package)))
        y += 2 * LINE
        for i, rooms in enumerate(layers):
            if i:
                parts.append(_arrow(y))
                y += MARGIN
            layer, y = _layer(package, rooms, y)
            parts += layer
        y += MARGIN
    page = _box("page", 0.5, 0.5, WIDTH - 1, y - 1)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y:g}">'
    return "\n".join([head, f"<style>{STYLE}</style>", page, *parts, "</svg>", ""])


def contracts() -> dict[str, list[list[str]]]:
    """Package -> its layers, the highest first, each a list of rooms."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {
        package: [re.findall(r"\w+", layer) for layer in contract["layers"]]
        for contract in settings["contracts"]
        if contract["type"] == "layers"
        for package in contract["containers"]
    }


def purpose(path: Path) -> str:
    """The first line of the docstring of a folder or a module, without the command's own name."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    line = ast.get_docstring(ast.parse(file.read_text())).splitlines()[0]
    line = re.sub(r"^python -m [^:]*: (.)", lambda found: found[1].upper(), line)
    return line.replace("`", "").rstrip(".:")


def _layer(package: str, rooms: list[str], y: float) -> tuple[list[str], float]:
    """Boxes side by side, in as many rows as it takes, and where the next thing may begin."""
    parts, rows = [], -(-len(rooms) // COLUMNS)
    columns = -(-len(rooms) // rows)
    for first in range(0, len(rooms), columns):
        row = [ROOT / package / room for room in rooms[first : first + columns]]
        width = (WIDTH - 2 * MARGIN - GAP * (len(row) - 1)) / len(row)
        texts = [textwrap.wrap(purpose(room), int((width - 20) / LETTER)) for room in row]
        height = LINE * (max(map(len, texts)) + 1) + 14
        for i, (room, lines) in enumerate(zip(row, texts, strict=True)):
            x = MARGIN + i * (width + GAP)
            parts.append(_box("room", x, y, width, height))
            name = (f"{room.name}/", "folder") if room.is_dir() else (f"{room.name}.py", "file")
            parts.append(_text(x + 10, y + 20, *name))
            parts += [_text(x + 10, y + 20 + LINE * (j + 1), t) for j, t in enumerate(lines)]
        y += height + GAP
    return parts, y - GAP


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
    return f'<rect class="{kind}" {place} rx="6"/>'


def _arrow(y: float) -> str:
    """Down, the way that imports go."""
    return f'<path class="arrow" d="M{WIDTH / 2:g} {y + 4:g}v14m-5 -5l5 5l5 -5"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return f'<text{attribute} x="{x:g}" y="{y:g}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
