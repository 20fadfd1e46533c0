import pytest

from zoo.data import pipeline, sources
from zoo.evaluation.evaluate import evaluate
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


def test_pca_is_the_baseline():
    """As many components as pixels reconstruct exactly; fewer do not."""
    digits = sources.load("digits", "train[:200]")
    for latent_dim, low, high in ((64, 60, 200), (8, 10, 30)):
        model = registry.create("autoencoder", image_size=8, width=4, latent_dim=latent_dim)
        model.adapt(pipeline.sample_images(digits, model, digits.size))
        metrics, _ = evaluate(model, digits)
        assert low < metrics["psnr"]["baseline"] < high
