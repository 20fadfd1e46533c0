import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

import zoo
from tests.models.tiny import assert_seeded, small_images
from zoo.cli import UserError
from zoo.data import pipeline
from zoo.distributions import likelihoods, posteriors, priors
from zoo.evaluation.evaluate import evaluate
from zoo.models import registry

TINY = registry.find("vae").tiny
PLANE = TINY | {"latent_dim": 2}


def pairs() -> list:
    """(prior, likelihood): each of them once, and their other pairs as slow ones."""
    few = set(zip(itertools.cycle(priors.PRIORS), likelihoods.LIKELIHOODS, strict=False))
    every = itertools.product(priors.PRIORS, likelihoods.LIKELIHOODS)
    return [pytest.param(*p, marks=[] if p in few else [pytest.mark.slow]) for p in every]


@pytest.fixture(params=posteriors.POSTERIORS)
def posterior(request):
    return request.param


@pytest.mark.parametrize(("prior", "likelihood"), pairs())
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


@pytest.mark.parametrize(("prior", "likelihood"), pairs())
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
    exact = model.terms(images, tf.zeros([3, 4])).kl
    np.testing.assert_allclose(exact, sampled, atol=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("posterior", ["normal", "iaf"])
@pytest.mark.parametrize("prior", ["normal", "mixture"])
def test_kl_elbo_and_log_prob_agree_with_quadrature(posterior, prior):
    """On a plane of latents everything can be summed up, density by density."""
    keras.utils.set_random_seed(1)
    model = zoo.create("vae", posterior=posterior, prior=prior, components=3, **PLANE)
    # Wide, since a proposal narrower than its target has estimates of infinite variance.
    widen = np.float32([0, 0, 1, 1] + [0] * (model.posterior_layer.numbers - 4))
    model.encoder.layers[-1].bias.assign(widen)
    image = tf.cast(tf.random.stateless_uniform([1, 8, 8, 1], [0, 3]) < 0.5, tf.float32)
    axis = np.linspace(-15, 15, 251)  # six standard deviations of the widest posterior
    grid = tf.constant(np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2), tf.float32)
    cell = (axis[1] - axis[0]) ** 2

    q = model.posterior(image)
    # A flow's inverse goes latent by latent, with the image's context for every point.
    log_q = np.float64(q.log_prob(grid[:, tf.newaxis])[:, 0])
    log_prior = np.float64(model.prior().log_prob(grid))
    log_likelihood = np.float64(model.log_likelihood(tf.repeat(image, len(grid), 0), grid))
    kl = np.sum(np.exp(log_q) * cell * (log_q - log_prior))
    elbo = np.sum(np.exp(log_q) * cell * log_likelihood) - kl
    log_prob = np.log(np.sum(np.exp(log_prior + log_likelihood)) * cell)

    # The model's terms by Gauss-Hermite nodes in the place of noise.
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    noise = np.float32(np.stack(np.meshgrid(nodes, nodes), -1).reshape(-1, 2))
    weights = np.outer(weights, weights).ravel() / weights.sum() ** 2
    terms = model.terms(tf.repeat(image, len(noise), 0), tf.constant(noise))
    assert weights @ terms.kl.numpy() == pytest.approx(kl, abs=1e-3)
    assert -weights @ (terms.reconstruction + terms.kl).numpy() == pytest.approx(elbo, abs=1e-3)
    estimates = model.log_prob(tf.repeat(image, 2000, 0), 1000)
    estimate = float(tf.reduce_logsumexp(estimates)) - np.log(2000)
    assert estimate == pytest.approx(log_prob, abs=1e-3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"prior": "mixture"},
        pytest.param({"prior": "vamp"}, marks=pytest.mark.slow),
        pytest.param({"posterior": "iaf"}, marks=pytest.mark.slow),
    ],
)
def test_the_seed_decides_every_random_weight(arguments):
    assert_seeded(lambda: zoo.create("vae", components=3, **TINY | arguments))


