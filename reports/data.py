"""Everything that a run knows of one clip, as far as it is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from biomech.errors import FormatError
from biomech.io.parquet import read_meta

#: Tables of a run that a report can show; each may be missing.
TABLES = (
    *("clips", "poses_raw", "poses", "signals", "events", "strides", "cycles"),
    *("swings", "sequences", "jumps", "repetitions", "metrics"),
)


@dataclass(frozen=True)
class ClipData:
    """The tables and footers of one clip.

    Attributes
    ----------
    run
        The folder of the run.
    clip_id
        The clip.
    tables
        By name; a table that is missing or damaged is not there.
    footers
        The provenance of each table.
    problems
        One line for every table that could not be read.
    """

    run: Path
    clip_id: str
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    footers: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def table(self, name: str) -> pl.DataFrame | None:
        """Give a table if it is there and has rows."""
        found = self.tables.get(name)
        return None if found is None or found.is_empty() else found

    @property
    def clip(self) -> dict[str, Any]:
        """What is known of the video; empty if nothing is."""
        clips = self.table("clips")
        return {} if clips is None else clips.row(0, named=True)

    @property
    def model(self) -> dict[str, Any]:
        """What is known of the pose model; empty if nothing is."""
        for name in ("poses_raw", "poses"):
            if model := self.footers.get(name, {}).get("model"):
                return dict(model)
        return {}

    @property
    def demo_models(self) -> list[str]:
        """The name of the pose model, if it is only for demonstration."""
        return [str(self.model.get("name"))] if self.model.get("warning") else []

    @property
    def activity(self) -> str:
        """What was seen, as the analysis decided."""
        footer = self.footers.get("poses", {})
        return str(footer.get("activity") or self.clip.get("activity") or "none")

    @property
    def video(self) -> Path | None:
        """The overlay video, if there is one."""
        path = self.run / "overlays" / f"{self.clip_id}.mp4"
        return path if path.is_file() else None

    @property
    def people(self) -> list["Person"]:
        """The people of the clip, the one seen in most frames first."""
        poses = self.table("poses")
        if poses is None:
            return []
        counts = poses.group_by("track_id").len()
        ordered = counts.sort("len", "track_id", descending=True)
        return [Person(self, track_id) for track_id in ordered["track_id"]]


@dataclass(frozen=True)
class Person:
    """One person of a clip, and the rows that are theirs."""

    data: ClipData
    track_id: int

    def table(self, name: str) -> pl.DataFrame | None:
        """Give the rows of this person, if there are any."""
        table = self.data.table(name)
        return None if table is None else self.own(table)

    def own(self, table: pl.DataFrame) -> pl.DataFrame | None:
        """Keep the rows of this person, if there are any."""
        is_own = table["track_id"] == self.track_id
        mine = table if is_own.all() else table.filter(is_own)
        return None if mine.is_empty() else mine

    @property
    def activity(self) -> str:
        """What was seen, as the analysis decided."""
        return self.data.activity


def read_clip(
    run: Path,
    clip_id: str,
    /,
    *,
    tables: Iterable[str] = TABLES,
    columns: Mapping[str, list[str]] | None = None,
) -> ClipData:
    """Read what a run knows of one clip; what is missing is left out, not an error.

    Parameters
    ----------
    run
        The folder of the run.
    clip_id
        The clip.
    tables
        Which of `TABLES` to read.
    columns
        Which columns of a table to read, as far as they are there; by default all.

    Returns
    -------
    Tables, footers, and the problems met.

    Raises
    ------
    FormatError
        If the run knows nothing of the clip.
    """
    found: dict[str, pl.DataFrame] = {}
    footers: dict[str, dict[str, Any]] = {}
    problems = []
    for name in tables:
        path = run / name / f"{clip_id}.parquet"
        if not path.is_file():
            continue
        try:
            footers[name] = read_meta(path)
            wanted = columns.get(name) if columns else None
            scan = pl.scan_parquet(path, glob=False)
            if wanted is not None:
                scan = scan.select(cs.by_name(*wanted, require_all=False))
            found[name] = scan.collect()
        except (FormatError, OSError, pl.exceptions.PolarsError) as error:
            problems.append(f"{name}: {str(error).splitlines()[0]}")
    if not found and not problems:
        msg = f"{run} holds nothing of a clip {clip_id!r}"
        raise FormatError(msg)
    return ClipData(run, clip_id, found, footers, tuple(problems))


def clips_of(run: Path, /) -> list[str]:
    """List the clips of a run.

    Parameters
    ----------
    run
        The folder of the run.

    Returns
    -------
    Their ids in order of name.
    """
    files = [*run.glob("clips/*.parquet"), *run.glob("poses_raw/*.parquet")]
    return sorted({path.stem for path in files})
