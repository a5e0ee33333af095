"""What the manifest of a run says, counted."""

from pathlib import Path

import polars as pl

from biomech.errors import FormatError
from pipelines.manifest import STATUS, read_manifest


def summary(path: Path, /) -> pl.DataFrame:
    """Count the clips of every stage by status.

    Parameters
    ----------
    path
        The manifest of a run.

    Returns
    -------
    One row per stage in the order of running: ``stage``, ``done``, ``failed``,
    ``blocked``, ``pending`` and the ``seconds`` spent.

    Raises
    ------
    FormatError
        If there is no manifest.
    """
    counts = [
        (pl.col("status") == status).sum().alias(status)
        for status in STATUS.categories.to_list()
    ]
    seconds = pl.col("seconds").sum()
    return _read(path).group_by("stage").agg(*counts, seconds).sort("stage")


def problems(path: Path, /) -> pl.DataFrame:
    """List what failed.

    Parameters
    ----------
    path
        The manifest of a run.

    Returns
    -------
    One row per failed stage: ``clip_id``, ``path``, ``stage``, ``error``.

    Raises
    ------
    FormatError
        If there is no manifest.
    """
    failed = _read(path).filter(pl.col("status") == "failed")
    return failed.select("clip_id", "path", "stage", "error")


def _read(path: Path) -> pl.DataFrame:
    if not path.exists():
        msg = f"{str(path.parent)!r} is no folder of a run: it has no {path.name}"
        raise FormatError(msg)
    return read_manifest(path)
