"""When an autoencoder pays as a codec: bytes an image against PSNR, JPEG and PNG beside."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from zoo.figures import Made, figure
from zoo.figures.latent_space import SIZES, autoencoder
from zoo.figures.training import images
from zoo.files import levels
from zoo.latents import encoding
from zoo.metrics.psnr import psnr
from zoo.pictures import plots

COUNT = 1000
QUALITIES = 1, 5, 10, 20, 30, 50, 70, 85, 95
BITS = 3, 4, 5, 6, 8


@figure
def compression(scratch: Path) -> Made:
    """Bytes of latents against JPEG and PNG at equal PSNR, and what the decoder itself weighs."""
    models = {size: autoencoder(scratch, size) for size in SIZES}
    test = images("mnist", COUNT, models[SIZES[0]])
    curves = {
        f"autoencoder, {size} latents": [_coded(model, test, bits) for bits in BITS]
        for size, model in models.items()
    }
    tables = len(_file(np.zeros([8, 8, 1]), "JPEG", quality=50)) - 2
    jpeg = [_files(test, quality) for quality in QUALITIES]
    curves["JPEG"] = jpeg
    curves["JPEG without its tables"] = [(size - tables, quality) for size, quality in jpeg]
    png = float(np.mean([len(_file(image, "PNG", optimize=True)) for image in test]))
    decoder = sum(2 * int(np.prod(v.shape)) for v in models[SIZES[-1]].decoder.weights)

    made, axes = plots.new(6.4, 3.8)
    for (name, points), color in zip(curves.items(), plots.COLORS, strict=False):
        axes.plot(*np.transpose(points), marker="o", label=name, color=color)
    axes.axvline(png, color=plots.MUTED, linestyle="--", label="PNG, exact")
    axes.set(xscale="log", xlabel="bytes an image", ylabel="PSNR in dB")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    best = curves[f"autoencoder, {SIZES[-1]} latents"][-1]
    rival = np.interp(
        best[1], *np.transpose([(q, s) for s, q in curves["JPEG without its tables"]])
    )
    pays = decoder / (rival - best[0])
    axes.set_title(
        f"{best[0]:.0f} bytes against JPEG's {rival:.0f} at {best[1]:.1f} dB:\n"
        f"the decoder's {decoder / 1e6:.1f} MB pay from {pays:,.0f} images on"
    )
    numbers = {
        name: [list(map(float, point)) for point in points] for name, points in curves.items()
    }
    told = {"png_bytes": png, "jpeg_table_bytes": tables, "decoder_bytes": decoder}
    return Made(made, numbers | told | {"pays_from_images": float(pays), "images": COUNT})


def _coded(model, test: np.ndarray, bits: int) -> tuple[float, float]:
    """Mean bytes and PSNR with each latent rounded to 2^bits levels, packed without more coding."""
    codes = encoding.encoder(model)(test)
    low, high = codes.min(0), codes.max(0)
    step = (high - low) / (2**bits - 1)
    rounded = low + step * np.round((codes - low) / step)
    decoded = encoding.decoder(model)(rounded)
    return np.ceil(codes.shape[1] * bits / 8), float(np.mean(psnr(test, decoded)))


def _files(test: np.ndarray, quality: int) -> tuple[float, float]:
    """Mean bytes and PSNR of JPEG files."""
    files = [_file(image, "JPEG", quality=quality) for image in test]
    decoded = np.stack([np.float32(Image.open(io.BytesIO(file))) / 255 for file in files])
    quality = float(np.mean(psnr(test, decoded[..., np.newaxis])))
    return float(np.mean([len(file) for file in files])), quality


def _file(image: np.ndarray, kind: str, **settings) -> bytes:
    out = io.BytesIO()
    Image.fromarray(levels.from_float(image[..., 0])).save(out, format=kind, **settings)
    return out.getvalue()
