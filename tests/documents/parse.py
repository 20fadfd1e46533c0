"""Parses the flags of commands, and runs nothing.

A line of JSON is a command, ["-m", "zoo.sample", "--run=..."]; the line that answers says what is
wrong with it, or is empty. Each is a fork of this process, since flags are defined only once.
"""

import contextlib
import io
import json
import os
import runpy
import sys

from absl import app, flags

from zoo import cli


def main() -> None:
    app.run = parse
    for line in sys.stdin:
        reader, writer = os.pipe()
        if not os.fork():
            os.close(reader)
            said = io.StringIO()
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
                define_and_parse(json.loads(line))
            os.write(writer, said.getvalue().encode())
            os._exit(0)
        os.close(writer)
        with open(reader) as answer:
            print(" ".join(answer.read().split()), flush=True)


def define_and_parse(arguments: list[str]) -> None:
    """Runs a command as far as its flags."""
    with contextlib.suppress(SystemExit):
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(sys.argv[0], run_name="__main__")


def parse(main, argv=None, flags_parser=flags.FLAGS) -> None:
    """What absl's `app.run` does before it runs `main`."""
    app.define_help_flags()
    try:
        flags_parser(argv or sys.argv)
    except flags.Error as error:
        cli.fail(error)


if __name__ == "__main__":
    main()
