"""TFDS's language for splits (`train[:90%]`, `train+test`), for sets that TFDS does not know."""

from zoo.cli import UserError


def parse(sizes: dict[str, int], split: str, name: str) -> list[tuple[str, int, int]]:
    """Reads `split` into parts, (split's name, start, stop).

    Args:
      sizes: number of pictures by split.
      split: what to read.
      name: of the data set, for the error.

    Raises:
      UserError: an unknown split, or one that cannot be read.
    """
    import tensorflow_datasets as tfds

    infos = {
        k: tfds.core.splits.SplitInfo(name=k, shard_lengths=[n], num_bytes=0)
        for k, n in sizes.items()
    }
    try:
        parts = tfds.core.ReadInstruction.from_spec(split).to_absolute(infos)
    except (ValueError, AssertionError) as error:
        raise UserError(f"--split={split} of {name}: {error}".split("\n")[0]) from None
    return [
        (p.splitname, p.from_ or 0, sizes[p.splitname] if p.to is None else p.to) for p in parts
    ]
