"""The page that lists the clips of a run and lays those of an athlete side by side."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from biomech.errors import BiomechError
from biomech.summary import summary
from reports.data import ClipData, Person, clips_of, read_clip
from reports.findings import Finding, findings, not_told
from reports.html import write_page
from reports.page import activity_of, demo_warnings, seconds_of
from reports.sessions import session_of
from reports.team import team
from reports.team_page import Activity, activity_part
from reports.words import Words
from reports.words import words as catalogue

#: All that a line of the list needs; of the poses only who was seen.
_TABLES = ("clips", "poses", "metrics")
_COLUMNS = {"poses": ["track_id"]}


@dataclass(frozen=True)
class Entry:
    """One clip of the list."""

    clip_id: str
    name: str
    athlete: str | None
    activity: str
    duration: str
    finding: Finding | None
    remark: str
    has_report: bool


def write_index(run: Path, /, *, language: str = "en") -> Path:
    """Write the page that lists all clips of a run.

    Parameters
    ----------
    run
        The folder of the run.
    language
        Of the words.

    Returns
    -------
    The file ``<run>/reports/index.html``. Athletes with several clips of one activity
    have a table of them, and from five clips on a usual range of their own.

    Raises
    ------
    ConfigError
        If there is no such language.
    """
    say = catalogue(language)
    clips = [
        read_clip(run, clip_id, tables=_TABLES, columns=_COLUMNS)
        for clip_id in clips_of(run)
    ]
    return write_page(
        run / "reports" / "index.html",
        "index.html.j2",
        language=language,
        entries=[
            _entry(data, name, say)
            for data, name in zip(clips, _names(clips), strict=True)
        ],
        histories=list(_histories(run, say)),
        warnings=demo_warnings((name for c in clips for name in c.demo_models), say),
        failures=_failures(run),
    )


def _names(clips: list[ClipData]) -> list[str]:
    """Call clips by their files, with the folder where files have the same name."""
    paths = [Path(str(data.clip.get("path", data.clip_id))) for data in clips]
    times = Counter(path.name for path in paths)
    return [
        p.name if times[p.name] == 1 else f"{p.parent.name}/{p.name}" for p in paths
    ]


def _entry(data: ClipData, name: str, say: Words) -> Entry:
    people = data.people
    found = findings(people[0], say) if len(people) == 1 else []
    return Entry(
        clip_id=data.clip_id,
        name=name,
        athlete=data.clip.get("athlete"),
        activity=activity_of(data, say),
        duration=seconds_of(data, say),
        finding=found[0] if found else None,
        remark=_remark(data, people, say),
        has_report=(data.run / "reports" / f"{data.clip_id}.html").is_file(),
    )


def _remark(data: ClipData, people: list[Person], say: Words) -> str:
    """Say why there is no finding."""
    if not people:
        return str(say["finding"]["nobody"].format(seconds=seconds_of(data, say)))
    if len(people) > 1:
        return str(say["page"]["crowd"].format(n=len(people)))
    untold = not_told(people[0], say)
    if people[0].table("metrics") is None:
        return untold
    return f"{say['page']['not_told']}: {untold}"


def _histories(run: Path, say: Words) -> Iterator[tuple[str, Activity]]:
    """Lay the clips of each athlete and activity side by side, the oldest first."""
    try:
        tracks = summary(run, metrics=[]).drop_nulls(["track_id", "athlete"])
    except BiomechError:
        return  # the page of the damaged clip tells
    own = tracks.filter(~pl.col("clip_id").is_duplicated()).sort(
        "modified_at", "clip_id"
    )
    for i, ((athlete, activity), part) in enumerate(
        own.group_by("athlete", "activity", maintain_order=True)
    ):
        if part.height > 1:
            sessions = [
                session_of(run, part.slice(row, 1), label=label)
                for row, label in enumerate(_labels(part["clip_id"].to_list()))
            ]
            table = team(sessions)
            yield (
                str(athlete),
                activity_part(
                    str(activity), table, i, say, say["history"], by_value=False
                ),
            )


def _labels(clip_ids: list[str]) -> list[str]:
    """Call clips by their names, without the hash if they differ without."""
    names = [clip_id.rpartition("-")[0] for clip_id in clip_ids]
    return names if len(set(names)) == len(names) else clip_ids


def _failures(run: Path) -> list[tuple[str, str]]:
    """List the videos that could not be worked on, and why."""
    path = run / "manifest.parquet"
    if not path.is_file():
        return []
    failed = pl.read_parquet(path, glob=False).filter(
        pl.col("status").cast(pl.String) == "failed"
    )
    return [
        (Path(video).name, error or "?")
        for video, error in failed.select("path", "error").iter_rows()
    ]
