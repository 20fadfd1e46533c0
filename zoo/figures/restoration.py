"""Rows of pictures: what is given, what is made of it, the truth, and the classical answer."""

from pathlib import Path

import numpy as np

from zoo import runs
from zoo.data import pipeline, sources
from zoo.figures import Made, figure
from zoo.pictures import plots


@figure
def denoising(scratch: Path) -> Made:
    """Photographs with noise of sigma 25, restored; non-local means beside."""
    del scratch
    return _rows(
        "denoise_color", ("photos", "test"), ("photos", "train"), crop_size=192, noise_stddev=25
    )


@figure
def super_resolution(scratch: Path) -> Made:
    """Photographs enlarged 3 times; bicubic beside."""
    del scratch
    return _rows("sr_base_x3", ("photos", "test"), ("photos", "train"), crop_size=144)


@figure
def completion(scratch: Path) -> Made:
    """Photographs with a hole, completed; mean, biharmonic and Telea beside."""
    del scratch
    return _rows("complete", ("photos", "test"), ("photos", "train"), crop_size=96)


@figure
def colorization(scratch: Path) -> Made:
    """Gray pictures of CIFAR-10's test set, in the likeliest colors and in vivid ones."""
    del scratch
    return _rows("colorize", ("cifar10", "test[:5]"), also={"vivid": "colorize_vivid"})


def _rows(
    preset: str, *parts: tuple[str, str], crop_size: int = 0, also: dict | None = None, **strengths
) -> Made:
    """One row an image of the parts, (data set, split); one column an answer.

    `also`: further presets whose answers are shown, by title.
    """
    model = runs.load(preset, **strengths)
    others = {title: runs.load(name) for title, name in (also or {}).items()}
    rows = []
    for seed, (name, split) in enumerate(parts):
        source = sources.load(name, split, None, model.channels)
        for batch in pipeline.eval_batches(source, model, seed=seed, crop_size=crop_size):
            rows += _columns(model, others, *batch)
    titles, side = list(rows[0]), min(1.5, 6.4 / len(rows[0]))
    size = side * len(titles), (side + 0.25) * len(rows) + 0.5
    made, axes = plots.new(*size, len(rows), len(titles), squeeze=False)
    metric = model.eval_metrics()[model.headline]
    made.suptitle(f"{preset}, {model.headline} under each", fontsize=8, color=plots.MUTED)
    for i, (line, row) in enumerate(zip(axes, rows, strict=True)):
        for ax, (title, (picture, value)) in zip(line, row.items(), strict=True):
            below = "" if value is None else f"{value:.2f} {metric.unit}"
            plots.show(ax, picture, "" if i else title, below)
    values = {title: [row[title][1] for row in rows] for title in titles}
    return Made(made, {model.headline: {t: v for t, v in values.items() if None not in v}})


def _columns(model, others: dict, inputs, target) -> list[dict]:
    """For every image of a batch: title -> picture, and the headline metric where it applies."""
    metric = model.eval_metrics()[model.headline]
    extra = {"inputs": inputs} if metric.needs_inputs else {}
    output = model.infer(inputs)
    before, after, truth = model.preview(inputs, target, output)
    answers = {"baseline": model.baseline(inputs)}
    answers |= {peer: function(inputs) for peer, function in model.peers().items()}
    answers |= {after: output} | {title: other.infer(inputs) for title, other in others.items()}
    none = [None] * len(target)
    shown = {before: (_picture(model, inputs, target, output, before), none)}
    for title, answer in answers.items():
        picture = _picture(model, inputs, target, answer, after)
        values = np.asarray(metric.function(target, answer, **extra), float).tolist()
        # Often the baseline is what was given, such as the noisy picture itself.
        same = title == "baseline" and np.allclose(picture, shown[before][0], atol=1e-6)
        shown[before if same else title] = picture, values
    shown[truth] = _picture(model, inputs, target, output, truth), none
    return [{t: (p[i], v[i]) for t, (p, v) in shown.items()} for i in range(len(target))]


def _picture(model, inputs, target, answer, title: str) -> np.ndarray:
    return np.clip(model.preview(inputs, target, answer)[title], 0, 1)
