import pytest

from zoo.data import sources
from zoo.models import registry
from zoo.training import fit


@pytest.mark.slow
def test_mostly_black_images_do_not_kill_it(mnist_dir, tmp_path):
    """All black scores 9.8 dB on MNIST; a saturating output layer stays there."""
    train = sources.load("mnist", "train[:2000]", mnist_dir)
    model = registry.create("autoencoder", channels=1, image_size=28, width=8, latent_dim=16)
    recipe = fit.Recipe(steps=120, batch_size=32, learning_rate=3e-3, warmup_steps=20)
    metrics = fit.fit(model, train, train, tmp_path, recipe)
    assert metrics["psnr"]["model"] > 14


def test_pca_is_the_baseline(tmp_path):
    """As many components as pixels reconstruct exactly; fewer do not."""
    digits = sources.load("digits", "train[:200]")
    for latent_dim, low, high in ((64, 60, 200), (8, 10, 30)):
        model = registry.create("autoencoder", image_size=8, width=4, latent_dim=latent_dim)
        recipe = fit.Recipe(steps=1, batch_size=8)
        metrics = fit.fit(model, digits, digits, tmp_path / str(latent_dim), recipe)
        assert low < metrics["psnr"]["baseline"] < high
