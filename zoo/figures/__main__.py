"""python -m zoo.figures NAME ...|all: pictures and the numbers in them.

    python -m zoo.figures latent_size latent_map --output_dir=figures
    python -m zoo.figures all --output_dir=figures

Writes NAME.png and NAME.json. What has to be trained is trained in OUTPUT_DIR/runs, once.

latent_size             digits through 2, 5, 10 and 32 latents, autoencoder beside PCA
projection              pixels and latents in the plane, by PCA and t-SNE
latent_map              the plane of a VAE's two latents, decoded, and the test digits on it
interpolation           between two digits: pixels, autoencoder, VAE
ae_generation           noise decoded by the plain autoencoder of MNIST
vae_generation          samples of a VAE of MNIST
vae_generation_cifar10  samples of a VAE of CIFAR-10
vae_reconstruction      test images through both
levels                  what each level of a hierarchical VAE holds
denoising               photographs with noise, restored
super_resolution        photographs enlarged 3 times
completion              photographs with a hole, completed
colorization            gray pictures in color
traversal               one latent moved a row, beta-VAE beside VAE, on sprites and chairs
turning                 by how many degrees a latent turns a chair, beta-VAE beside VAE
elbo                    the bound and its two terms along a training
rate_distortion         what beta trades
compression             bytes of latents against JPEG and PNG
"""

import time
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.files import atomic

FLAGS = flags.FLAGS
MODULES = "latent_space", "generation", "restoration", "disentangled", "bounds", "compression"


def main(names: list[str]) -> None:
    cli.start_tensorflow()
    from zoo import runs
    from zoo.pictures import plots

    figures = _figures()
    for name in names:
        if name not in [*figures, "all"]:
            raise UserError(f"unknown figure {name!r}; choose all, or {', '.join(figures)}")
    if not names:
        raise UserError(f"no figure named; choose all, or {', '.join(figures)}")
    output = Path(FLAGS.output_dir)
    atomic.require_folder(output)
    for name in figures if "all" in names else names:
        started = time.time()
        command = f"python -m zoo.figures {name}"
        with plots.styled():
            made = figures[name](output / "runs")
            made.figure.supxlabel(command, fontsize=7, color=plots.MUTED, family="monospace")
            output.mkdir(parents=True, exist_ok=True)
            plots.save(made.figure, output / f"{name}.png")
        seconds = round(time.time() - started, 1)
        content = {"command": command, "seconds": seconds, "numbers": made.numbers}
        runs.write_json(output / f"{name}.json", content)
        print(f"{output / name}.png, .json ({seconds:.0f} s)", flush=True)


def _figures() -> dict:
    """Name -> what makes it."""
    from importlib import import_module

    from zoo.figures import FIGURES

    for module in MODULES:
        import_module(f"zoo.figures.{module}")
    return FIGURES


def console() -> None:
    flags.DEFINE_string("output_dir", "figures", "Where the pictures and numbers go.")
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
