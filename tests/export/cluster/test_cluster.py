"""python -m export.cluster loses nothing and does nothing twice, whoever dies or comes."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from distributed import LocalCluster
from PIL import Image

from tests.conftest import ROOT

WORKER = "--nworkers=1", "--nthreads=1", "--no-dashboard"


def made(folder: Path, count: int, photograph) -> Path:
    """Small gray pictures in three folders, all different."""
    for i in range(count):
        path = folder / str(i % 3) / f"{i:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        y, x = divmod(7 * i, 600)
        Image.fromarray(photograph[y : y + 24, x : x + 32, 0]).save(path)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.png")}


def times_done(folder: Path) -> Counter:
    """How often each picture was restored, by the records of all workers."""
    lines = [line for path in folder.glob("restored-*") for line in path.read_text().splitlines()]
    return Counter(x["name"] for x in map(json.loads, filter(None, lines)) if x["bytes"] >= 0)


@pytest.fixture(scope="module")
def threads():
    """The address of a scheduler with a worker, both in this process."""
    with LocalCluster(
        1, processes=False, protocol="tcp", threads_per_worker=2, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_pictures_come_out_as_by_zoo_restore_and_are_done_for_it(
    threads, command, denoising_run, image_folder, tmp_path, photograph
):
    made(image_folder, 20, photograph)
    for name in ("a.jpg", "b.png"):  # the run is for gray pictures
        Image.open(image_folder / name).convert("L").save(image_folder / name)
    told = f"--run={denoising_run}", image_folder
    out = tmp_path / "out"
    cluster = "-m", "export.cluster", f"--scheduler={threads}", f"--output_dir={out}", *told
    done = command(*cluster)
    assert done.returncode == 2
    assert "22 of 24 restored" in done.stdout
    assert len([line for line in done.stderr.splitlines() if line.startswith("skipped ")]) == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: 2 of 24 files not restored: ")
    assert "c.jpg" in last
    assert "d.webp" in last

    alone = command("-m", "zoo.restore", f"--output_dir={tmp_path / 'alone'}", *told)
    assert alone.returncode == 2
    assert contents(out) == contents(tmp_path / "alone")
    assert len(contents(out)) == 21

    again = command("-m", "zoo.restore", f"--output_dir={out}", *told)
    assert "0 of 24 restored, 22 done before" in again.stdout
    (out / "b.png").unlink()
    again = command(*cluster)
    assert "1 of 24 restored, 21 done before" in again.stdout


def test_what_another_command_has_made_is_not_replaced(
    threads, command, denoising_run, tmp_path, photograph
):
    source, out = made(tmp_path / "in", 3, photograph), tmp_path / "out"
    (out / "0").mkdir(parents=True)
    (out / "0/0000.png").write_bytes(b"mine")
    flags = f"--scheduler={threads}", f"--run={denoising_run}", f"--output_dir={out}"
    done = command("-m", "export.cluster", *flags, source)
    assert done.returncode == 2
    assert "there already, and not made by this command" in done.stderr
    assert contents(out) == {"0/0000.png": b"mine"}


def test_a_scheduler_that_is_none_is_one_clear_line(command, denoising_run, tmp_path, photograph):
    source = made(tmp_path / "in", 1, photograph)
    told = f"--run={denoising_run}", f"--output_dir={tmp_path / 'out'}", "--worker_timeout=1"
    for scheduler in (f"tcp://127.0.0.1:{free_port()}", "nonsense"):
        done = command("-m", "export.cluster", f"--scheduler={scheduler}", *told, source)
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: --scheduler={scheduler} does not answer")
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Processes:
    """A scheduler, workers and clients on loopback, each a process of its own."""

    def __init__(self, folder: Path):
        self.folder, self.started, self.workers = folder, [], []
        self.address = f"tcp://127.0.0.1:{free_port()}"

    def scheduler(self, zoo: Path | None = ROOT) -> subprocess.Popen:
        port = self.address.rpartition(":")[2]
        return self._dask(zoo, "scheduler", "--host=127.0.0.1", f"--port={port}", "--no-dashboard")

    def worker(self, *options: str, zoo: Path | None = ROOT) -> subprocess.Popen:
        self.workers.append(self._dask(zoo, "worker", self.address, *WORKER, *options))
        return self.workers[-1]

    def client(self, *arguments) -> subprocess.Popen:
        command = [sys.executable, "-m", "export.cluster", f"--scheduler={self.address}"]
        command += ["--worker_timeout=60", *map(str, arguments)]
        pipe = subprocess.PIPE
        self.started.append(
            subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
        )
        return self.started[-1]

    def _dask(self, zoo: Path | None, *arguments: str) -> subprocess.Popen:
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(zoo or "")}
        with (self.folder / f"{len(self.started)}.log").open("w") as log:
            command = [sys.executable, "-m", "dask", *arguments]
            self.started.append(
                subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)
            )
        return self.started[-1]


@pytest.fixture
def processes(tmp_path):
    (tmp_path / "logs").mkdir()
    here = Processes(tmp_path / "logs")
    yield here
    for process in reversed(here.started):
        process.kill()
        process.wait()


def ended(client: subprocess.Popen) -> subprocess.CompletedProcess:
    stdout, stderr = client.communicate(timeout=600)
    return subprocess.CompletedProcess(client.args, client.returncode, stdout, stderr)


def until(there: int, out: Path, client: subprocess.Popen) -> None:
    """Waits for so many pictures, which may also come with the client's end."""
    running = True
    while sum(1 for _ in out.rglob("*.png")) < there:
        assert running, client.communicate()
        running = client.poll() is None
        time.sleep(0.02)


