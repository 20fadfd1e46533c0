"""What models make up, and what they make of real images."""

from pathlib import Path

import numpy as np

from zoo import presets, runs
from zoo.figures import Made, figure
from zoo.figures.latent_space import strip
from zoo.figures.training import digits_of_each_class, images
from zoo.latents import sampling
from zoo.pictures import panels, plots

COUNT, COLUMNS = 60, 12
HIERARCHY, TEMPERATURES = "vae_cifar10", (0.6, 0.8, 1.0)


@figure
def ae_generation(scratch: Path) -> Made:
    """Standard normal noise, decoded by the plain autoencoder of MNIST."""
    del scratch
    return _samples("autoencoder_mnist", "plain autoencoder, decoding standard normal noise")


@figure
def vae_generation(scratch: Path) -> Made:
    """Samples of a VAE of MNIST, from its prior."""
    del scratch
    return _samples("vae_mnist", "VAE, from its prior")


@figure
def vae_generation_cifar10(scratch: Path) -> Made:
    """Samples of a VAE of CIFAR-10, from its prior."""
    del scratch
    return _samples("vae_cifar10", "VAE of CIFAR-10, from its prior")


@figure
def vae_reconstruction(scratch: Path) -> Made:
    """Test images through the VAEs of MNIST and CIFAR-10."""
    del scratch
    numbers, rows = {}, {}
    for preset, dataset in (("vae_mnist", "MNIST"), ("vae_cifar10", "CIFAR-10")):
        model = runs.load(preset)
        shown = digits_of_each_class(model) if dataset == "MNIST" else images("cifar10", 10, model)
        rows[dataset], rows[f"{dataset},\nthrough the VAE"] = shown, _through(model, shown)
        numbers[preset] = _figures(preset, "reconstruction", "kl", "nll", "elbo", "bits_per_dim")
    made, axes = plots.new(6.4, 0.68 * len(rows), len(rows))
    for ax, (label, row) in zip(axes, rows.items(), strict=True):
        strip(ax, row, label)
    return Made(made, {"cards": numbers})


@figure
def levels(scratch: Path) -> Made:
    """What each level of a hierarchical VAE holds, its reconstructions, samples by temperature."""
    del scratch
    model = runs.load(HIERARCHY)
    shown = images("cifar10", 10, model)
    rows, changes = {"CIFAR-10": shown}, {}
    for kept in range(len(model.latent_groups) + 1):
        found = sampling.redrawn(model, shown, kept)
        again = sampling.redrawn(model, shown, kept, seed=1)
        changes[kept] = float(np.sqrt(np.mean((found - again) ** 2)))
        rows[f"{kept} levels\nkept"] = found
    for temperature in TEMPERATURES:
        rows[f"sampled\nat {temperature:g}"] = sampling.prior_samples(
            model, len(shown), temperature
        )
    made, axes = plots.new(6.4, 0.62 * len(rows), len(rows))
    for ax, (label, row) in zip(axes, rows.items(), strict=True):
        strip(ax, row, label)
    card = _figures(HIERARCHY, "bits_per_dim", "elbo", "kl", *(f"kl_{i}" for i in changes if i))
    return Made(made, {"rmse_between_two_draws": changes, "card": card})


def _samples(preset: str, title: str) -> Made:
    model = runs.load(preset)
    drawn = sampling.prior_samples(model, COUNT)
    numbers = _figures(preset, "frechet", "precision", "recall", "bits_per_dim", "nll")
    made, axes = plots.new(6.4, 3.2)
    plots.show(axes, panels.grid(drawn, COLUMNS), title, _told(numbers))
    return Made(made, {"card": numbers})


def _through(model, shown: np.ndarray) -> np.ndarray:
    """Images encoded, and the posterior's mean decoded."""
    return np.asarray(model.decode(model.codes(shown)))


def _figures(preset: str, *metrics: str) -> dict[str, dict]:
    """Those of the metrics that stand on the preset's card, with the command behind each."""
    found = {r["metric"]: r for r in presets.card(preset)["results"] if r["metric"] in metrics}
    kept = "dataset", "model", "baseline", "unit", "command"
    return {name: {key: r[key] for key in kept} for name, r in found.items()}


def _told(numbers: dict[str, dict]) -> str:
    said = {
        "frechet": "Frechet distance {model:.0f}",
        "bits_per_dim": "{model:.2f} bits per dimension",
        "nll": "-log p(x) {model:.1f} nats",
    }
    return ", ".join(text.format(**numbers[m]) for m, text in said.items() if m in numbers)
