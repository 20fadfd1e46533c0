"""How far a threshold can be trusted, in a line for people."""

from zoo.models.detector import Detector

SURE = 0.95


def told(model: Detector) -> str:
    """The threshold, the false alarms to expect, and what too few held-out pictures cannot tell."""
    count = len(model.held_out_scores())
    if not count:
        return "no good pictures were held out from training, so that there is no threshold"
    low, high = interval(count, model.rank())
    line = (
        f"threshold {model.threshold():.4f}, from {count} good pictures held out: "
        f"{model.false_alarms:.3g} false alarms asked for, {low:.2g} to {high:.2g} to be expected"
    )
    if model.rank() == count and 1 / (count + 1) > model.false_alarms:
        line += (
            f"; {count} pictures cannot tell fewer than {1 / (count + 1):.2g}: hold out more, such "
            "as --split=train[:70%] --validation_split=train[70%:]"
        )
    return line


def interval(count: int, rank: int) -> tuple[float, float]:
    """Between which shares of good pictures lie above the rank-th of `count` scores, in 95 of 100.

    That share has a beta distribution, whatever the scores are like.
    """
    from scipy.stats import beta

    tail = (1 - SURE) / 2
    return tuple(float(beta.ppf(p, count + 1 - rank, rank)) for p in (tail, 1 - tail))
