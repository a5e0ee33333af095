"""A session: the clips of one athlete and one activity, from one run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

import biomech as bm
from biomech.errors import ConfigError, FormatError
from biomech.io.parquet import read_meta
from biomech.schema import CYCLES, METRICS, TRACK, Metrics
from biomech.summary import summary
from reports.comparison import pooled


@dataclass(frozen=True)
class Session:
    """What is compared with another session.

    Attributes
    ----------
    run
        The folder of its run.
    label
        How it is called on the page.
    tracks
        Rows of `biomech.summary`: one per clip.
    metrics
        Its metrics, every clip, with a column ``model``.
    demo_models
        Names of the models that are only for demonstration.
    """

    run: Path
    label: str
    tracks: pl.DataFrame
    metrics: Metrics
    demo_models: tuple[str, ...] = ()

    @property
    def pooled(self) -> pl.DataFrame:
        """One row per metric and side of the whole session."""
        return pooled(self.metrics)

    @property
    def activity(self) -> str:
        """What was done."""
        return str(self.tracks["activity"].drop_nulls().first() or "none")

    @property
    def models(self) -> list[str]:
        """What found the points."""
        return sorted(self.metrics["model"].drop_nulls().unique())

    @property
    def cycles(self) -> pl.DataFrame | None:
        """Its curves over the cycle, every clip; None if there are none."""
        paths = [self.run / "cycles" / f"{c}.parquet" for c in self.tracks["clip_id"]]
        found = [bm.read_table(p, schema=CYCLES) for p in paths if p.exists()]
        if not found:
            return None
        table = pl.concat(found, how="diagonal")
        return table.join(self.tracks.select(TRACK), on=TRACK, how="semi")

    @property
    def first_day(self) -> datetime | None:
        """When the first video file was written."""
        day = self.tracks["modified_at"].min()
        return day if isinstance(day, datetime) else None


def read_session(
    source: Path,
    /,
    *,
    athlete: str | None = None,
    activity: str | None = None,
    track: int | None = None,
) -> Session:
    """Read a session: a whole run, or one clip of it.

    Parameters
    ----------
    source
        The folder of a run, or any file of one clip in it, such as
        ``OUT/metrics/<clip_id>.parquet`` or ``OUT/reports/<clip_id>.html``.
    athlete
        Only the clips of this athlete.
    activity
        Only clips of this activity.
    track
        Which person, where clips hold several.

    Returns
    -------
    The session, labelled by the athlete if one is given, else by its folder or clip.

    Raises
    ------
    FormatError
        If there is no such run or clip.
    ConfigError
        If nothing is left, or it is not one athlete, one activity and one person per
        clip; the message lists what there is.
    """
    run, clip_id = _located(source)
    tracks = summary(run, metrics=[])
    chosen = tracks if clip_id is None else tracks.filter(clip_id=clip_id)
    if clip_id is not None and chosen.is_empty():
        msg = f"{run} knows no clip {clip_id!r}; clips are {_few(tracks['clip_id'])}"
        raise FormatError(msg)
    wanted = {"athlete": athlete, "activity": activity, "track_id": track}
    for column, value in wanted.items():
        if value is not None:
            chosen = _only(chosen, column, value, source)
    chosen = chosen.drop_nulls("track_id")
    _check_one_person(chosen, source)
    name = clip_id and (clip_id.rpartition("-")[0] or clip_id)
    return session_of(run, chosen, label=athlete or name or run.resolve().name)


def session_of(run: Path, tracks: pl.DataFrame, /, *, label: str) -> Session:
    """Read the metrics of some tracks of a run.

    Parameters
    ----------
    run
        The folder of the run.
    tracks
        Rows of `biomech.summary`.
    label
        How to call the session.

    Returns
    -------
    The session.

    Raises
    ------
    FormatError
        If a table is damaged.
    """
    parts = [METRICS.empty().with_columns(model=pl.lit(None, pl.String))]
    demo_models = set()
    for clip_id in tracks["clip_id"].unique().sort():
        path = run / "metrics" / f"{clip_id}.parquet"
        if not path.exists():
            continue
        model = read_meta(path).get("model") or {}
        found = bm.read_table(path, schema=METRICS).select(list(METRICS.columns))
        parts.append(found.with_columns(model=pl.lit(_name(model), pl.String)))
        if model.get("warning"):
            demo_models.add(str(model.get("name")))
    metrics = pl.concat(parts).join(
        tracks.select(TRACK), on=TRACK, how="semi", maintain_order="left"
    )
    return Session(run, label, tracks, metrics, tuple(sorted(demo_models)))


def told_apart(sessions: Sequence[Session], /) -> list[Session]:
    """Give sessions labels that differ, adding no more than it takes.

    Parameters
    ----------
    sessions
        In order.

    Returns
    -------
    The same sessions. Where labels are equal, all gain the folder of their run, or the
    folder above it too, or a number.
    """
    for scheme in ("{label}", "{label} ({run})", "{label} ({above}/{run})"):
        labels = [
            scheme.format(
                label=session.label,
                run=session.run.resolve().name,
                above=session.run.resolve().parent.name,
            )
            for session in sessions
        ]
        if len(set(labels)) == len(labels):
            break
    else:
        labels = [f"{s.label} #{i}" for i, s in enumerate(sessions, start=1)]
    return [replace(s, label=a) for s, a in zip(sessions, labels, strict=True)]


def _name(model: dict[str, Any]) -> str | None:
    """Name a model so that equal names mean equal weights."""
    if not model:
        return None
    sha256 = model.get("sha256")
    name = str(model.get("name", "?"))
    return f"{name} ({str(sha256)[:12]})" if sha256 else name


def _located(source: Path) -> tuple[Path, str | None]:
    """Split a path into the run and the clip."""
    if source.is_dir():
        return source, None
    if source.is_file():
        return source.parent.parent, source.stem
    msg = f"{source} does not exist; give the folder of a run, or a file of a clip"
    raise FormatError(msg)


def _only(
    tracks: pl.DataFrame, column: str, value: str | int, source: Path
) -> pl.DataFrame:
    kept = tracks.filter(pl.col(column) == value)
    if kept.is_empty():
        msg = f"{source}: no {column} {value!r}; there are {_few(tracks[column])}"
        raise ConfigError(msg)
    return kept


def _check_one_person(tracks: pl.DataFrame, source: Path) -> None:
    problems = []
    if tracks.is_empty():
        problems.append("nobody was found in any clip")
    for column in ("athlete", "activity"):
        if tracks[column].n_unique() > 1:
            found = _few(tracks[column])
            problems.append(f"choose one {column} with --{column}: {found}")
    crowded = tracks.filter(pl.col("clip_id").is_duplicated())
    if not crowded.is_empty():
        found = _few(crowded["track_id"])
        problems.append(f"clips hold several people, choose with --track: {found}")
    if problems:
        msg = f"{source} is not one session: {'; '.join(problems)}"
        raise ConfigError(msg)


def _few(found: pl.Series) -> str:
    """List what there is, not more than ten."""
    names = ["without name" if v is None else str(v) for v in found.unique().sort()]
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
