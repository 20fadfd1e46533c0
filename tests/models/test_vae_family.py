"""What sets beta-VAE, beta-TCVAE, FactorVAE and IWAE apart from the VAE."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

import zoo
from tests.models.test_vae import TINY
from zoo.cli import UserError
from zoo.models.beta_tcvae import total_correlation
from zoo.models.factor_vae import independent

tfd = tfp.distributions
IMAGES = tf.cast(tf.random.stateless_uniform([5, 8, 8, 1], [0, 1]) < 0.5, tf.float32)


def like_vae(name, **arguments):
    """A model of the family with the weights of a VAE, and that VAE."""
    vae = zoo.create("vae", **TINY)
    model = zoo.create(name, **arguments, **TINY)
    model.set_weights(vae.get_weights())
    return model, vae


@pytest.mark.parametrize(("name", "flag"), [("beta_vae", "beta"), ("beta_tcvae", "beta")])
def test_beta_1_is_the_vae(name, flag):
    model, vae = like_vae(name, **{flag: 1.0})
    draws = tf.random.stateless_normal([5, 1, 4], [0, 2])
    np.testing.assert_allclose(model.objective(IMAGES, draws), vae.objective(IMAGES, draws))


def test_beta_weighs_the_kl():
    model, vae = like_vae("beta_vae", beta=3.0)
    terms = vae.terms(IMAGES, tf.zeros([5, 4]))
    np.testing.assert_allclose(model.regularizer(*terms[:2]), 3 * terms.kl, rtol=1e-5)


def test_capacity_holds_the_kl_at_a_value():
    model, vae = like_vae("beta_vae", beta=10.0, capacity=2.0)
    terms = vae.terms(IMAGES, tf.zeros([5, 4]))
    expected = 10 * abs(float(tf.reduce_mean(terms.kl)) - 2.0)
    np.testing.assert_allclose(model.regularizer(*terms[:2]), np.full(5, expected), rtol=1e-5)


def test_correlation_on_top_of_beta_1_is_beta_tcvae():
    model, vae = like_vae("beta_vae", beta=1.0, correlation=5.0)
    other, _ = like_vae("beta_tcvae", beta=6.0)
    other.set_weights(vae.get_weights())
    model.set_weights(vae.get_weights())
    draws = tf.random.stateless_normal([5, 1, 4], [0, 2])
    expected = other.objective(IMAGES, draws)
    np.testing.assert_allclose(model.objective(IMAGES, draws), expected, rtol=1e-5)


def test_one_importance_sample_is_the_vae_with_a_sampled_kl():
    model, vae = like_vae("iwae", importance_samples=1)
    draws = tf.random.stateless_normal([5, 1, 4], [0, 2])
    terms = vae.terms(IMAGES, draws[:, 0])
    sampled_kl = terms.posterior.log_prob(terms.latent) - vae.prior().log_prob(terms.latent)
    expected = terms.reconstruction + sampled_kl
    np.testing.assert_allclose(model.objective(IMAGES, draws), expected, rtol=1e-5)


def test_more_importance_samples_give_a_tighter_bound():
    many, vae = like_vae("iwae", importance_samples=50)
    losses = many.objective(IMAGES, tf.random.stateless_normal([5, 50, 4], [0, 2]))
    single = [vae.objective(IMAGES, tf.random.stateless_normal([5, 1, 4], [0, i])) for i in (3, 4)]
    assert float(tf.reduce_mean(losses)) < float(tf.reduce_mean(single))


def test_total_correlation_is_that_of_the_aggregate_posterior():
    """Narrow posteriors whose means are correlated normals: there is a formula."""
    rho = 0.8
    covariance = np.float32([[1, rho], [rho, 1]])
    normal = tfd.MultivariateNormalTriL(tf.zeros(2), np.linalg.cholesky(covariance))
    mean, stddev = normal.sample(2000, seed=[0, 1]), tf.fill([2000, 2], 0.2)
    latent = mean + 0.2 * tf.random.stateless_normal([2000, 2], [0, 2])
    found = float(tf.reduce_mean(total_correlation(latent, mean, stddev)))
    assert found == pytest.approx(-0.5 * np.log(1 - (rho / 1.04) ** 2), abs=0.05)
    independent = tf.stack([mean[:, 0], tf.reverse(mean[:, 1], [0])], -1)
    latent = independent + 0.2 * tf.random.stateless_normal([2000, 2], [0, 2])
    assert abs(float(tf.reduce_mean(total_correlation(latent, independent, stddev)))) < 0.05


def test_a_critic_tells_dependent_latents_and_codes_are_pushed_apart():
    """Its logit becomes the log ratio of densities, whose mean is the total correlation."""
    model = zoo.create("factor_vae", gamma=1.0, **TINY | {"latent_dim": 2})
    rho = 0.8
    root = np.linalg.cholesky(np.float32([[1, rho], [rho, 1]]))
    normal = tfd.MultivariateNormalTriL(tf.zeros(2), root)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, 200))

    def drawn(seed):
        latent = normal.sample(1500, seed=[0, seed])
        return latent, tfd.MultivariateNormalDiag(latent, tf.ones_like(latent))

    @tf.function
    def step(seed):
        latent, posterior = drawn(seed)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model.regularizer(posterior, latent))
        variables = model.critic.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    for seed in range(1, 201):
        step(tf.constant(seed))
    latent, posterior = drawn(0)
    exact = -0.5 * np.log(1 - rho**2)
    assert float(tf.reduce_mean(model.critic(latent))) == pytest.approx(exact, abs=0.1)
    with tf.GradientTape() as tape:
        tape.watch(latent)
        penalty = model.regularizer(posterior, latent)
    moved = latent - 0.5 * tape.gradient(penalty, latent)
    assert np.corrcoef(moved.numpy().T)[0, 1] < np.corrcoef(latent.numpy().T)[0, 1] - 0.02


def test_independent_latents_come_from_other_images_each():
    rows = np.tile(np.arange(6.0)[:, np.newaxis], [1, 3])
    found = independent(rows).numpy()
    assert (np.sort(found, 0) == rows).all()
    assert all(len({*row, i}) == 4 for i, row in enumerate(found.tolist()))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("beta_vae", {"beta": -1.0}, "beta=-1 must be at least 0"),
        ("beta_vae", {"capacity": -1.0}, "capacity=-1 must be at least 0 nats"),
        ("beta_vae", {"correlation": -1.0}, "correlation=-1 must be at least 0"),
        (
            "beta_vae",
            {"correlation": 1.0, "prior": "vamp"},
            "correlation needs prior=normal, not vamp",
        ),
        ("beta_tcvae", {"beta": -1.0}, "beta=-1 must be at least 0"),
        ("factor_vae", {"gamma": -1.0}, "gamma=-1 must be at least 0"),
        ("beta_tcvae", {"prior": "vamp"}, "beta_tcvae needs prior=normal, not vamp"),
        ("vae", {"beta": 2.0}, "beta does not apply to vae; it applies to: beta_tcvae, beta_vae"),
    ],
)
def test_wrong_arguments_are_explained(name, arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create(name, **arguments)
