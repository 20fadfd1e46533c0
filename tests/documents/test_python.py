"""The notebook runs as it stands there, but for how long it trains."""

import ast
import json
import subprocess
import sys

from tests.documents import markdown


def notebook() -> list[str]:
    """Its cells, each of which prints its last line's value."""
    found = json.loads((markdown.ROOT / "docs/notebook.ipynb").read_text())["cells"]
    cells = ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]
    assert len(cells) == 10
    for place, cell in enumerate(cells):
        tree = ast.parse(cell)
        if isinstance(tree.body[-1], ast.Expr):
            tree.body[-1] = ast.parse(f"print({ast.unparse(tree.body[-1])})").body[0]
        cells[place] = ast.unparse(tree)
    return cells


def test_the_notebook_runs(command, tmp_path):
    text = "\n".join(["import matplotlib", "matplotlib.use('agg')", *notebook()])
    (tmp_path / "document.py").write_text(text.replace("minutes=0.5", "minutes=0.05"))
    done = command(tmp_path / "document.py", cwd=tmp_path, PYTHONPATH=str(markdown.ROOT))
    assert done.returncode == 0, done.stderr[-3000:]
    assert "psnr" in done.stdout
    assert list((tmp_path / "artifacts").rglob("*.tflite"))


def test_the_first_call_has_nothing_to_say():
    program = "import zoo; zoo.list_models()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
