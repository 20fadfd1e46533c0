"""A newcomer is told the first thing first."""

from docs import rooms
from tests.documents.markdown import ROOT, prose


def test_two_commands_stand_on_the_first_screen():
    first_screen = (ROOT / "README.md").read_text().splitlines()[:40]
    assert {line.split("  ")[0] for line in first_screen} >= {"make demo", "make test"}
    assert "```python" in first_screen
    assert any(line.startswith("![") for line in first_screen)


def test_the_way_through_is_short():
    assert (ROOT / "BUILD.md").stat().st_size <= 12_000


def test_the_drawing_of_the_rooms_is_that_of_the_contracts():
    assert rooms.DRAWING.read_text() == rooms.drawing()
    drawn = rooms.DRAWING.read_text()
    for room in (path for path in (ROOT / "zoo").iterdir() if (path / "__init__.py").exists()):
        assert f">{room.name}/<" in drawn, room
    assert "rooms.svg" in prose("docs/architecture.md")
