"""python -m export.release: the newest versions become what a running server serves.

    python -m export.release --artifacts=artifacts/demo
    python -m export.release --artifacts=artifacts/demo --back

In steps: the new versions are loaded beside the old ones; when they are AVAILABLE, the labels
move (canary to the newest, stable to what was canary); then what has no label is unloaded.
--back gives canary to the version that is stable again. Where it is stopped, or a version cannot
be loaded, the server goes on with what it has; the same command again goes on from there.
"""

from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS


def main() -> None:
    from export.serving import bundle, rollout
    from export.serving.protocol import ServerError

    folder = Path(FLAGS.artifacts) / "serving_bundle"
    if not (folder / "models.config").exists():
        raise UserError(f"no bundle in {FLAGS.artifacts}; export with --serving_bundle first")
    if FLAGS.offline:
        labels = rollout.at_once(folder, FLAGS.back)
    else:
        try:
            labels = rollout.release(folder, FLAGS.address, FLAGS.deadline, FLAGS.back)
        except ServerError as error:
            raise UserError(f"{FLAGS.address} answers {error}") from None
    bundle.write(Path(FLAGS.artifacts))  # kubernetes.yaml has the same configuration
    for name, found in labels.items():
        print(f"{name}: canary {found['canary']}, stable {found['stable']}")


def define_flags() -> None:
    flags.DEFINE_string("artifacts", None, "Folder with serving_bundle/ in it.", required=True)
    flags.DEFINE_string("address", "localhost:8500", "HOST:PORT of gRPC, or http://HOST:PORT.")
    flags.DEFINE_bool("back", False, "Give canary back to the version that is stable.")
    flags.DEFINE_float("deadline", 300, "Seconds to wait for the server, in each step.", 0.001)
    flags.DEFINE_bool(
        "offline", False, "Write the files alone, for kubectl apply or a first start."
    )


def console() -> None:
    define_flags()
    cli.run(main)


if __name__ == "__main__":
    console()
