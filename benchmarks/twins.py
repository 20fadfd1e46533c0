"""The zoo's networks once more, in PyTorch, with its weights: what its training is beside.

Modules bear the zoo's names, so that weights find their place by name.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks import cases


def conv(inputs: int, outputs: int, size: int = 3) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, size, padding=size // 2)


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv_1, self.conv_2 = conv(width, width), conv(width, width)

    def forward(self, x):
        return x + self.conv_2(F.relu(self.conv_1(x)))


class Down(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, 2 * width, 2, stride=2)

    def forward(self, x):
        return self.conv(x)


class Up(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv = conv(2 * width, 4 * width, 1)

    def forward(self, x):
        return F.pixel_shuffle(self.conv(x), 2)


def blocks(width: int, depth: int) -> nn.Sequential:
    stack = nn.Sequential()
    for i in range(depth):
        stack.add_module(f"block_{i}", Block(width))
    return stack


class Denoising(nn.Module):
    def __init__(self, channels: int = 3, width: int = 32, depth: int = 2, levels: int = 2):
        super().__init__()
        net = self.network = nn.Module()
        net.head = conv(channels, width)
        for i in range(levels):
            net.add_module(f"encoder_{i}", blocks(width * 2**i, depth))
            net.add_module(f"down_{i}", Down(width * 2**i))
            net.add_module(f"up_{i}", Up(width * 2**i))
            net.add_module(f"decoder_{i}", blocks(width * 2**i, depth))
        net.body = blocks(width * 2**levels, depth)
        net.tail = conv(width, channels)
        self.levels = levels

    def forward(self, images):
        net, skips = self.network, []
        x = net.head(images)
        for i in range(self.levels):
            skips.append(net.get_submodule(f"encoder_{i}")(x))
            x = net.get_submodule(f"down_{i}")(skips[-1])
        x = net.body(x)
        for i in reversed(range(self.levels)):
            x = net.get_submodule(f"up_{i}")(x) + skips[i]
            x = net.get_submodule(f"decoder_{i}")(x)
        return images - net.tail(x)

    def loss(self, inputs, target):
        return F.mse_loss(self(inputs), target)

    def infer(self, image):
        return self(image).clamp(0.0, 1.0)


class SuperResolution(nn.Module):
    def __init__(self, channels: int = 3, scale: int = 3, width: int = 32, depth: int = 5):
        super().__init__()
        self.head, self.body = conv(channels, width), nn.Sequential()
        for i in range(depth):
            self.body.add_module(f"conv_{i}", conv(width, width))
        self.tail, self.scale = conv(width, channels * scale**2), scale

    def forward(self, images):
        x = F.relu(self.head(images))
        for layer in self.body:
            x = F.relu(layer(x))
        anchor = images.repeat_interleave(self.scale**2, dim=1)
        return F.pixel_shuffle(anchor + self.tail(x), self.scale)

    def loss(self, inputs, target):
        return F.l1_loss(self(inputs), target)

    def infer(self, image):
        return self(image).clamp(0.0, 1.0)


class VAE(nn.Module):
    def __init__(self, latent_dim: int = cases.LATENTS, width: int = 32, side: int = 7):
        super().__init__()
        self.encoder, self.decoder = nn.Sequential(), nn.Sequential()
        add = self.encoder.add_module
        add("head", conv(1, width))
        for i in range(2):
            add(f"encode_{i}_0", Block(width * 2**i))
            add(f"down_{i}", Down(width * 2**i))
        add("encode_body_0", Block(4 * width))
        add("flatten", nn.Flatten())
        add("latent", nn.Linear(4 * width * side**2, 2 * latent_dim))
        add = self.decoder.add_module
        add("spread", nn.Linear(latent_dim, 4 * width * side**2))
        add("reshape", nn.Unflatten(1, (4 * width, side, side)))
        add("decode_body_0", Block(4 * width))
        for i in (1, 0):
            add(f"up_{i}", Up(width * 2**i))
            add(f"decode_{i}_0", Block(width * 2**i))
        add("tail", conv(width, 1))

    def posterior(self, images):
        mean, raw = self.encoder(images - 0.5).chunk(2, dim=1)
        return mean, F.softplus(raw + 0.5413) + 1e-4

    def loss(self, inputs, target):
        mean, stddev = self.posterior(inputs["image"])
        logits = self.decoder(mean + stddev * inputs["draws"][:, 0])
        nats = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
        kl = 0.5 * (mean.square() + stddev.square() - 1.0) - stddev.log()
        return (nats.sum(dim=[1, 2, 3]) + kl.sum(dim=1)).mean()

    def infer(self, image):
        return torch.sigmoid(self.decoder(self.posterior(image)[0]))


TWINS = {"denoising": Denoising, "super_resolution": SuperResolution, "vae": VAE}


def twin(name: str, weights: dict[str, np.ndarray], **arguments: int) -> nn.Module:
    """The network with the zoo's weights, by their names there."""
    model = TWINS[name](**arguments)
    state, scale = model.state_dict(), arguments.get("scale", 1)
    for key, value in state.items():
        path, kind = key.rsplit(".", 1)
        source = weights[f"{path.replace('.', '/')}/{'kernel' if kind == 'weight' else 'bias'}"]
        found = torch.from_numpy(_in_torch_order(path, np.asarray(source, np.float32), scale))
        assert found.shape == value.shape, key
        state[key] = found
    model.load_state_dict(state)
    return model


def _in_torch_order(path: str, array: np.ndarray, scale: int) -> np.ndarray:
    """[h, w, in, out] -> [out, in, h, w]; pixels and channels in PyTorch's order."""
    if path == "encoder.latent" and array.ndim == 2:
        array = array.reshape(7, 7, -1, array.shape[-1]).transpose(2, 0, 1, 3)
        array = array.reshape(-1, array.shape[-1])
    if path == "decoder.spread":  # its outputs are [h, w, c] there and [c, h, w] here
        array = np.moveaxis(array.reshape(*array.shape[:-1], 7, 7, -1), -1, -3)
        array = array.reshape(*array.shape[:-3], -1)
    block = scale**2 if path == "tail" else 4 if ".up_" in path else 0
    if block:  # [block, c] there and [c, block] here, before a pixel shuffle
        array = np.moveaxis(array.reshape(*array.shape[:-1], block, -1), -1, -2)
        array = array.reshape(*array.shape[:-2], -1)
    if array.ndim == 4:
        array = array.transpose(3, 2, 0, 1)
    return np.ascontiguousarray(array.T if array.ndim == 2 else array)


def to_torch(value, channels_last: bool = False):
    """NHWC arrays, or a dictionary with some, as NCHW tensors."""
    if isinstance(value, dict):
        return {key: to_torch(array, channels_last) for key, array in value.items()}
    tensor = torch.from_numpy(np.ascontiguousarray(value))
    if value.ndim != 4:
        return tensor
    tensor = tensor.permute(0, 3, 1, 2)
    return tensor if channels_last else tensor.contiguous()
