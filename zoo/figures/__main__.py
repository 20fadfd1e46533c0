"""python -m zoo.figures NAME ...|all: pictures and the numbers in them.

    python -m zoo.figures latent_size latent_map --output_dir=figures
    python -m zoo.figures all --output_dir=figures

Writes NAME.png and NAME.json. What has to be trained is trained in OUTPUT_DIR/runs, once.
"""

import sys
import time
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS
MODULES = "latent_space", "generation", "restoration", "disentangled", "bounds", "compression"


def main(names: list[str]) -> None:
    from zoo import plots, runs

    figures = _figures()
    for name in names:
        if name not in [*figures, "all"]:
            raise UserError(f"unknown figure {name!r}; choose all, or {', '.join(figures)}")
    if not names:
        raise UserError(f"no figure named; choose all, or {', '.join(figures)}")
    output = Path(FLAGS.output_dir)
    for name in figures if "all" in names else names:
        started = time.time()
        command = f"python -m zoo.figures {name}"
        with plots.styled():
            made = figures[name](output / "runs")
            made.figure.supxlabel(command, fontsize=7, color=plots.MUTED, family="monospace")
            output.mkdir(parents=True, exist_ok=True)
            plots.save(made.figure, output / f"{name}.png")
        seconds = round(time.time() - started, 1)
        content = {"command": command, "seconds": seconds, "numbers": made.numbers}
        runs.write_json(output / f"{name}.json", content)
        print(f"{output / name}.png, .json ({seconds:.0f} s)", flush=True)


def _figures() -> dict:
    """Name -> what makes it."""
    from importlib import import_module

    from zoo.figures import FIGURES

    for module in MODULES:
        import_module(f"zoo.figures.{module}")
    return FIGURES


def console() -> None:
    flags.DEFINE_string("output_dir", "figures", "Where the pictures and numbers go.")
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    if {"--help", "--helpshort"} & set(sys.argv):
        print("Figures:")
        for name, make in _figures().items():
            print(f"  {name:<24}{make.__doc__.splitlines()[0]}")
    console()
