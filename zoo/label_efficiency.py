"""python -m zoo.label_efficiency: what trained encoders are worth where labels are few.

    python -m zoo.label_efficiency --encoders=vae_mnist,autoencoder_mnist --output_dir=out

Every encoder is probed (frozen under a linear layer), finetuned, and trained from scratch, on
few labels of each class, for several draws of them. Prints a table, and writes it as
label_efficiency.json and .png; the same --output_dir again goes on where it was stopped.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from absl import flags
from tabulate import tabulate
from tqdm import tqdm

from zoo import cli, runs
from zoo.cli import UserError
from zoo.data import names
from zoo.files import atomic
from zoo.models import parsers
from zoo.training import recipe as recipes

FLAGS = flags.FLAGS
MODES = {"frozen": "probe", "finetune": "finetuned", "scratch": "from scratch"}
SETTINGS = "dataset", "split", "test_split", "encoder_rate", "dropout"
# Its defaults here; steps and epochs are both the least.
RECIPE = {"augment": "shift", "steps": 400, "epochs": 4.0, "batch_size": 50, "learning_rate": 1e-3}


def main() -> None:
    counts = _counts()
    for encoder in FLAGS.encoders:
        runs.check(encoder)
    names.check(FLAGS.dataset)
    atomic.require_folder(Path(FLAGS.output_dir))
    cli.start_tensorflow()
    from zoo.data import sources
    from zoo.training.few_labels import errors, summary

    channels = runs.read_config(FLAGS.encoders[0])["config"]["channels"]
    train, test = (
        sources.load(FLAGS.dataset, split, FLAGS.data_dir, channels)
        for split in (FLAGS.split, FLAGS.test_split)
    )
    _check(train, test, max(counts))
    path = Path(FLAGS.output_dir, "label_efficiency.json")
    report = _begun(path)
    keys = "labels_per_class", "seed", "encoder", "mode"
    jobs = list(itertools.product(counts, range(FLAGS.seeds), FLAGS.encoders, MODES))
    known = {tuple(result[key] for key in keys) for result in report["results"]}
    recipe = recipes.Recipe(**{name: FLAGS[name].value for name in RECIPE})
    strengths = {"encoder_rate": FLAGS.encoder_rate, "dropout": FLAGS.dropout}
    for job in tqdm([job for job in jobs if job not in known], unit="training", disable=None):
        one = dict(zip(keys, job, strict=True))
        found = errors(train, test, recipe, **one, **strengths)
        report["results"].append(one | found)
        path.parent.mkdir(parents=True, exist_ok=True)
        runs.write_json(path, report)
    asked = [r for r in report["results"] if tuple(r[key] for key in keys) in set(jobs)]
    means = summary(asked)
    print(f"{FLAGS.dataset} {test.split}: error in %, mean (standard deviation) of the draws")
    print(_table(means, counts))
    _draw(means, path.with_suffix(".png"))
    print(f"{path}, {path.with_suffix('.png')}")


def _counts() -> list[int]:
    if not all(count.isdecimal() and int(count) for count in FLAGS.labels_per_class):
        given = ",".join(FLAGS.labels_per_class)
        raise UserError(f"--labels_per_class={given} must be numbers from 1 on, as in 1,10,100")
    return sorted({int(count) for count in FLAGS.labels_per_class})


def _check(train, test, most: int) -> None:
    """Raises UserError, before the first training, where one could not be done."""
    from zoo.data import labels
    from zoo.models import encoder_source, registry

    labels.few(train, most)
    test.require_labels()
    height, width, channels = train.image_shape
    if height is None:
        raise UserError(f"{FLAGS.dataset} has images of differing sizes; encoders take one size")
    for encoder in FLAGS.encoders:
        config = runs.read_config(encoder)
        source = registry.create(config["model"], **config["config"])
        encoder_source.check(source, [height, width], channels)


def _begun(path: Path) -> dict:
    """What an earlier call has written, if it was with the same settings."""
    settings = {name: FLAGS[name].value for name in (*SETTINGS, *RECIPE)}
    if not path.exists():
        return {"settings": settings, "results": []}
    report = json.loads(path.read_text())
    for name, value in settings.items():
        theirs = report["settings"].get(name)
        if theirs != value:
            raise UserError(
                f"{path} was made with --{name}={theirs}, not {value}; choose another --output_dir"
            )
    return report


def _table(means: dict, counts: list[int]) -> str:
    head = ["labels of each class", *(f"{count:,}" for count in counts)]
    rows = [
        [f"{encoder} {MODES.get(mode, mode)}"]
        + [f"{errors[n][0]:.2f} ({errors[n][1]:.2f})" for n in counts]
        for (encoder, mode), errors in means.items()
    ]
    return tabulate(rows, head, "plain", colalign=["left"] + ["right"] * len(counts))


def _draw(means: dict, path: Path) -> None:
    from zoo.pictures import plots

    encoders = dict.fromkeys(encoder for encoder, mode in means if mode)
    colors = dict(zip(encoders, plots.COLORS, strict=False))
    dashes = dict(zip(MODES, ("--", "-", ":"), strict=True))
    with plots.styled():
        figure, axes = plots.new(6.4, 3.8)
        for (encoder, mode), errors in means.items():
            middle, spread = np.transpose([*errors.values()])
            label = f"{encoder}, {MODES[mode]}" if mode else encoder
            style = {"color": colors.get(encoder, plots.MUTED), "linestyle": dashes.get(mode, "-.")}
            axes.errorbar([*errors], middle, spread, label=label, capsize=3, marker="o", **style)
        axes.set(xscale="log", yscale="log", xlabel="labels of each class", ylabel="error in %")
        axes.set_xticks([*errors], [f"{count:,}" for count in errors])
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        plots.save(figure, path)


def define_flags() -> None:
    text, integer, number = flags.DEFINE_string, flags.DEFINE_integer, flags.DEFINE_float
    flags.DEFINE_list("encoders", None, "Runs or presets, with commas between.", required=True)
    text("dataset", "mnist", "Labeled images, as in train.py.")
    text("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    text("split", "train", "From which labels are drawn.")
    text("test_split", "test", "On which errors are counted.")
    flags.DEFINE_list("labels_per_class", ["1", "10", "100", "1000"], "How many, in turn.")
    integer("seeds", 5, "Draws of labels.", lower_bound=1)
    texts = {
        "steps": "of each training, at the least.",
        "augment": "of the labeled images, in every mode.",
    }
    texts["epochs"] = "passes over the labeled images, at the least."
    for name, default in RECIPE.items():
        parsers.define(name, recipes.arguments()[name], default, texts.get(name, ""))
        flags.declare_key_flag(name)
    number("encoder_rate", 1, "Factor on it for an encoder that is finetuned.", lower_bound=0)
    number("dropout", 0.7, "Of the features in training, in every mode.", 0, 0.99)
    text("output_dir", None, "Where the table and the plot go.", required=True)


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
