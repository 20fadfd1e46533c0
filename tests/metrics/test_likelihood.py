import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from zoo.baselines.ppca import ProbabilisticPCA
from zoo.metrics.likelihood import importance_bound

tfd = tfp.distributions


def linear_gaussian(latent_dim=3, pixels=6, noise=0.5):
    """x = W z + noise: W, its marginal, and images drawn from it."""
    random = np.random.default_rng(0)
    weights = random.normal(size=[pixels, latent_dim]).astype(np.float32)
    covariance = weights @ weights.T + noise**2 * np.eye(pixels, dtype=np.float32)
    marginal = tfd.MultivariateNormalTriL(tf.zeros(pixels), np.linalg.cholesky(covariance))
    return weights, marginal, marginal.sample(40, seed=tf.constant([0, 1]))


def test_it_reaches_the_known_likelihood_of_a_linear_gaussian_model():
    weights, marginal, x = linear_gaussian()
    precision = np.eye(3) + weights.T @ weights / 0.25
    mean = x @ weights @ np.linalg.inv(precision).astype(np.float32) / 0.25
    # Wider than the true posterior and shifted, as an encoder's would be.
    stddev = 1.3 * np.sqrt(np.diag(np.linalg.inv(precision))).astype(np.float32)
    posterior = tfd.MultivariateNormalDiag(mean + 0.1, tf.ones_like(mean) * stddev)
    prior = tfd.MultivariateNormalDiag(tf.zeros(3), tf.ones(3))

    def log_weight(noise):
        z = posterior.bijector.forward(noise)
        log_likelihood = tfd.MultivariateNormalDiag(z @ weights.T, 0.5 * tf.ones(6)).log_prob(x)
        return log_likelihood + prior.log_prob(z) - posterior.log_prob(z)

    @tf.function
    def bound(num_samples):
        return importance_bound(log_weight, [40, 3], num_samples)

    def error(num_samples):
        return float(tf.reduce_mean(marginal.log_prob(x) - bound(tf.constant(num_samples))))

    assert abs(error(2000)) < 0.05
    assert error(1) > error(10) > 0.01


def test_probabilistic_pca_finds_the_density_that_made_the_images():
    _, marginal, x = linear_gaussian()
    many = marginal.sample(200000, seed=tf.constant([0, 2])).numpy()
    model = ProbabilisticPCA(3, 6)
    model.fit(many[:, None, :, None])
    found = model.log_prob(x[:, None, :, None])
    np.testing.assert_allclose(found, marginal.log_prob(x), atol=0.15)
    assert abs(float(tf.reduce_mean(found - marginal.log_prob(x)))) < 0.02


def test_one_image_is_its_own_linear_model(recwarn):
    image = np.random.default_rng(0).random([1, 4, 4, 1]).astype(np.float32)
    linear = ProbabilisticPCA(3, 16)
    linear.fit(image)
    np.testing.assert_allclose(linear.reconstruct(image), image, atol=1e-6)
    assert np.isfinite(linear.log_prob(image))
    assert not recwarn.list
