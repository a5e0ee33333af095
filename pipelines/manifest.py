"""The manifest of a run: one row per clip and stage, what became of it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from biomech.io.parquet import read_table, write_table
from biomech.table import Column, TableSchema
from pipelines.config import STAGES

Status = Literal["done", "failed", "blocked", "pending"]

STATUS = pl.Enum(["done", "failed", "blocked", "pending"])
STAGE = pl.Enum(STAGES)

MANIFEST = TableSchema(
    name="manifest",
    version=1,
    columns={
        "clip_id": Column(pl.String, "the clip"),
        "stage": Column(STAGE, "the stage, in order of running"),
        "status": Column(STATUS, "blocked: a stage failed that it needs"),
        "path": Column(pl.String, "the video file"),
        "digest": Column(pl.String, "of settings and inputs", nullable=True),
        "seconds": Column(pl.Float64, "time it took", nullable=True, low=0.0),
        "error": Column(pl.String, "one line, for people", nullable=True),
        "traceback": Column(pl.String, "of an unforeseen error", nullable=True),
        "note": Column(pl.String, "what a reader should know", nullable=True),
    },
    key=("clip_id", "stage"),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one stage of one clip: a row of the manifest."""

    clip_id: str
    stage: str
    status: Status
    path: str
    digest: str | None = None
    seconds: float | None = None
    error: str | None = None
    traceback: str | None = None
    note: str | None = None


def read_manifest(path: Path, /) -> pl.DataFrame:
    """Read the manifest of a run.

    Parameters
    ----------
    path
        The file; it need not exist yet.

    Returns
    -------
    A table of the schema `MANIFEST`, without rows if there is no file.
    """
    return read_table(path, schema=MANIFEST) if path.exists() else MANIFEST.empty()


def announce(path: Path, outcomes: Iterable[Outcome], /) -> None:
    """Write what is going to be done, unless the manifest knows of it already.

    Parameters
    ----------
    path
        The file of the manifest.
    outcomes
        Rows whose status is ``pending``.
    """
    before = read_manifest(path)
    known = set(before.select(MANIFEST.key).iter_rows())
    fresh = [o for o in outcomes if (o.clip_id, o.stage) not in known]
    if fresh:
        record(path, fresh)


def record(path: Path, outcomes: Iterable[Outcome], /) -> pl.DataFrame:
    """Write outcomes into the manifest, replacing older rows of the same stages.

    A stage that was found finished has no time of its own: the time, and the note, of
    the run that did the work are kept.

    Parameters
    ----------
    path
        The file of the manifest; it is replaced whole.
    outcomes
        The news.

    Returns
    -------
    The manifest as written.
    """
    columns = {name: column.dtype for name, column in MANIFEST.columns.items()}
    news = pl.DataFrame([asdict(o) for o in outcomes], schema=columns)
    before = read_manifest(path).select(list(columns))
    earlier = before.select(*MANIFEST.key, "digest", "seconds", "note")
    same = ["clip_id", "stage", "digest"]
    news = news.join(
        earlier, on=same, how="left", suffix="_before", maintain_order="left"
    ).with_columns(
        pl.coalesce("seconds", "seconds_before").alias("seconds"),
        pl.coalesce("note", "note_before").alias("note"),
    )
    kept = before.join(news, on=MANIFEST.key, how="anti")
    manifest = pl.concat([kept, news.select(list(columns))])
    write_table(manifest, path, schema=MANIFEST)
    return manifest.sort(MANIFEST.key)
