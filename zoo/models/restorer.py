"""The contract of models that give a picture back, beside that of every model."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from zoo.files import image_files
from zoo.layers.blocks import UNet
from zoo.metrics.psnr import psnr
from zoo.metrics.ssim import ssim
from zoo.models import tiles
from zoo.models.base import Metric, Model, Signature, Tensor


class Restorer(Model):
    """A model whose `call` is its `restore` signature: pictures of any size in, pictures out.

    Attributes:
      meanings: in words, what goes in and what comes out.
      beside: what `restore` takes beside the image, by name; `takes` says what it is.
      keeps_pixels: whether some come back bit for bit, which a lossy file would spoil.
      colors: whether it takes gray pictures and gives colored ones.
    """

    meanings: ClassVar[tuple[str, str]] = "image", "restored image"
    beside: ClassVar[tuple[str, ...]] = ()
    keeps_pixels: ClassVar = False
    colors: ClassVar = False

    def takes(self) -> dict[str, Tensor]:
        """The inputs of `restore`: those of `call`, by name, `image` first."""
        return {"image": Tensor((None, None, self.channels), self.meanings[0], (0.0, 1.0))}

    def eval_metrics(self):
        return {"psnr": Metric(psnr, "dB"), "ssim": Metric(ssim, "")}

    def signatures(self):
        def restore(**inputs):
            return {"image": self(inputs if len(inputs) > 1 else inputs["image"])}

        image = Tensor((None, None, self.channels), self.meanings[1], (0.0, 1.0))
        return {"restore": Signature(restore, self.takes(), {"image": image})}

    def served(self, serve: Callable[..., dict[str, np.ndarray]], inputs: Any) -> Any:
        given = inputs if isinstance(inputs, dict) else {"image": inputs}
        return serve("restore", {name: given[name] for name in self.takes()})["image"]

    def unet(self, outputs: int, reach: int = 32, fold: int = 1) -> UNet:
        """A U-Net by the model's `width`, `depth` and `levels`; sets its stride and overlap.

        Args:
          outputs: channels of its answer.
          reach: beyond so many pixels, what a pixel's answer depends on hardly matters.
          fold: side of the squares that become channels in front of it.
        """
        network = UNet(outputs, self.width, self.depth, self.levels, fold, name="network")
        self.stride, self.overlap = network.stride, network.overlap(reach)
        return network

    def restore(self, images: Any, strength: float = 1.0, **inputs: Any) -> np.ndarray:
        """Restores images of any size, in tiles.

        Args:
          images: [height, width], [height, width, channels] or [batch, height, width, channels];
            uint8 or uint16 over their full range, bool, or floats in [0, 1]. Or the path of a
            picture, or one of Pillow's, as seen on white. Gray ones may be stored as RGB.
          strength: how far from the images, 0, to what the network makes of them, 1.
          **inputs: what else the `restore` signature takes, of the image's size.

        Returns:
          Images of the same kind, `scale` times as large.

        Raises:
          UserError: where an image does not fit the model.
        """
        given = {"image": images} | inputs
        for name in self.takes().keys() & given:
            given[name] = image_files.suited(given[name], self.takes()[name].shape[-1])
        return tiles.restore(self, given.pop("image"), strength=strength, **given)
