"""A model's flags are its constructor's arguments, read without importing it."""

import inspect
import json
import re

import pytest

from zoo import models
from zoo.images.degradations import DEGRADATIONS
from zoo.models import declarations, flags, registry
from zoo.models.foundation import Foundation
from zoo.models.restorer import Restorer

STRENGTHS = {d.parameter: d for d in DEGRADATIONS.values() if not d.changes_size}
DECLARED = declarations.read()
TRIAL = '''
from zoo.models import vae
from zoo.models.registry import register

LATENTS = 3


@register("trial")
class VAE(vae.VAE):
    """Learns nothing in particular.

    Args:
      latent_dim: own words, in
        two lines.
      rate: how fast.
      **kwargs: those of VAE.
    """

    after_training = ("rate",)

    def __init__(self, latent_dim: int = LATENTS, *, rate: "float | None" = None, **kwargs):
        super().__init__(latent_dim=latent_dim, **kwargs)
        self.rate = rate
'''


@pytest.fixture(params=DECLARED)
def name(request):
    return request.param


@pytest.fixture
def trial(tmp_path):
    (tmp_path / "trial.py").write_text(TRIAL)
    return tmp_path


def inspected(model: type) -> dict[str, inspect.Parameter]:
    """The constructor's parameters and those of its parents, as Python has them."""
    found: dict[str, inspect.Parameter] = {}
    for parent in model.__mro__[: model.__mro__.index(Foundation)]:
        for key, parameter in inspect.signature(parent.__init__).parameters.items():
            if key != "self" and parameter.kind != parameter.VAR_KEYWORD:
                found.setdefault(key, parameter)
    return found


def test_all_models_are_found():
    imported = {n: registry.find(n).__module__ for n in registry.names()}  # tests may add theirs
    assert list(DECLARED) == [n for n in imported if imported[n].startswith("zoo.models.")]
    for name, declared in DECLARED.items():
        assert declared.summary == registry.find(name).__doc__.splitlines()[0]


def test_the_arguments_and_their_defaults_are_the_constructors(name):
    declared, known = DECLARED[name].arguments, inspected(registry.find(name))
    assert set(declared) == set(registry.find(name).parameters())
    assert {k: v.default for k, v in declared.items() if k not in STRENGTHS} == {
        k: v.default for k, v in known.items()
    }


def test_every_argument_has_help_and_can_be_a_flag(name):
    arguments = DECLARED[name].arguments
    assert [key for key, argument in arguments.items() if not argument.help] == []
    assert flags.of_model(DECLARED[name]).keys() == {"image_size", *arguments}


def test_what_may_change_after_training_is_an_argument(name):
    declared = DECLARED[name]
    assert set(declared.after_training) <= set(declared.arguments)
    own = set(registry.find(name).after_training)
    assert own == set(declared.after_training) - set(STRENGTHS)


def test_the_contracts_that_a_model_keeps_are_known(name):
    parents = [each for each in registry.find(name).__mro__ if "zoo.models" in each.__module__]
    assert DECLARED[name].lineage == [parent.__name__ for parent in parents]
    assert DECLARED[name].from_runs == list(registry.find(name).from_runs)


def test_what_restoring_takes_beside_a_picture_is_declared():
    for name in DECLARED:
        model = registry.find(name)
        if issubclass(model, Restorer):
            taken = registry.create(name, **model.tiny).takes()
            assert list(taken) == ["image", *model.beside] == ["image", *DECLARED[name].beside]


def test_a_degradations_strength_is_declared_with_it():
    declared = DECLARED["denoising"].arguments
    for name, degradation in STRENGTHS.items():
        assert declared[name].default == degradation.default
        assert declared[name].help in re.sub(r"\s+", " ", degradation.function.__doc__)


def test_a_models_own_words_come_before_its_parents(monkeypatch, trial):
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(trial)])
    declared = declarations.read()["trial"]
    assert declared.summary == "Learns nothing in particular."
    assert declared.arguments["latent_dim"].help == "own words, in two lines."
    assert declared.arguments["latent_dim"].default is None  # computed: not known here
    assert declared.arguments["width"] == DECLARED["vae"].arguments["width"]
    assert declared.arguments["components"] == DECLARED["vae"].arguments["components"]
    assert declared.after_training == ["rate"]
    assert declared.lineage == ["VAE", *DECLARED["vae"].lineage]


def test_a_model_of_another_folder_has_flags_too(fresh_command, command, trial, tmp_path_factory):
    done = fresh_command("train.py", "--model=trial", "--help", ZOO_MODELS=str(trial))
    assert done.returncode == 0, done.stderr
    assert "--rate: How fast." in done.stdout
    made = "import zoo; m = zoo.create('trial', image_size=8, levels=1); print(m.latent_dim)"
    script = tmp_path_factory.mktemp("scripts") / "made.py"
    script.write_text(made)
    done = command(script, ZOO_MODELS=str(trial))
    assert done.stdout.split()[-1] == "3", done.stderr


@pytest.fixture(scope="module")
def answer(light_command):
    return lambda *arguments: light_command("train.py", *arguments)


def test_help_shows_the_models_flags_alone(answer):
    done = answer("--model=vae", "--help")
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"^  --(?:\[no\])?(\w+):", done.stdout, re.MULTILINE)
    assert {"latent_dim", "num_samples", "prior", "learning_rate", "dataset"} <= set(shown)
    assert not {"noise_stddev", "scale", "beta", "temperature", "classes"} & set(shown)
    assert "Length of the latent vector; default: 32." in done.stdout


def test_a_flagfile_names_the_model_of_the_help(answer):
    done = answer("--flagfile=zoo/presets/sr_x3/train.flags", "--help")
    assert "--scale:" in done.stdout
    assert "--latent_dim:" not in done.stdout


def test_help_without_a_model_tells_whose_flags_they_are(answer):
    help_text = re.sub(r"\s+", " ", answer("--help").stdout)
    assert re.search(r"--beta: [^-]* For beta_tcvae, beta_vae\.", help_text)


def test_the_list_of_models_has_a_line_for_each(answer):
    done = answer("--model=help")
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(DECLARED)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model=nosuch"], "unknown model 'nosuch'; choose one of anomaly, autoencoder"),
        (
            ["--model=denoising", "--latent_dim=3"],
            "--latent_dim does not apply to denoising; it applies to: autoencoder, beta_tcvae",
        ),
        (["--model=vae", "--latent_dim=0"], "--latent_dim=0"),
        (["--steps", "5"], "--model missing"),
    ],
)
def test_what_is_wrong_with_the_flags_is_said_before_tensorflow_starts(answer, arguments, said):
    done = answer(*arguments, "--output_dir=/nowhere")
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_evaluate_has_a_flag_for_what_may_change(fresh_command):
    shown = fresh_command("-m", "zoo.evaluate", "--help").stdout
    assert all(f"--{name}:" in shown for name in flags.after_training())
    assert "--latent_dim" not in shown


def test_a_runs_config_holds_every_argument(denoising_run):
    config = json.loads((denoising_run / "config.json").read_text())["config"]
    assert list(config) == registry.find("denoising").parameters()
