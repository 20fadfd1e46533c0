"""Names travel in chunks, and nothing of them is lost or doubled on the way."""

from pathlib import Path

from export.cluster.chunks import Chunk, chunks_of
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job

OUT = Path("out")


def jobs(*names: str) -> list[Job]:
    return [Job(Path("in") / name, OUT / name) for name in names]


def test_every_waiting_picture_is_in_one_chunk():
    every = jobs(*(f"{i % 7}/{i}.png" for i in range(1000)))
    waiting = every[10:]
    chunks = list(chunks_of(every, waiting, Manifest(OUT, "test", ""), 64))
    assert len(chunks) == 16
    assert sorted(job for chunk in chunks for job in chunk.jobs) == sorted(waiting)


def test_pictures_that_may_become_one_png_stay_together():
    every = jobs("a.gif", "a.b.png", "a.tif", "c.png")
    chunks = list(chunks_of(every, every, Manifest(OUT, "test", ""), 1))
    assert jobs("a.gif", "a.tif") in [chunk.jobs for chunk in chunks]


def test_a_chunk_knows_what_its_neighbors_have_become(tmp_path):
    gif, tif = Job(Path("a.gif"), tmp_path / "a.gif"), Job(Path("a.tif"), tmp_path / "a.tif")
    manifest = Manifest(tmp_path, "before-of-test", "")
    (tmp_path / "a.png").write_bytes(b"png")
    manifest.add(manifest.wanted(gif.target, []), tmp_path / "a.png")
    manifest.read()
    (chunk,) = chunks_of([gif, tif], [tif], manifest, 1)
    assert chunk.jobs == [tif]
    assert [line["output"] for line in chunk.lines] == ["a.png"]


def test_a_chunk_is_halved_down_to_one_picture():
    chunk = Chunk(jobs("a.png", "b.png", "c.png"), [])
    first, second = chunk.halves()
    assert first.jobs + second.jobs == chunk.jobs
    assert first.jobs
    assert second.jobs
