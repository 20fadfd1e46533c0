"""Pictures out of latents: drawn, mixed, walked between, moved along one by one, laid out.

Codes are rows of numbers here, [n, d], whatever shape the model gives them. All go in as numpy
arrays and come out as float32 images [n, h, w, c] in [0, 1].
"""

import warnings
from statistics import NormalDist

import numpy as np

from zoo.cli import UserError
from zoo.latents.encoding import batched, decoder, encoder
from zoo.models.latent import Latent

MOST = 512  # latents that are moved one by one


def prior_samples(model: Latent, count: int, temperature: float = 1.0, seed: int = 0) -> np.ndarray:
    """Images from the model's prior, [count, h, w, c].

    Args:
      model: one that decodes.
      count: how many; the first ones stay the same when more are drawn.
      temperature: scales the noise; below 1 the pictures are more alike and more typical.
      seed: the same seed draws the same images.

    Raises:
      UserError: for a count below 1 or a negative temperature.
    """
    _check(count, temperature)
    noise, choice = np.random.default_rng(seed).spawn(2)
    latents = temperature * noise.standard_normal([count, *model.latent_shape])
    return batched(model.draw)(latents, choice.random(count, np.float32))


def mixture_samples(
    model: Latent,
    codes: np.ndarray,
    count: int,
    components: int = 50,
    temperature: float = 1.0,
    seed: int = 0,
) -> np.ndarray:
    """Images decoded from a Gaussian mixture that is fitted to codes, [count, h, w, c].

    A density fitted afterwards turns any autoencoder into a generator, and mends a VAE whose
    codes do not fill its prior (Ghosh et al. 2020, section 4).

    Args:
      model: one that decodes.
      codes: of real images, [n, d].
      count: how many images.
      components: of the mixture, each with its full covariance.
      temperature: scales the noise around the components' means.
      seed: of the fit and of the draws.

    Raises:
      UserError: for more components than codes, codes that no mixture can be fitted to, a
        count below 1 or a negative temperature.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    _check(count, temperature)
    if components > len(codes):
        raise UserError(f"--components={components} are more than there are codes, {len(codes)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # nearly fitted will do
        try:
            mixture = GaussianMixture(components, random_state=seed).fit(np.float64(codes))
        except ValueError as error:  # such as codes that are not finite
            raise UserError(f"no mixture can be fitted to these codes: {error}") from None
    generator = np.random.default_rng(seed)
    chosen = generator.choice(components, count, p=mixture.weights_)
    noise = temperature * generator.standard_normal([count, codes.shape[1]])
    for component, root in enumerate(np.linalg.cholesky(mixture.covariances_)):
        mine = chosen == component
        noise[mine] = mixture.means_[component] + noise[mine] @ root.T
    return decoder(model)(noise)


def interpolate(
    model: Latent, first: np.ndarray, second: np.ndarray, steps: int = 10
) -> np.ndarray:
    """A walk from one image [h, w, c] to another, [steps, h, w, c].

    It begins and ends with the reconstructions. It is straight: a great circle suits draws
    from a standard normal prior, which all lie near one sphere, but codes lie inside it, in
    two dimensions a circle is a detour, and a plain autoencoder's codes have no center.
    """
    start, end = encoder(model)(np.stack([first, second]))
    share = np.linspace(0.0, 1.0, steps)[:, np.newaxis]
    return decoder(model)((1.0 - share) * start + share * end)


def redrawn(model: Latent, images: np.ndarray, levels: int, seed: int = 0) -> np.ndarray:
    """Images [n, h, w, c] of which only the coarsest `levels` levels of latents are kept.

    The finer ones are drawn anew from their priors, so that what stays is what the kept hold.

    Raises:
      UserError: where the model has no levels.
    """
    if not model.latent_groups:
        raise UserError(f"a {model.registered_name} model has no levels of latents")
    codes = encoder(model)(images)
    kept = sum(model.latent_groups[:levels])
    noise = np.random.default_rng(seed).standard_normal(codes.shape)
    return decoder(model)(np.concatenate([codes[:, :kept], noise[:, kept:]], axis=1))


def traverse(
    model: Latent,
    code: np.ndarray,
    mean: np.ndarray,
    stddev: np.ndarray,
    steps: int = 9,
    reach: float = 2.0,
) -> tuple[np.ndarray, np.ndarray]:
    """What each latent does while the others stay as they are.

    Args:
      model: one that decodes.
      code: where the others stay, [d].
      mean: the middle of each latent's range, [d].
      stddev: its unit, [d].
      steps: images for each latent.
      reach: standard deviations to either side.

    Returns:
      (latents, images): [d] and [d, steps, h, w, c]. Row i moves latent `latents[i]`; those
      that change the image most, and so tell most, come first.

    Raises:
      UserError: for more latents than anybody would look through.
    """
    count = len(code)
    if count > MOST:
        raise UserError(f"--traverse moves latents one by one, and {count} are more than {MOST}")
    moved = np.tile(np.float64(code), [count, steps, 1])
    moves = np.linspace(-reach, reach, steps)
    for latent in range(count):
        moved[latent, :, latent] = mean[latent] + moves * stddev[latent]
    images = decoder(model)(moved.reshape(-1, count))
    images = images.reshape(count, steps, *images.shape[1:])
    latents = np.argsort(-images.var(axis=1).mean(axis=(1, 2, 3)), kind="stable")
    return latents, images[latents]


def plane(model: Latent, mean: np.ndarray, stddev: np.ndarray, side: int = 20) -> np.ndarray:
    """Two latents' whole plane, [side * side, h, w, c], row by row as it is seen.

    The first latent rises to the right and the second one upward, in steps of equal
    probability under a normal distribution of this mean and stddev, each [2] (Kingma and
    Welling 2014, figure 4).
    """
    quantiles = [NormalDist().inv_cdf((i + 0.5) / side) for i in range(side)]
    second, first = np.meshgrid(quantiles[::-1], quantiles, indexing="ij")
    return decoder(model)(mean + stddev * np.stack([first, second], -1).reshape(-1, 2))


def _check(count: int, temperature: float) -> None:
    if count < 1:
        raise UserError(f"--count={count} must be at least 1")
    if not 0 <= temperature < np.inf:
        raise UserError(f"--temperature={temperature:g} must be at least 0")
