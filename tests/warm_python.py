"""A Python that has imported TensorFlow already; every command is a fork of it.

Nine tenths of a short command are the import of TensorFlow, Keras and TFP. No operator has
run here, so there is no pool of threads that a fork would miss. One line of JSON is a command:
{"arguments": ["-m", "zoo.restore", ...], "environment": {}, "stdout": FILE, "stderr": FILE}; its
exit status is the line that answers.
"""

import json
import os
import runpy
import signal
import sys

from zoo import cli


def main() -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with cli.no_garbage():
        import tensorflow_probability as tfp

        assert tfp.distributions.Normal  # its first use is what imports it, and TensorFlow

    arguments = serve()
    if arguments is None:
        return
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(sys.argv[0], run_name="__main__")


def serve() -> list[str] | None:
    """Answers commands until there are no more; in a fork, returns what it is to run."""
    for line in iter(sys.stdin.readline, ""):
        command = json.loads(line)
        child = os.fork()
        if not child:
            signal.alarm(900)  # ends what hangs
            os.environ.update(command["environment"])
            for name, stream in (("stdout", 1), ("stderr", 2)):
                os.dup2(os.open(command[name], os.O_WRONLY), stream)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            return command["arguments"]
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return None


if __name__ == "__main__":
    main()
