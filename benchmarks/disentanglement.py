"""Which regularizer disentangles? Objectives on `sprites`, five seeds each.

    python -m benchmarks.disentanglement --objectives=vae,capacity --output_dir=runs/sprites

Trains what is not trained yet, evaluates what is not evaluated yet, prints each score's median
and quartiles over the seeds, and draws every run.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from absl import app, flags
from tabulate import tabulate

FLAGS = flags.FLAGS
OBJECTIVES = {
    "vae": ["--model=vae"],
    "beta": ["--model=beta_vae", "--beta=6"],
    "total correlation": ["--model=beta_tcvae", "--beta=8"],
    "critic": ["--model=factor_vae", "--gamma=35"],
    # Validated once: the best bound comes before the capacity is reached.
    "capacity": [
        "--model=beta_vae",
        "--beta=100",
        "--capacity=18",
        "--capacity_steps=4500",
        "--steps=4500",
        "--validate_every=4500",
    ],
}
RECIPE = "--flagfile=benchmarks/sprites.flags"
SCORES = "mig", "factor_vae", "beta_vae_score", "sap", "dci", "elbo"


def main(argv: list[str]) -> None:
    del argv
    root = Path(FLAGS.output_dir)
    found = {
        objective: [metrics(root, objective, seed) for seed in range(FLAGS.seeds)]
        for objective in FLAGS.objectives
    }
    rows = []
    for name in SCORES:
        for objective, runs in found.items():
            low, median, high = np.percentile([m[name]["model"] for m in runs], [25, 50, 75])
            rows.append([name, objective, median, f"({low:.3f} to {high:.3f})"])
        of_pca = [m[name]["baseline"] for runs in found.values() for m in runs]
        rows.append([name, "PCA", np.median(of_pca)])
    print(tabulate(rows, tablefmt="plain", floatfmt=".3f"))
    draw(found, root / "disentanglement.png")


def metrics(root: Path, objective: str, seed: int) -> dict[str, dict[str, float]]:
    """What the evaluation of one run says, which is trained where it is not there."""
    run = root / f"{objective.replace(' ', '_')}_{seed}"
    report = run / "disentanglement.json"
    if not report.exists():
        recipe = [RECIPE, *OBJECTIVES[objective], f"--seed={seed}"]
        _python("train.py", *recipe, f"--output_dir={run}")
        evaluate = ["--disentanglement", "--limit=500", f"--json={report}"]
        _python("-m", "zoo.evaluate", f"--run={run}", *evaluate)
    return json.loads(report.read_text())["metrics"]


def draw(found: dict[str, list[dict]], path: Path) -> None:
    """A panel for each score but the last, a dot for each run, a line for the median."""
    from zoo.pictures import plots

    with plots.styled():
        figure, panels = plots.new(13, 2.6, columns=len(SCORES) - 1)
        for axes, name in zip(panels, SCORES, strict=False):
            for place, runs in enumerate(found.values()):
                values = [m[name]["model"] for m in runs]
                axes.plot([place] * len(values), values, "o", color=plots.COLORS[place])
                axes.hlines(np.median(values), place - 0.3, place + 0.3, color=plots.COLORS[place])
            pca = np.median([m[name]["baseline"] for runs in found.values() for m in runs])
            axes.axhline(pca, color=plots.MUTED, linestyle=":")
            axes.set(title=name, xticks=range(len(found)), ylim=(0, 1))
            axes.set_xticklabels([o.replace(" ", "\n") for o in found], fontsize="small")
        plots.save(figure, path)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)


if __name__ == "__main__":
    flags.DEFINE_string("output_dir", "runs/sprites", "One run's folder an objective and seed.")
    flags.DEFINE_list("objectives", list(OBJECTIVES), "Which.")
    known = f"choose from {', '.join(OBJECTIVES)}"
    flags.register_validator("objectives", lambda given: set(given) <= set(OBJECTIVES), known)
    flags.DEFINE_integer("seeds", 5, "How many.", lower_bound=1)
    app.run(main)
