"""python -m zoo.detect: which pictures are not like the good ones, and where.

    python -m zoo.detect --run=runs/parts --output_dir=out PICTURES/

Writes NAME_heat.png for each picture (NAME_1_heat.png, ... where a file holds several), scores.csv
and scores.json with all of them, worst first, and sheet.png with the worst. The threshold comes
from good pictures that were held out from training, at --false_alarms. A file that cannot be read
is named and left out, and the exit status is then 2.
"""

import csv
import io
import json
import sys
from pathlib import Path

from absl import flags
from tqdm import tqdm

from zoo import cli, runs
from zoo.cli import UserError
from zoo.files import atomic, image_files
from zoo.files.image_files import BrokenImage
from zoo.pictures import panels
from zoo.restoration.batch import Output
from zoo.restoration.jobs import Job, jobs_of

FLAGS = flags.FLAGS
SHEET = 48  # pictures on the contact sheet, at most


def main(arguments: list[str]) -> None:
    output = Path(FLAGS.output_dir)
    jobs = jobs_of(arguments, output)
    runs.require(FLAGS.run, "Detector", "finds no defects")
    atomic.require_folder(output)
    _refuse_to_replace(output, jobs)
    cli.start_tensorflow()
    from zoo.detection import pictures, threshold

    model = runs.load(FLAGS.run, false_alarms=FLAGS.false_alarms)
    print(threshold.told(model))
    found, failed = [], []
    for job in tqdm(jobs, unit="image", disable=None):
        try:
            pages = [image_files.on_white(each) for each in image_files.read_all(job.source)]
        except (BrokenImage, OSError) as error:
            failed.append(job.source)
            tqdm.write(f"skipped {job.source}: {error}", file=sys.stderr)
            continue
        for number, pixels in enumerate(pages, 1):
            finding = model.detect(pixels)
            glowing = pictures.glowing(pixels, finding.heat)
            heat = _heat(job, number if len(pages) > 1 else None)
            panels.save(heat, glowing)
            found.append((finding.score, finding.defective, str(job.source), str(heat), glowing))
        found.sort(key=lambda row: -row[0])
        found[SHEET:] = [(*row[:4], None) for row in found[SHEET:]]  # what nobody will look at
    rows = [{"file": f, "score": s, "defective": d, "heat": h} for s, d, f, h, _ in found]
    _write(output, rows, model)
    if found:
        shown = [(f"{s:.3f} {Path(f).stem}"[:20], d, g) for s, d, f, _, g in found[:SHEET]]
        panels.save(output / "sheet.png", pictures.sheet(shown))
    for row in rows:
        if row["defective"]:
            print(f"{row['score']:.3f} {row['file']}")
    alarms = sum(row["defective"] for row in rows)
    print(f"{alarms} of {len(rows)} are not like the good ones; {output / 'sheet.png'}")
    if failed:
        raise UserError(
            f"{len(failed)} of {len(jobs)} files skipped: {', '.join(map(str, failed))}"
        )


def _heat(job: Job, page: int | None = None) -> Path:
    return job.target.with_name(f"{job.target.name}{'' if page is None else f'_{page}'}_heat.png")


def _refuse_to_replace(output: Path, jobs: list[Job]) -> None:
    """Raises UserError where files are there that this run's model has not made."""
    names = [output / "scores.json", output / "scores.csv", output / "sheet.png"]
    there = [path for path in [*names, *map(_heat, jobs)] if path.exists()]
    try:
        ours = json.loads(names[0].read_text())["run"] == FLAGS.run
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    Output(overwrite=FLAGS.overwrite or ours).refuse(there)


def _write(output: Path, rows: list[dict], model) -> None:
    """The table, for people's programs."""
    about = {"run": FLAGS.run, "threshold": model.threshold(), "false_alarms": model.false_alarms}
    atomic.write_json(output / "scores.json", about | {"pictures": rows})
    text = io.StringIO()
    table = csv.DictWriter(text, ["file", "score", "defective", "heat"])
    table.writeheader()
    table.writerows(row | {"defective": int(row["defective"])} for row in rows)
    atomic.write_text(output / "scores.csv", text.getvalue())


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("output_dir", None, "Where heat maps and tables go.", required=True)
    text = "Share of good pictures that may be taken for bad ones; default: as trained."
    flags.DEFINE_float("false_alarms", None, text, 0, 1)
    flags.DEFINE_bool("overwrite", False, "Replace files that another run's model has written.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