def test_a_flow_bends_the_posterior_and_knows_its_density():
    model = zoo.create("vae", posterior="iaf", **TINY)
    for network in model.posterior_layer.networks:
        network.kernel_out.assign(
            0.3 * tf.random.stateless_normal(network.kernel_out.shape, [5, 6])
        )
    q = model.posterior(tf.random.stateless_uniform([3, 8, 8, 1], [0, 1]))
    noise = tf.random.stateless_normal([3, 4], [0, 2])
    latent = q.bijector.forward(noise)
    with tf.GradientTape() as tape:
        tape.watch(noise)
        again = q.bijector.forward(tf.identity(noise))  # else what is remembered comes back
    jacobian = tape.batch_jacobian(again, noise)
    base = tfp.distributions.MultivariateNormalDiag(tf.zeros(4), tf.ones(4)).log_prob(noise)
    expected = base - tf.linalg.slogdet(jacobian)[1]
    found = q.log_prob(tf.identity(latent))  # a copy, whose inverse is not remembered
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "arguments",
    [{"prior": "mixture"}, {"prior": "vamp"}, {"posterior": "iaf"}, {"likelihood": "normal"}],
)
def test_distributions_stay_in_float32_under_mixed_precision(arguments):
    keras.mixed_precision.set_dtype_policy("mixed_bfloat16")
    try:
        model = zoo.create("vae", components=3, **TINY | arguments)
        inputs = {"image": tf.ones([2, 8, 8, 1]), "draws": tf.zeros([2, 1, 4])}
        answer = model(inputs)
        assert {x.dtype for x in answer.values()} == {tf.float32}
        assert np.isfinite(answer["nll"]).all()
    finally:
        keras.mixed_precision.set_dtype_policy("float32")


def test_patches_are_folded_and_unfolded():
    model = zoo.create("vae", **TINY | {"patch": 2})
    assert model.encoder.layers[1].kernel.shape[2] == 4
    assert model.decode(tf.zeros([3, 4])).shape == [3, 8, 8, 1]
    with pytest.raises(UserError, match=r"8x8 is not a multiple of 16; .* a smaller patch"):
        zoo.create("vae", **TINY | {"patch": 8})


def test_free_bits_cost_nothing_and_more_costs_the_same():
    images = tf.random.stateless_uniform([5, 8, 8, 1], [0, 1])
    model = zoo.create("vae", **TINY)
    terms = model.terms(images, tf.zeros([5, 4]))
    generous = zoo.create("vae", free_bits=9.0, **TINY)
    generous.set_weights(model.get_weights())
    np.testing.assert_allclose(model.regularizer(*terms[:2]), terms.kl, rtol=1e-5)
    np.testing.assert_allclose(generous.regularizer(*terms[:2]), 4 * 9.0)


def test_a_mixture_prior_draws_what_it_says():
    model = zoo.create("vae", prior="mixture", components=3, **TINY)
    layer, prior = model.prior_layer, model.prior()
    noise = tf.random.stateless_normal([20000, 4], [0, 1])
    drawn = layer.draw(prior, noise, tf.random.stateless_uniform([20000], [0, 2]))
    np.testing.assert_allclose(tf.reduce_mean(drawn, 0), prior.mean(), atol=0.05)
    np.testing.assert_allclose(tf.math.reduce_std(drawn, 0), prior.stddev(), atol=0.05)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros([2, 9, 8, 1]), r"images \[2, 9, 8, 1\] do not fit .* \[batch, 8, 8, 1\]"),
        (np.full([2, 8, 8, 1], 255.0), "images has floats from 255 to 255; expected 0 to 1"),
        (np.full([2, 8, 8, 1], 0.5), "gray values do not fit likelihood=bernoulli"),
    ],
)
def test_images_that_do_not_fit_are_explained(images, message):
    with pytest.raises(UserError, match=message):
        zoo.create("vae", **TINY).log_prob(tf.constant(images, tf.float32))


def test_wrong_latents_and_sample_counts_are_explained():
    model = zoo.create("vae", **TINY)
    with pytest.raises(UserError, match=r"latents of shape \[2, 3\] do not fit .* \[batch, 4\]"):
        model.decode(tf.zeros([2, 3]))
    with pytest.raises(UserError, match="num_samples=0 must be at least 1"):
        model.log_prob(tf.zeros([2, 8, 8, 1]), 0)


def test_probabilities_of_8_bit_values_sum_to_one():
    numbers = tf.constant([0.1, -1.0], shape=[1, 1, 1, 2])
    logistic = likelihoods.LIKELIHOODS["discretized_logistic"]
    distribution = logistic.distribution(numbers, None)
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
        ({"likelihood": "poisson"}, "unknown likelihood=poisson; choose bernoulli, "),
        ({"prior": "flat"}, "unknown prior=flat; choose normal, mixture, vamp"),
        ({"posterior": "t"}, "unknown posterior=t; choose normal, iaf"),
        ({"posterior": "iaf", "free_bits": 0.1}, "free_bits needs posterior=normal, not iaf"),
        ({"free_bits": -1}, "free_bits=-1 must be at least 0"),
        ({"num_samples": 0}, "num_samples=0 must be at least 1"),
        ({"image_size": 30}, "image size 30x30 is not a multiple of 4"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("vae", **arguments)


def test_a_schedule_stays_at_its_end_where_training_goes_on():
    model = registry.create("vae", channels=1, **registry.find("vae").tiny)
    model.compile("adam")
    assert float(model.progress(2000)) == 0
    model.is_trained = True
    assert model.progress(2000) == 1
