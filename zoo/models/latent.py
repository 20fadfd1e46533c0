"""The contract of models with latents, beside that of every model."""

from typing import Any

import numpy as np

from zoo.models.base import Model


class Latent(Model):
    """A model that turns images into codes, and codes and noise into images.

    `zoo.encode`, `project`, `sample`, the figures and the page of latents ask for these alone.
    """

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Of one image's code, such as (32,) for a vector or (7, 7, 16) for maps."""
        raise NotImplementedError

    def codes(self, images: Any) -> Any:
        """What images become: [b, h, w, c] in [0, 1], gray ones too -> [b, *latent_shape]."""
        raise NotImplementedError

    def decode(self, latent: Any) -> Any:
        """The images expected at codes: [b, *latent_shape] -> [b, h, w, c] in [0, 1]."""
        raise NotImplementedError

    def draw(self, noise: Any, choice: Any = None) -> Any:
        """New images, [b, h, w, c] in [0, 1].

        Args:
          noise: standard normal, [b, *latent_shape].
          choice: [b], uniform in [0, 1), for priors that choose.
        """
        raise NotImplementedError

    def spread(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The prior's mean and standard deviation, each `latent_shape`; None without a prior."""
        return None

    def baseline_codes(self, images: Any) -> Any:
        """What a method without learning makes of images, [b, d]."""
        raise NotImplementedError

    def baseline_draw(self, noise: Any) -> Any:
        """Its new images from standard normal noise: [b, d] -> [b, h, w, c] in [0, 1]."""
        raise NotImplementedError
