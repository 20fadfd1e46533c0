"""Does a heavier regularizer disentangle? VAE, beta-VAE and beta-TCVAE on `sprites`, five seeds.

    python -m benchmarks.disentanglement --output_dir=runs/sprites

Trains what is not trained yet, evaluates what is not evaluated yet, and prints each score's
median and quartiles over the seeds.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from absl import app, flags
from tabulate import tabulate

FLAGS = flags.FLAGS
MODELS = {
    "vae": [],
    "beta_vae": ["--beta=6"],
    "beta_tcvae": ["--beta=8"],
}
RECIPE = "--flagfile=benchmarks/sprites.flags"


def main(argv: list[str]) -> None:
    del argv
    root = Path(FLAGS.output_dir)
    scores = {model: [] for model in MODELS}
    for seed in range(FLAGS.seeds):
        for model, arguments in MODELS.items():
            run = root / f"{model}_{seed}"
            report = run / "disentanglement.json"
            if not report.exists():
                train = [f"--model={model}", RECIPE, *arguments, f"--seed={seed}"]
                _python("train.py", *train, f"--output_dir={run}")
                evaluate = ["--disentanglement", "--limit=500", f"--json={report}"]
                _python("-m", "zoo.evaluate", f"--run={run}", *evaluate)
            scores[model].append(json.loads(report.read_text())["metrics"])
    rows = []
    for name in ("mig", "factor_vae", "beta_vae_score", "sap", "dci", "elbo"):
        for model, found in scores.items():
            low, median, high = np.percentile([m[name]["model"] for m in found], [25, 50, 75])
            rows.append([name, model, median, f"({low:.3f} to {high:.3f})"])
        pca = np.median([m[name]["baseline"] for m in scores["vae"]])
        rows.append([name, "PCA", pca])
    print(tabulate(rows, tablefmt="plain", floatfmt=".3f"))


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True)


if __name__ == "__main__":
    flags.DEFINE_string("output_dir", "runs/sprites", "One run's folder a model and seed.")
    flags.DEFINE_integer("seeds", 5, "How many.", lower_bound=1)
    app.run(main)
