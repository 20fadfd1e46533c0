"""The web page: one static folder that runs exported models by LiteRT.js, in the browser alone.

WEB/index.html restores pictures, or finds defects in them, WEB/latents.html explores latents.
Beside them lie LiteRT.js, models.json, and a folder for each model with its signatures.json and
.tflite files.
"""

import json
import os
import shutil
from pathlib import Path

from export import publish
from zoo import presets, runs
from zoo.cli import UserError

ROOT = Path(__file__).parent
PACKAGES = ROOT / "node_modules" / "@litertjs"
# The first that there is is taken: the lightest that computes with float32 activations.
FORMATS = "float16", "float32", "dynamic_int8", "int8"
# For browsers with relaxed SIMD, for those without, and for pages that may start threads.
VARIANTS = "litert_wasm_internal", "litert_wasm_compat_internal", "litert_wasm_threaded_internal"


def check(formats: list[str]) -> None:
    """Raises UserError where a page cannot be made: before anything is exported."""
    if not set(formats) & set(FORMATS):
        raise UserError(f"--web needs a LiteRT format, one of {','.join(FORMATS)}")
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]["@litertjs/core"]
    installed = PACKAGES / "core" / "package.json"
    if not installed.exists() or json.loads(installed.read_text())["version"] != wanted:
        raise UserError(
            f"--web needs LiteRT.js {wanted}, which npm installs: "
            f"`npm ci --prefix {os.path.relpath(ROOT)}`"
        )


def write(
    output: Path,
    folders: dict[str, Path],
    dataset: str | None = None,
    data_dir: str | None = None,
) -> Path:
    """Writes the folder `web`, or replaces it whole.

    Args:
      output: gets it.
      folders: run -> the folder of its artifacts.
      dataset: where real pictures come from; by default the run's own data.
      data_dir: where TFDS keeps its data.

    Returns:
      The folder.

    Raises:
      UserError: where no page can do anything with any of the models.
    """
    with publish.beside(output) as made:
        web = made / "web"
        shutil.copytree(ROOT / "page", web)
        _copy_litert(web / "litert")
        entries = []
        for run, folder in folders.items():
            entry = _add(web, run, folder, dataset, data_dir)
            if entry:
                entries.append(entry)
        if not entries:
            raise UserError(
                "no page can show these models: none restores, detects, or encodes and decodes"
            )
        runs.write_json(web / "models.json", {"models": entries})
        if (output / "web").exists():
            os.replace(output / "web", made / "old")
        os.replace(web, output / "web")
    return output / "web"


def _copy_litert(target: Path) -> None:
    (target / "wasm").mkdir(parents=True)
    for name in (f"{variant}.{kind}" for variant in VARIANTS for kind in ("js", "wasm")):
        shutil.copyfile(PACKAGES / "core" / "wasm" / name, target / "wasm" / name)
    shutil.copyfile(PACKAGES / "core" / "package.json", target / "package.json")
    shutil.copyfile(PACKAGES / "wasm-utils" / "dist" / "index.js", target / "wasm-utils.js")
    # A worker has no import map, by which a package's name could stand.
    code = (PACKAGES / "core" / "dist" / "index.js").read_text()
    code = code.replace('"@litertjs/wasm-utils"', '"./wasm-utils.js"')
    (target / "core.js").write_text(code)


def _add(web: Path, run: str, folder: Path, dataset: str | None, data_dir: str | None):
    """One model's folder, and its entry of models.json; None where no page can show it."""
    told = json.loads((folder / "signatures.json").read_text())
    model = runs.load(run)
    from export.web import examples

    found = examples.of(model, runs.read_config(run)["data"], dataset, data_dir)
    if not found:
        return None
    name = told["run"]
    told["files"] = _chosen(told)
    for file in told["files"]:
        target = web / name / file["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / file["path"], target)
    runs.write_json(web / name / "signatures.json", told)
    for key, picture in found.pictures.items():
        picture.save(web / name / f"{key}.png")
    return {
        "run": name,
        "folder": name,
        "about": _about(run, model),
        "example": {key: f"{name}/{key}.png" for key in found.pictures},
        "latents": found.latents,
    }


def _chosen(told: dict) -> list[dict]:
    """The files of the first format in which there are any."""
    kinds = {file["format"] for file in told["files"]}
    kind = next(kind for kind in FORMATS if kind in kinds)
    return [file for file in told["files"] if file["format"] == kind]


def _about(run: str, model) -> str:
    card = presets.folder(run) / "card.json"
    if card.exists():
        return json.loads(card.read_text())["about"]
    return type(model).__doc__.splitlines()[0]
