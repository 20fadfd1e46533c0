"""python -m zoo.launch, with workers that need no TensorFlow."""

import os
import re
import stat
import time

import pytest

from tests.training import killing

WORKER = """
import json, os, signal, sys, time
task = json.loads(os.environ["TF_CONFIG"])
index = task["task"]["index"]
{body}
"""
# Where Python does not buffer, print writes in pieces, and other workers' lines come between.
ONE_WRITE = "sys.stdout.write(f'{task} {sys.argv[1:]}\\n')"


@pytest.fixture
def launch(tmp_path):
    """Starts three workers that run the given lines, which know their `index`."""

    def start(body: str, *flags: str, **environment):
        program = tmp_path / "worker.py"
        program.write_text(WORKER.format(body=body))
        return killing.start("-m", "zoo.launch", *flags, "--", program, "arg", **environment)

    return start


def test_every_worker_is_told_who_it_is(launch):
    said = killing.finish(launch(ONE_WRITE, "--workers=3"))
    lines = sorted(said.splitlines(), key=lambda line: line.startswith("worker"))
    assert [line.split("{")[0] for line in lines[1:]] in (
        ["worker 1: ", "worker 2: "],
        ["worker 2: ", "worker 1: "],
    )
    assert lines[0].startswith("{'cluster': {'worker': ['localhost:")
    assert all("['arg']" in line for line in lines)


def test_a_dead_worker_ends_the_others(launch):
    body = "time.sleep(0 if index == 2 else 600)\nos.kill(os.getpid(), signal.SIGKILL)"
    process = launch(body, "--workers=3")
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 1
    (line,) = said.splitlines()
    assert line.startswith("error: worker 2 (localhost:")
    assert "was killed by SIGKILL; the others were ended; the same command goes on" in line


def test_what_all_workers_complain_of_is_said_once(launch):
    process = launch("print('error: no', file=sys.stderr)\nsys.exit(2)", "--workers=3")
    assert process.communicate(timeout=120)[0] == "error: no\n"
    assert process.returncode == 2


def test_what_one_worker_complains_of_is_said(launch):
    body = "time.sleep(600 * (index != 1))\nprint('error: no', file=sys.stderr)\nsys.exit(2)"
    process = launch(body, "--workers=3")
    assert process.communicate(timeout=120)[0] == "error: no\n"
    assert process.returncode == 2


def test_sigterm_is_passed_on(launch):
    body = "signal.signal(15, lambda *_: sys.exit(0))\nprint('ready', flush=True)\ntime.sleep(600)"
    process = launch(body, "--workers=3")
    for _ in range(3):
        assert "ready" in process.stdout.readline()
    process.terminate()
    assert process.communicate(timeout=120)[0] == ""
    assert process.returncode == 0


def test_workers_die_with_the_launcher(launch, tmp_path):
    body = f"open({str(tmp_path)!r} + f'/{{os.getpid()}}.pid', 'w').close()\ntime.sleep(600)"
    process = launch(body, "--workers=3")
    while len(found := list(tmp_path.glob("*.pid"))) < 3:
        time.sleep(0.01)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 120  # the workers would sleep for far longer
    while any(alive(int(path.stem)) for path in found):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_other_hosts_are_reached_by_ssh(launch, tmp_path):
    ssh = tmp_path / "ssh"
    ssh.write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
    ssh.chmod(ssh.stat().st_mode | stat.S_IXUSR)
    process = launch(
        """sys.stdout.write(f"{index} {task['cluster']['worker']} {sys.argv[1:]}\\n")""",
        "--hosts=a,b",
        "--workers=4",
        PATH=f"{tmp_path}:{os.environ['PATH']}",
    )
    said = killing.finish(process)
    lines = sorted(re.sub("^worker \\d: ", "", line) for line in said.splitlines())
    workers = "['a:8470', 'a:8471', 'b:8470', 'b:8471'] ['arg']"
    assert lines == [f"{i} {workers}" for i in range(4)]


def test_bad_flags_are_explained(fresh_command):
    for flags, reason in {
        ("--workers=2",): "error: what shall the workers run?",
        ("--hosts=a,b", "--workers=3", "--", "x"): "error: --workers=3 is not a multiple of the 2",
    }.items():
        done = fresh_command("-m", "zoo.launch", *flags)
        assert done.returncode == 2
        assert done.stderr.startswith(reason)
        assert len(done.stderr.splitlines()) == 1


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:  # a zombie is dead
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
