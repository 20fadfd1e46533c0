"""A denoiser beside scikit-image's non-local means, on the same noisy images in one run.

    python -m benchmarks.non_local_means --run=runs/denoise_mnist --dataset=mnist --split=test

Non-local means (Buades et al. 2005) is told the noise's stddev, and its filtering strength
is the best of five on the first 200 images of the training split.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from absl import flags
from tqdm import tqdm

from zoo import cli

FLAGS = flags.FLAGS
STRENGTHS = (0.4, 0.6, 0.8, 1.0, 1.2)


def main() -> None:
    from zoo import runs
    from zoo.data import pipeline, sources
    from zoo.metrics.psnr import psnr

    model = runs.load(FLAGS.run)
    low, high = model.strength
    if model.noise != "gaussian" or low != high:
        raise cli.UserError(f"{FLAGS.run} is not for one Gaussian stddev, as this comparison is")
    stddev = low / 255

    def score(split: str, limit: int | None, strength: float) -> dict[str, float]:
        source = sources.load(FLAGS.dataset, split, FLAGS.data_dir, model.channels)
        batches = pipeline.eval_batches(source, model, seed=FLAGS.seed, limit=limit)
        values = {"identity": [], "non-local means": [], "model": []}
        for noisy, clean in tqdm(batches, disable=None):
            answers = {
                "identity": noisy,
                "non-local means": _filtered(noisy.numpy(), stddev, strength),
                "model": model.infer(noisy),
            }
            for name, answer in answers.items():
                values[name].append(psnr(clean, answer).numpy())
        return {k: float(np.concatenate(v).mean()) for k, v in values.items()}

    tuning = {h: score("train", 200, h)["non-local means"] for h in STRENGTHS}
    best = max(tuning, key=tuning.get)
    scores = score(FLAGS.split, None, best)
    print(f"{FLAGS.run} on {FLAGS.dataset} {FLAGS.split}, stddev {low:g}, seed {FLAGS.seed}")
    for name, value in scores.items():
        note = f"  (h = {best:g} stddev)" if name == "non-local means" else ""
        print(f"{name:<18}{value:6.2f} dB{note}")


def _filtered(noisy: np.ndarray, stddev: float, strength: float) -> np.ndarray:
    from skimage.restoration import denoise_nl_means

    def one(image: np.ndarray) -> np.ndarray:
        clean = denoise_nl_means(
            image, 5, 6, h=strength * stddev, sigma=stddev, fast_mode=True, channel_axis=-1
        )
        return np.clip(clean, 0, 1).reshape(image.shape)

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(one, noisy)))


if __name__ == "__main__":
    flags.DEFINE_string("run", None, "A denoiser's run folder.", required=True)
    flags.DEFINE_string("dataset", "mnist", "As in train.py.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data.")
    flags.DEFINE_string("split", "test", "Images to score.")
    flags.DEFINE_integer("seed", 0, "Of the noise.")
    cli.run(main)
