"""One latent moved at a time: beta-VAE beside VAE, on pictures of known factors."""

from pathlib import Path

import numpy as np

from zoo import presets, runs
from zoo.data import factor_sets, pipeline, sources
from zoo.evaluation import reader
from zoo.figures import Made, figure
from zoo.figures.latent_space import strip
from zoo.latents import encoding, sampling
from zoo.pictures import plots

STEPS = 7
LATENTS = 6


@figure
def traversal(scratch: Path) -> Made:
    """Sprites and chairs with one latent moved a row: beta-VAE beside VAE."""
    del scratch
    pairs = (("beta_vae_sprites", "vae_sprites"), ("beta_vae_chairs", "vae_chairs"))
    made, axes = plots.new(6.4, 8.4, 2 * LATENTS, 2)
    numbers = {}
    for half, names in enumerate(pairs):
        for column, name in enumerate(names):
            latents, rows = _traversed(name)
            mig = next(r for r in presets.card(name)["results"] if r["metric"] == "mig")
            numbers[name] = {"latents": latents, "mig": mig["model"], "command": mig["command"]}
            lines = axes[half * LATENTS : (half + 1) * LATENTS, column]
            for ax, latent, row in zip(lines, latents, rows, strict=True):
                strip(ax, row, str(latent))
            lines[0].set_title(f"{name}, MIG {mig['model']:.2f}")
    return Made(made, numbers)


@figure
def turning(scratch: Path) -> Made:
    """Chairs along the latent that turns them most, as a reader of exact factors measures it."""
    del scratch
    reads = reader.trained(factor_sets.SETS["chairs"])
    made, axes = plots.new(6.4, 3.4, 2)
    numbers = {"reader_errors_in_steps": reads.errors()}
    for ax, name in zip(axes, ("beta_vae_chairs", "vae_chairs"), strict=True):
        model = runs.load(name)
        shares = reader.movements(model, reads)
        latent = reader.best(shares, "azimuth")
        degrees = 360 * shares[latent]["azimuth"]
        others = max(v for k, v in shares[latent].items() if k != "azimuth")
        numbers[name] = {"latent": latent, "degrees": degrees, "others": others, "all": shares}
        image = pipeline.sample_images(sources.load("chairs", "test", None, 1), model, 1)[0]
        strip(ax, _along(model, image, latent), str(latent))
        ax.set_title(
            f"{name}: turns by {degrees:.0f} degrees, others by {100 * others:.0f}% at most"
        )
    return Made(made, numbers)


def _along(model, image: np.ndarray, latent: int) -> np.ndarray:
    """Pictures with one latent moved, [STEPS, h, w, c]."""
    code = encoding.encoder(model)(image[np.newaxis])
    moved = np.repeat(code, STEPS, axis=0)
    moved[:, latent] = np.linspace(-2, 2, STEPS)
    return encoding.decoder(model)(moved)


def _traversed(name: str) -> tuple[list[int], np.ndarray]:
    """The latents that say most, and pictures along each, [LATENTS, STEPS, h, w, c]."""
    model = runs.load(name)
    dataset = runs.read_config(name)["data"]["dataset"]
    source = sources.load(dataset, "test", None, model.channels)
    image = pipeline.sample_images(source, model, 1)[0]
    code = encoding.encoder(model)(image[np.newaxis])[0]
    zeros, ones = np.zeros_like(code), np.ones_like(code)
    latents, rows = sampling.traverse(model, code, zeros, ones, STEPS)
    return [int(latent) for latent in latents[:LATENTS]], rows[:LATENTS]
