"""python -m zoo.data FOLDER: what is in a folder, before a model is trained on it.

    python -m zoo.data PICTURES
    python -m zoo.data PICTURES --output_dir=out

Counts by split and class, sizes and kinds of the pictures, files that cannot be read, and files
that are there twice. With --output_dir also sheet.png, some pictures of each class.
"""

from collections import Counter
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS
NAMED = 10  # files of each sort of oddity


def main(arguments: list[str]) -> None:
    from zoo.data import contact_sheet, layout, survey
    from zoo.files import atomic

    if len(arguments) != 1:
        raise UserError(
            f"{len(arguments)} folders given; name one, as in python -m zoo.data PHOTOS"
        )
    output = Path(FLAGS.output_dir) if FLAGS.output_dir else None
    if output:
        atomic.require_folder(output)
    root = layout.root_of(arguments[0])
    seen = survey.of(root)
    for split, classes in survey.counts(seen).items():
        told = "" if set(classes) == {""} else f": {_listed(classes)}"
        print(f"{split:<12}{classes.total():,} files{told}")
    good = [each for each in seen if each.sides]
    if good:
        sides = survey.sides(good).items()
        print(f"{'sides':<12}{', '.join(f'{name} {w}x{h}' for name, (w, h) in sides)}")
        print(f"{'kinds':<12}{_listed(Counter(each.kind for each in good), '; ')}")
    bad, twins = survey.unreadable(seen), survey.duplicates(seen)
    print(f"{'unreadable':<12}{len(bad):,}")
    for each in bad[:NAMED]:
        print(f"  {each.file.relative_to(root)}: {each.kind}")
    print(f"{'twice':<12}{len(twins):,}{_across(twins)}")
    for group in twins[:NAMED]:
        print(f"  {' = '.join(str(each.file.relative_to(root)) for each in group)}")
    if output and good:
        path = output / "sheet.png"
        with atomic.beside(path) as temporary:
            contact_sheet.draw(seen).save(temporary, format="PNG")
        print(path)


def _listed(counted: Counter, between: str = ", ") -> str:
    return between.join(f"{name or 'in none'} {count:,}" for name, count in counted.most_common())


def _across(twins: list[list]) -> str:
    """How many are in several splits or classes, which a score would not survive."""
    splits = sum(len({each.split for each in group}) > 1 for group in twins)
    classes = sum(len({each.class_name for each in group}) > 1 for group in twins)
    told = [
        f"{n:,} in several {kind}" for kind, n in (("splits", splits), ("classes", classes)) if n
    ]
    return f", {' and '.join(told)}" if told else ""


def define_flags() -> None:
    flags.DEFINE_string("output_dir", None, "Where to write sheet.png, some of the pictures.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
