import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

import zoo
from tests.models.tiny import small_images
from zoo import distributions, registry
from zoo.cli import UserError
from zoo.data import pipeline
from zoo.evaluate import evaluate

TINY = registry.find("vae").tiny


@pytest.fixture(params=distributions.PRIORS)
def prior(request):
    return request.param


@pytest.fixture(params=distributions.LIKELIHOODS)
def likelihood(request):
    return request.param


def test_posterior_prior_and_likelihood_are_tfp_distributions(prior, likelihood):
    model = zoo.create("vae", prior=prior, likelihood=likelihood, components=3, **TINY)
    images, latent = tf.zeros([2, 8, 8, 1]), tf.zeros([2, 4])
    posterior, p_z, p_x = model.posterior(images), model.prior(), model.likelihood(latent)
    for distribution in (posterior, p_z, p_x):
        assert isinstance(distribution, tfp.distributions.Distribution)
    assert (posterior.batch_shape, posterior.event_shape) == ([2], [4])
    assert (p_z.batch_shape, p_z.event_shape) == ([], [4])
    assert (p_x.batch_shape, p_x.event_shape) == ([2], [8, 8, 1])
    assert np.isfinite(p_x.log_prob(tf.round(images))).all()


def test_the_bound_is_below_the_estimate_and_both_are_finite(prior, likelihood):
    model = zoo.create("vae", prior=prior, likelihood=likelihood, components=3, **TINY)
    digits = small_images(1, 20)
    model.adapt(pipeline.sample_images(digits, model, 20))
    metrics, _ = evaluate(model, digits)
    assert np.isfinite([v[who] for v in metrics.values() for who in ("model", "baseline")]).all()
    assert metrics["elbo"]["model"] < -metrics["nll"]["model"]
    assert metrics["kl"]["model"] > 0


def test_the_analytic_kl_is_what_samples_say():
    model = zoo.create("vae", **TINY)
    images = tf.random.stateless_uniform([3, 8, 8, 1], [0, 1])
    posterior, prior = model.posterior(images), model.prior()
    z = posterior.sample(20000, seed=[0, 2])
    sampled = tf.reduce_mean(posterior.log_prob(z) - prior.log_prob(z), 0)
    exact = model.terms(images, tf.zeros([3, 4]))["kl"]
    np.testing.assert_allclose(exact, sampled, atol=0.05)


def test_probabilities_of_8_bit_values_sum_to_one():
    numbers = tf.constant([0.1, -1.0], shape=[1, 1, 1, 2])
    distribution = distributions.LIKELIHOODS["discretized_logistic"].distribution(numbers, None)
    values = tf.reshape(tf.range(256.0), [256, 1, 1, 1])
    assert float(tf.reduce_sum(tf.exp(distribution.log_prob(values)))) == pytest.approx(1, abs=1e-4)


def test_binarized_images_are_black_and_white_by_chance():
    model = zoo.create("vae", **TINY)
    image = tf.fill([8, 8, 1], 0.25)
    drawn = [model.example({"image": image}, tf.constant([0, i]))[1].numpy() for i in range(50)]
    assert set(np.unique(drawn)) == {0, 1}
    assert np.mean(drawn) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"likelihood": "poisson"}, "unknown --likelihood=poisson; choose bernoulli, "),
        ({"prior": "flat"}, "unknown --prior=flat; choose normal, mixture, vamp"),
        ({"num_samples": 0}, "--num_samples=0 must be at least 1"),
        ({"image_size": 30}, "image size 30x30 is not a multiple of 4"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("vae", **arguments)
