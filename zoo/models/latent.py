"""The contract of models with latents, beside that of every model."""

from typing import Any

import numpy as np

from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.models.base import Model


class Latent(Model):
    """A model that turns images into codes, and codes and noise into images.

    `zoo.encode`, `project`, `sample`, the figures and the page of latents ask for these alone.
    """

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Of one image's code, such as (32,) for a vector or (7, 7, 16) for maps."""
        raise NotImplementedError

    @property
    def latent_groups(self) -> list[int]:
        """Of a hierarchy: how many numbers of a code each level has, the coarsest first."""
        return []

    def encode(self, images: Any) -> np.ndarray:
        """What pictures become, as a person has them.

        Args:
          images: [b, h, w], [b, h, w, c], or one picture without the b; uint8 or uint16 over
            their full range, bool, or floats in [0, 1]. Or the path of a picture, or one of
            Pillow's.

        Returns:
          float32 [b, *latent_shape]; of one picture without the b.

        Raises:
          UserError: where they are none, or do not fit the model.
        """
        pixels = image_files.suited(images, self.channels)
        levels.check(pixels, "images")
        pixels = levels.to_float(pixels)
        if pixels.shape[-1:] != (self.channels,) or pixels.ndim < 3:
            pixels = pixels[..., np.newaxis]
        is_one = pixels.ndim == 3
        pixels = pixels[np.newaxis] if is_one else pixels
        expected = [*(self.image_size or pixels.shape[1:3]), self.channels]
        if list(pixels.shape[1:]) != expected:
            raise UserError(
                f"images {list(pixels.shape)} do not fit this model, whose images are "
                f"[batch, {', '.join(map(str, expected))}]"
            )
        codes = np.asarray(self.codes(pixels), np.float32)
        return codes[0] if is_one else codes

    def sample(self, count: int, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
        """New pictures from the prior.

        Args:
          count: how many; the first stay the same when more are drawn.
          seed: the same draws the same.
          temperature: scales the noise; below 1 pictures are more alike and more typical.

        Returns:
          float32 [count, h, w, c] in [0, 1].

        Raises:
          UserError: where count is negative.
        """
        if count < 0:
            raise UserError(f"{count} samples; ask for 0 or more")
        noise, choice = np.random.default_rng(seed).spawn(2)
        latents = temperature * noise.standard_normal([count, *self.latent_shape])
        chosen = choice.random(count, np.float32)
        return np.asarray(self.draw(latents.astype(np.float32), chosen))

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
