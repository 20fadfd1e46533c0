"""What is in a latent space: how much it holds, how it is laid out, what lies between."""

import functools
from pathlib import Path

import numpy as np

from zoo import runs
from zoo.data import labels, sources
from zoo.figures import Made, figure
from zoo.figures.training import SMALL, digits_of_each_class, images, trained
from zoo.latents import encoding, sampling
from zoo.metrics.psnr import psnr
from zoo.pictures import plots
from zoo.training.fit import Recipe

SIZES = 2, 5, 10, 32
RECIPE = Recipe(steps=1200, batch_size=128, learning_rate=2e-3, ema=0.99, clip_norm=1.0)
PROJECTED = 5000  # test images; t-SNE takes long
NEIGHBORS = 10


@functools.cache  # several figures ask
def autoencoder(scratch: Path, latent_dim: int):
    """A small autoencoder of MNIST, the same recipe for every size."""
    name = f"autoencoder_{latent_dim}"
    return trained(scratch, name, "autoencoder", RECIPE, latent_dim=latent_dim, **SMALL)


@figure
def latent_size(scratch: Path) -> Made:
    """Digits through 2, 5, 10 and 32 latents, autoencoder beside PCA, with PSNR."""
    models = {size: autoencoder(scratch, size) for size in SIZES}
    any_model = models[SIZES[0]]
    shown, test = digits_of_each_class(any_model), images("mnist", 10_000, any_model)
    rows, numbers = {"digits": shown}, {}
    for size, model in models.items():
        ways = {
            "PCA": encoding.batched(model.baseline),
            "autoencoder": encoding.batched(lambda x, model=model: model(x)),
        }
        numbers[size] = {
            way: float(np.mean(psnr(test, through(test)))) for way, through in ways.items()
        }
        for way, through in ways.items():
            label = f"{way}, {size}\n{numbers[size][way]:.1f} dB"
            rows[label] = through(shown)
    made, axes = plots.new(6.4, 0.56 * len(rows), len(rows))
    for ax, (label, row) in zip(axes, rows.items(), strict=True):
        strip(ax, row, label)
    return Made(made, {"psnr": numbers, "test_images": len(test)})


@figure
def projection(scratch: Path) -> Made:
    """PCA and t-SNE of the pixels beside the autoencoder's latents, in the plane, by class."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    wide, narrow = autoencoder(scratch, 32), autoencoder(scratch, 2)
    test = images("mnist", PROJECTED, narrow)
    known = labels.of(sources.load("mnist", "test", None, 1), PROJECTED)
    flat = test.reshape(len(test), -1)
    plane = TSNE(random_state=0, n_jobs=-1)
    places = {
        "PCA of the pixels": PCA(2, random_state=0).fit_transform(flat),
        "autoencoder, 2 latents": encoding.encoder(narrow)(test),
        "t-SNE of the pixels": plane.fit_transform(flat),
        "t-SNE of 32 latents": plane.fit_transform(encoding.encoder(wide)(test)),
    }
    accuracy = {title: neighbor_accuracy(found, known) for title, found in places.items()}
    made, axes = plots.new(6.4, 6.6, 2, 2)
    for ax, (title, found) in zip(axes.flat, places.items(), strict=True):
        scatter(ax, found, known)
        below = f"{accuracy[title]:.1f} % by {NEIGHBORS} nearest neighbors"
        ax.set(title=title, xlabel=below, xticks=[], yticks=[])
    return Made(made, {"neighbor_accuracy": accuracy, "neighbors": NEIGHBORS, "images": len(test)})


@figure
def latent_map(scratch: Path) -> Made:
    """The plane of a VAE's two latents, decoded, and where the test digits lie on it."""
    del scratch
    model = runs.load("vae_mnist_2d")
    count = 5000
    places = encoding.encoder(model)(images("mnist", count, model))
    known = labels.of(sources.load("mnist", "test", None, 1), count)
    decoded = sampling.plane(model, np.zeros(2), np.ones(2))
    side = int(np.sqrt(len(decoded)))
    height, width = decoded.shape[1:3]
    surface = decoded.reshape(side, side, height, width).swapaxes(1, 2)
    made, (left, right) = plots.new(6.4, 3.5, 1, 2)
    plots.show(left, surface.reshape(side * height, side * width), "decoded")
    scatter(right, places, known)
    right.set(title="test digits encoded", aspect="equal", xlabel="latent 0", ylabel="latent 1")
    accuracy = neighbor_accuracy(places, known)
    return Made(made, {"neighbor_accuracy": accuracy, "neighbors": NEIGHBORS, "images": count})


@figure
def interpolation(scratch: Path) -> Made:
    """Between two digits: in the pixels, in the plain autoencoder's latents, in the VAE's."""
    names = {"autoencoder": "autoencoder_mnist", "VAE": "vae_mnist"}
    models = {title: runs.load(name) for title, name in names.items()}
    digits = digits_of_each_class(models["VAE"])
    pairs, steps = ((2, 7), (0, 4), (3, 8)), 9
    weights = np.linspace(0, 1, steps).reshape(-1, 1, 1, 1)
    made, axes = plots.new(6.4, 5.9, len(pairs) * (1 + len(models)))
    rows = iter(axes)
    for first, second in (digits[list(pair)] for pair in pairs):
        strip(next(rows), (1 - weights) * first + weights * second, "pixels")
        for title, model in models.items():
            strip(next(rows), sampling.interpolate(model, first, second, steps), title)
    return Made(made, {"presets": list(names.values()), "pairs": pairs, "steps": steps})


def strip(axes, row: np.ndarray, label: str) -> None:
    """Pictures [n, h, w, c] side by side, with a label on the left."""
    plots.show(axes, np.concatenate([np.pad(x, PAD, constant_values=1) for x in row], axis=1))
    axes.set_ylabel(label, rotation=0, ha="right", va="center")


def scatter(axes, places: np.ndarray, known: np.ndarray) -> None:
    """Points [n, 2] in their class's color, and each class's number in its middle."""
    for c in range(10):
        x, y = places[known == c].T
        axes.scatter(x, y, s=2, color=plots.COLORS[c], linewidths=0, rasterized=True)
    for c in range(10):
        middle = np.median(places[known == c], axis=0)
        box = {"boxstyle": "circle,pad=0.2", "fc": "white", "ec": plots.COLORS[c], "alpha": 0.9}
        axes.text(*middle, str(c), ha="center", va="center", weight="bold", fontsize=8, bbox=box)
    axes.grid(visible=False)


def neighbor_accuracy(places: np.ndarray, known: np.ndarray) -> float:
    """How often the 10 nearest others vote for the right class, in percent (five-fold)."""
    from sklearn.model_selection import cross_val_score
    from sklearn.neighbors import KNeighborsClassifier

    return float(100 * cross_val_score(KNeighborsClassifier(NEIGHBORS), places, known, cv=5).mean())


PAD = (1, 1), (1, 1), (0, 0)
