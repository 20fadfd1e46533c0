"""What models that undo degradations share: the strengths are arguments of all of them."""

from typing import ClassVar

from zoo.images import degradations
from zoo.models.restorer import Restorer

STRENGTHS = [d.parameter for d in degradations.DEGRADATIONS.values() if not d.changes_size]


class Degraded(Restorer):
    """A restorer of what `zoo.images.degradations` did to a picture.

    Its constructor takes the strength of each of them by its name, such as noise_stddev=25:
    a number, or [low, high] to train one blind model for all strengths between.
    """

    takes_strengths: ClassVar = True  # says so to `zoo.models.declarations`

    def __init__(self, **kwargs):
        strengths = {name: kwargs.pop(name, None) for name in STRENGTHS}
        super().__init__(**kwargs)
        for name, strength in strengths.items():
            setattr(self, name, strength)

    @classmethod
    def parameters(cls):
        return [*super().parameters(), *STRENGTHS]

    def chain(self, degrade: str, **scale: int) -> list[degradations.Step]:
        """The steps of "blur+noise" with the model's strengths; see `degradations.chain`."""
        strengths = {name: getattr(self, name) for name in STRENGTHS}
        return degradations.chain(degrade, strengths | scale)
