"""Sides that take turns, so that whatever else the machine does meets all alike."""

import statistics
import sys
import time
from collections.abc import Callable

FEWEST_ROUNDS = 3
Turn = Callable[[int], float]  # how many -> seconds


def take(
    title: str, sides: dict[str, Turn], rounds: int, seconds: float, minutes: float
) -> dict[str, list[float]]:
    """Seconds of one step or inference, for each side and round.

    Args:
      title: of what is told on stderr.
      sides: what takes turns.
      rounds: at most.
      seconds: of a turn, about.
      minutes: after these, no rounds beyond three are begun.
    """
    deadline, counts = time.time() + 60 * minutes, {}
    for side, turn in sides.items():  # how many fill a turn
        once = min(turn(1), turn(2) / 2)
        counts[side] = max(1, min(1000, round(seconds / once)))
    found: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(rounds):
        if number >= FEWEST_ROUNDS and time.time() > deadline:
            break
        for side in sides if number % 2 == 0 else reversed(sides):
            found[side].append(sides[side](counts[side]) / counts[side])
        told = ", ".join(f"{side} {1000 * v[-1]:.2f} ms" for side, v in found.items())
        say(f"{title}, round {number + 1} of {rounds}: {told}")
    return found


def ratios(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """Of neighbors in time: the lower quartile, the median and the upper quartile."""
    return spread([a / b for a, b in zip(ours, theirs, strict=True)])


def spread(values: list[float]) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