@pytest.mark.slow
def test_workers_that_die_and_come_and_a_client_that_dies_lose_nothing(
    processes, command, denoising_run, tmp_path, photograph
):
    source = made(tmp_path / "in", 1000, photograph)
    alone = command(
        "-m", "zoo.restore", f"--run={denoising_run}", f"--output_dir={tmp_path / 'alone'}", source
    )
    assert alone.returncode == 0, alone.stderr
    expected = contents(tmp_path / "alone")
    assert len(expected) == 1000

    processes.scheduler()
    for _ in range(3):
        processes.worker("--no-nanny")
    told = f"--run={denoising_run}", source

    whole = ended(processes.client(f"--output_dir={tmp_path / 'whole'}", *told))
    assert whole.returncode == 0, whole.stderr
    assert "1000 of 1000 restored" in whole.stdout
    assert contents(tmp_path / "whole") == expected
    assert set(times_done(tmp_path / "whole").values()) == {1}

    out = tmp_path / "out"
    client = processes.client(f"--output_dir={out}", *told)
    until(random.randint(1, 300), out, client)
    processes.workers[0].kill()
    until(400, out, client)
    client.kill()
    client.communicate()
    before = len(contents(out))
    assert before < 1000
    client = processes.client(f"--output_dir={out}", *told)
    until(min(before + 100, 900), out, client)
    processes.worker()
    done = ended(client)
    assert done.returncode == 0, done.stderr
    assert "of 1000 restored" in done.stdout
    assert contents(out) == expected
    # A picture that a killed worker had in hand may have been written and not recorded.
    assert times_done(out).keys() == expected.keys()
    assert sum(times_done(out).values()) <= 1000 + 6


@pytest.mark.slow
def test_a_picture_that_kills_workers_is_named_and_the_others_are_restored(
    processes, denoising_run, tmp_path, photograph
):
    source, out = made(tmp_path / "in", 12, photograph), tmp_path / "out"
    deadly = tmp_path / "deadly"
    deadly.mkdir()
    (deadly / "sitecustomize.py").write_text(DEADLY)
    processes.scheduler()
    environment = f"{deadly}{os.pathsep}{ROOT}"
    for _ in range(2):
        processes.worker(zoo=environment)
    done = ended(processes.client(f"--run={denoising_run}", f"--output_dir={out}", source))
    assert done.returncode == 2, done.stderr
    assert "11 of 12 restored" in done.stdout
    assert f"skipped {source}/1/0004.png: every worker that took it died" in done.stderr
    assert len(contents(out)) == 11


# Ends a worker as the system does one that takes too much memory.
DEADLY = """
import os, signal, sys
def killed(event, arguments):
    if event == "open" and str(arguments[0]).endswith("in/1/0004.png"):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(killed)
"""


@pytest.mark.slow
def test_who_lacks_what_is_one_clear_line(processes, denoising_run, tmp_path, photograph):
    source, out = made(tmp_path / "in", 3, photograph), tmp_path / "out"
    told = f"--run={denoising_run}", f"--output_dir={out}", source
    processes.scheduler()
    assert "has had no worker for 5 s" in line(processes.client("--worker_timeout=5", *told))
    worker = processes.worker("--no-nanny", zoo=None)
    assert "has no zoo" in line(processes.client(*told))
    worker.kill()
    other = tmp_path / "other/zoo"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text('__version__ = "0.0.9"\n')
    worker = processes.worker("--no-nanny", zoo=other.parent)
    assert "has zoo 0.0.9, and this is zoo " in line(processes.client(*told))
    worker.kill()
    assert not contents(out)


@pytest.mark.slow
def test_a_scheduler_that_dies_is_one_clear_line_and_nothing_is_lost(
    processes, denoising_run, tmp_path, photograph
):
    source, out = made(tmp_path / "in", 1000, photograph), tmp_path / "out"
    told = f"--run={denoising_run}", f"--output_dir={out}", source
    scheduler = processes.scheduler()
    processes.worker("--no-nanny")
    client = processes.client(*told)
    until(50, out, client)
    scheduler.send_signal(signal.SIGKILL)
    assert "the scheduler is gone; the same command again goes on" in line(client)
    assert 50 <= len(contents(out)) < 1000


def line(client: subprocess.Popen) -> str:
    """The one line of a command that ends with status 2."""
    done = ended(client)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr
