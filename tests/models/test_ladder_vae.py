import numpy as np
import pytest
import tensorflow as tf

import zoo
from tests.models.tiny import moved_model, small_images
from zoo.cli import UserError
from zoo.latents import sampling
from zoo.models import registry
from zoo.training import fit

TINY = registry.find("ladder_vae").tiny
IMAGES = tf.cast(tf.random.stateless_uniform([5, 8, 8, 1], [0, 1]) < 0.5, tf.float32)


@pytest.fixture(scope="module")
def model():
    return moved_model("ladder_vae")


def noise_of(model, count=5, seed=1):
    return tf.random.stateless_normal([count, model.latent_dim], [0, seed])


def test_groups_are_maps_from_coarse_to_fine(model):
    assert [x.shape[1:] for x in model.grouped(noise_of(model))] == [[2, 2, 2], [4, 4, 1]]
    assert model.latent_shape == (24,)


def test_nothing_is_told_at_first():
    terms = zoo.create("ladder_vae", **TINY).terms(IMAGES, tf.zeros([5, 24]))
    np.testing.assert_array_equal(terms.by_group, 0)


def test_the_kl_is_what_samples_say(model):
    """The mean over noise of log q(z | x) - log p(z), which `weigher` has beside log p(x | z)."""
    maps = [tf.repeat(x[:1], 4000, 0) for x in model.ascend(IMAGES)]
    _, priors, posteriors, latents = model.descend(noise_of(model, 4000), maps)
    for prior, posterior, latent in zip(priors, posteriors, latents, strict=True):
        exact = posterior.kl_divergence(prior)
        ratio = posterior.log_prob(latent) - prior.log_prob(latent)
        error = np.std(ratio - exact) / np.sqrt(4000)
        assert abs(np.mean(ratio - exact)) < 4 * error


def test_more_samples_give_a_tighter_bound(model):
    single = np.mean([model.log_prob(IMAGES, 1, seed) for seed in range(8)])
    terms = model.terms(IMAGES, noise_of(model))
    assert single == pytest.approx(-np.mean(terms.reconstruction + terms.kl), abs=2)
    assert np.mean(model.log_prob(IMAGES, 100)) > single


def test_a_code_is_the_latents_in_units_of_their_priors(model):
    descent = model.descend(noise_of(model), model.ascend(IMAGES))
    pairs = zip(descent.latents, descent.priors, strict=True)
    code = model._flat([(latent - p.mean()) / p.stddev() for latent, p in pairs])
    np.testing.assert_allclose(model.descend(code).numbers, descent.numbers, atol=1e-4)


def test_lower_groups_are_drawn_in_view_of_those_above(model):
    noise = noise_of(model).numpy()
    descent = model.descend(noise)
    noise[:, :8] += 1.0  # the coarse group's
    moved = model.descend(noise)
    np.testing.assert_array_equal(descent.priors[0].mean(), moved.priors[0].mean())
    assert np.abs(descent.priors[1].mean() - moved.priors[1].mean()).max() > 1e-3


def test_groups_below_a_cut_do_not_look_at_the_image(model):
    noise = noise_of(model)
    cut, whole = model.terms(IMAGES, noise, seen=1), model.terms(IMAGES, noise)
    np.testing.assert_allclose(cut.kl, whole.by_group[:, 0], rtol=1e-5)
    scores = model.foreignness(IMAGES.numpy(), tf.constant([0, 0]))
    assert set(scores) > {"model", "baseline", "likelihood ratio above 1"}


def test_free_bits_cost_no_less_and_push_nothing_down():
    free = zoo.create("ladder_vae", free_bits=5.0, **TINY)
    draws = tf.zeros([5, 1, 24])
    expected = free.terms(IMAGES, draws[:, 0]).reconstruction + 2 * 5.0
    np.testing.assert_allclose(free.objective(IMAGES, draws), expected, rtol=1e-5)


def test_kept_levels_stay_and_the_others_are_drawn_anew(model):
    images = IMAGES.numpy()
    whole = sampling.redrawn(model, images, 2)
    np.testing.assert_allclose(whole, model.decode(model.codes(IMAGES)), atol=1e-5)

    def apart(kept):
        one, other = (sampling.redrawn(model, images, kept, seed) for seed in (1, 2))
        return np.abs(one - other).mean()

    assert apart(0) > apart(1) > apart(2) == 0
    with pytest.raises(UserError, match="a vae model has no levels of latents"):
        sampling.redrawn(zoo.create("vae", **registry.find("vae").tiny), images, 1)


def test_idle_groups_are_named_while_it_trains(capsys, tmp_path):
    fresh = zoo.create("ladder_vae", **TINY)
    digits = small_images(1, 20)
    fit.fit(fresh, digits, digits, tmp_path, fit.Recipe(steps=1, learning_rate=1e-9))
    assert "groups 1, 2 of 2 carry nothing: less than 0.01 nats" in capsys.readouterr().out
    kls = {"kl_1": {"model": 2.0}, "kl_2": {"model": 0.02}}
    assert fresh.remarks(kls) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"groups": [1, 1], "latents": [2]}, "groups=1,1 and latents=2 are to be as many"),
        ({"groups": [0], "latents": [2]}, "at least 1"),
        ({"image_size": 9}, "try image_size=8,8"),
        ({"likelihood": "cauchy"}, "unknown likelihood=cauchy; choose bernoulli"),
    ],
)
def test_wrong_arguments_are_explained(arguments, message):
    with pytest.raises(UserError, match=message):
        zoo.create("ladder_vae", **TINY | arguments)


def test_linked_pixels_are_exported(tmp_path):
    """The bound of a color picture, in LiteRT as in Keras."""
    from ai_edge_litert.interpreter import Interpreter

    from export.litert import tflite

    linked = registry.create(
        "ladder_vae", channels=3, likelihood="logistic_mixture", patch=2, **TINY
    )
    given = {
        "image": tf.random.stateless_uniform([1, 8, 8, 3], [0, 2]),
        "noise": noise_of(linked, 1),
    }
    with tflite.fixed(linked, 8) as source:
        tflite.write(source, ["anomaly_score"], tmp_path / "score.tflite", "float32")
    runner = Interpreter(str(tmp_path / "score.tflite")).get_signature_runner("anomaly_score")
    found = runner(**{k: np.asarray(v) for k, v in given.items()})["score"]
    np.testing.assert_allclose(found, linked.serve["anomaly_score"](given)["score"], rtol=1e-5)
