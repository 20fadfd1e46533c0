"""The two terms of the evidence lower bound: along training, and traded by beta."""

import json
from pathlib import Path

from zoo.figures import Made, figure
from zoo.figures.training import SMALL, trained
from zoo.pictures import plots
from zoo.training.fit import Recipe

STEPS = 1200
BETAS = 0.25, 0.5, 1, 2, 4, 8
DIM = 16


def recipe(every: int) -> Recipe:
    """`every`: steps between validations."""
    return Recipe(
        steps=STEPS,
        batch_size=128,
        learning_rate=2e-3,
        ema=0.99,
        clip_norm=100.0,
        validate_every=every,
    )


@figure
def elbo(scratch: Path) -> Made:
    """Evidence lower bound and its two terms on held-out digits, along a training."""
    trained(scratch, "elbo", "vae", recipe(100), latent_dim=DIM, num_samples=1, **SMALL)
    history = json.loads((scratch / "elbo" / "metrics.json").read_text())["validations"]
    history = history[2:]  # the first fall would flatten all that follows
    steps = [row["step"] for row in history]
    terms = {
        name: [row["metrics"][name]["model"] for row in history]
        for name in ("elbo", "reconstruction", "kl")
    }
    made, (left, right) = plots.new(6.4, 2.8, 1, 2)
    left.plot(steps, terms["elbo"], color=plots.COLORS[0])
    left.set(title="evidence lower bound", xlabel="step", ylabel="nats an image")
    for name, color in (("reconstruction", 1), ("kl", 2)):
        right.plot(steps, terms[name], color=plots.COLORS[color], label=name)
    right.set(title="its two terms", xlabel="step", ylim=(0, None))
    right.legend()
    return Made(made, {"steps": steps, **terms})


@figure
def rate_distortion(scratch: Path) -> Made:
    """What beta trades: nats that latents carry against nats that the image still costs."""
    found = {}
    for beta in BETAS:
        name = f"beta_{beta:g}"
        arguments = {"beta": beta, "latent_dim": DIM, "num_samples": 1, **SMALL}
        trained(scratch, name, "beta_vae", recipe(STEPS), **arguments)
        last = json.loads((scratch / name / "metrics.json").read_text())["validations"][-1]
        found[beta] = {m: last["metrics"][m]["model"] for m in ("kl", "reconstruction", "elbo")}
    rates = [point["kl"] for point in found.values()]
    distortions = [point["reconstruction"] for point in found.values()]
    made, axes = plots.new(4.8, 3.6)
    best = -max(point["elbo"] for point in found.values())
    ends = [0, max(rates) * 1.05]
    line = {"color": plots.MUTED, "linestyle": ":", "linewidth": 1}
    axes.plot(ends, [best - end for end in ends], label=f"rate + distortion = {best:.1f}", **line)
    axes.plot(rates, distortions, marker="o")
    for beta, rate, distortion in zip(found, rates, distortions, strict=True):
        axes.annotate(f"beta {beta:g}", (rate, distortion), (5, 4), textcoords="offset points")
    axes.set(xlabel="rate: KL, nats an image", ylabel="distortion: nats an image", xlim=ends)
    axes.legend(loc="upper right")
    return Made(made, {f"beta {beta:g}": point for beta, point in found.items()})
