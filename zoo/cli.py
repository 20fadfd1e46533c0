"""What all commands share: one-line errors, exit status 2, and a quiet TensorFlow."""

import contextlib
import difflib
import functools
import gc
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator

from absl import app, flags, logging

import zoo

# By itself TensorFlow takes oneDNN's kernels with AVX-512 alone; they are faster with AVX2 too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


class UserError(Exception):
    """Something that a person can mend; its text says how, with flags such as --steps=3.

    Who is at no terminal but in Python reads steps=3 there. Commands in backticks stay.
    """

    names_flags = False  # in this process

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.names_flags else re.sub(r"(`[^`]*`)|--(?=[a-z])", r"\1", text)


def run(main: Callable[..., None], takes_files: bool = False) -> None:
    """Parses the flags and runs `main()`, or `main(files)` with what stands beside the flags.

    A UserError, a bad flag or a failing file system ends in one line on stderr and
    exit status 2, without a traceback.
    """

    def guarded(argv: list[str]) -> None:
        files = argv[1:]
        try:
            if files and not takes_files:
                raise UserError(f"unexpected argument {files[0]!r}; flags start with --")
            main(*([files] if takes_files else []))
        except (UserError, OSError) as error:
            fail(error)
        except KeyboardInterrupt:
            print("stopped", file=sys.stderr)
            sys.exit(130)

    UserError.names_flags = True
    app.run(guarded, flags_parser=_parse)


@functools.cache
def start_tensorflow() -> None:
    """Imports TensorFlow and Keras, which takes seconds, with nothing to say.

    A command calls it when it has checked what flags and files can tell.
    """
    with quiet_tensorflow(), no_garbage(), absent("sklearn", "matplotlib"):
        # Before TensorFlow: then it will load what is used of it, and else all there is.
        import tensorflow_probability  # noqa: F401, I001
        import tensorflow as tf

        tf.config.list_physical_devices()


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean X?", where one of the known names is near; else nothing."""
    near = difflib.get_close_matches(name, known, 1, 0.7)
    return f"; did you mean {near[0]}?" if near else ""


def fail(error: Exception) -> None:
    """Prints one line and exits with status 2."""
    print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
    sys.exit(2)


@contextlib.contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """Hides what TensorFlow's C++ prints while it starts, unless --verbosity asks for it.

    Those lines go straight to file descriptor 2 before any logging level is read.
    """
    if flags.FLAGS["verbosity"].present:
        yield
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    logging.set_verbosity(logging.ERROR)
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as devnull:
            os.dup2(devnull.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


@contextlib.contextmanager
def no_garbage() -> Iterator[None]:
    """For imports: what they make stays, and the garbage collector shall never look at it.

    TensorFlow makes some 400,000 objects. Looking through them again and again took a fifth of
    its import, and most of the second that Python needed to end.
    """
    gc.disable()
    yield
    gc.enable()
    gc.freeze()


@contextlib.contextmanager
def absent(*packages: str) -> Iterator[None]:
    """As if they were not installed, for imports of others that can do without.

    Keras imports scikit-learn and matplotlib for wrappers and galleries that no command uses,
    which takes longer than Keras itself.
    """
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # None is Python's own word for it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _parse(argv: list[str]) -> list[str]:
    if "--version" in argv:
        print(zoo.__version__)
        sys.exit(0)
    try:
        files = flags.FLAGS(argv)
        for name in flags.FLAGS:  # a shell leaves the ~ of --output_dir=~/runs as it is
            value = flags.FLAGS[name].value
            if isinstance(value, str):
                flags.FLAGS[name].value = os.path.expanduser(value)
            if isinstance(value, list):
                flags.FLAGS[name].value = [
                    os.path.expanduser(x) if isinstance(x, str) else x for x in value
                ]
        return files
    except flags.Error as error:
        missing = re.findall(r"flag --(\w+)=None: Flag", str(error))
        fail(UserError(f"--{' and --'.join(missing)} missing; see --help") if missing else error)
    except SystemExit:  # absl has printed the help that was asked for, and would exit with 1
        sys.exit(0)
