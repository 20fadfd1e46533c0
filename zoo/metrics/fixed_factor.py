"""Disentanglement by holding one factor still: which latent holds still with it?

Pictures that share a factor are drawn from those given, with replacement, so that no picture
is encoded twice; the halves to learn from and to judge on have no picture in common.
"""

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import LogisticRegression

# A latent of less variance over all pictures says nothing of them; a VAE's live ones have 1.
DEAD = 0.05


def factor_vae_score(
    codes: np.ndarray, factors: np.ndarray, votes: int = 800, pictures: int = 64, seed: int = 0
) -> float:
    """The FactorVAE metric (Kim and Mnih 2018, section 4).

    Of pictures that share one factor, the latent that varies least, by its variance over all
    pictures, votes for that factor. A latent stands for the factor that most of its votes name;
    the score is how often that is right of other pictures. Chance is 1 / k. Dead latents, of
    variance below 0.05, have no vote; where all are dead the score is 0.

    Args:
      codes: [n, d], in no order.
      factors: [n, k].
      votes: how many to learn from, and how many to judge on.
      pictures: behind one vote.
      seed: of what is drawn.
    """
    variances = codes.var(0)
    alive = variances > DEAD
    if not alive.any():
        return 0.0
    codes = codes[:, alive] / np.sqrt(variances[alive])

    def stillest(codes: np.ndarray, sharing: np.ndarray) -> np.ndarray:
        return codes[sharing].var(1).argmin(-1)

    groups = votes // factors.shape[1]
    learned, judged = _halves(codes, factors, groups, pictures, stillest, seed)
    counts = np.zeros([codes.shape[1], factors.shape[1]])
    np.add.at(counts, learned, 1)
    latents, named = judged
    return float(np.mean(counts.argmax(-1)[latents] == named))


def beta_vae_score(
    codes: np.ndarray, factors: np.ndarray, points: int = 800, pairs: int = 64, seed: int = 0
) -> float:
    """The beta-VAE metric (Higgins et al. 2017, section 3).

    How often a linear classifier knows which factor two pictures share, from the mean over
    pairs of |difference of codes|, of pictures that it was not trained on. Chance is 1 / k.

    Args:
      codes: [n, d], in no order.
      factors: [n, k].
      points: how many to learn from, and how many to judge on.
      pairs: behind one point; each pair shares a value of its own.
      seed: of what is drawn.
    """
    # The noise of dead latents is not scaled up.
    codes = codes / np.sqrt(np.maximum(codes.var(0), DEAD))

    def differences(codes: np.ndarray, sharing: np.ndarray) -> np.ndarray:
        apart = np.abs(codes[sharing[:, 0]] - codes[sharing[:, 1]])
        return apart.reshape(-1, pairs, codes.shape[1]).mean(1)

    groups = points // factors.shape[1] * pairs
    learned, judged = _halves(codes, factors, groups, 2, differences, seed)
    (x, y), (other_x, other_y) = ((x, y[::pairs]) for x, y in (learned, judged))
    classifier = LogisticRegression(C=10.0, max_iter=1000).fit(x, y)
    return float(classifier.score(other_x, other_y))


def _halves(
    codes: np.ndarray,
    factors: np.ndarray,
    groups: int,
    members: int,
    see: Callable[[np.ndarray, np.ndarray], np.ndarray],
    seed: int,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each half of the pictures, what is seen of groups that share a factor, and which one.

    Args:
      groups: how many for each factor.
      members: pictures of one group.
      see: (codes, which of them [groups, members]) -> [groups, ...].
    """
    random, middle, halves = np.random.default_rng(seed), len(codes) // 2, []
    for half in (slice(None, middle), slice(middle, None)):
        seen, shared = [], []
        for k, factor in enumerate(factors[half].T):
            sharing = _sharing(factor, groups, members, random)
            seen.append(see(codes[half], sharing))
            shared.append(np.full(len(sharing), k))
        halves.append((np.concatenate(seen), np.concatenate(shared)))
    return halves


def _sharing(
    factor: np.ndarray, groups: int, members: int, random: np.random.Generator
) -> np.ndarray:
    """Which pictures, [groups, members], so that each group shares its value of a factor [n]."""
    order = np.argsort(factor)
    values = factor[random.integers(len(factor), size=[groups, 1])]
    start, stop = (np.searchsorted(factor[order], values, side) for side in ("left", "right"))
    return order[random.integers(start, stop, size=[groups, members])]
