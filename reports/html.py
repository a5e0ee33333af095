"""Tables of a run to pages: one per clip, and an index. Nothing is loaded from outside.

Pages follow a strict content security policy: no network, no inline event handlers, one
script and one style sheet known by their hashes. Everything that comes from files,
names or settings is escaped.
"""

import base64
import csv
import hashlib
import io
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from biomech.definitions import DEFINITIONS, Definition
from biomech.schema import Metrics
from biomech.units import label_of
from reports.data import ClipData, clips_of, read_clip
from reports.figures import Picture, pictures
from reports.findings import (
    Finding,
    findings,
    metrics_of,
    not_told,
    number,
    title_of,
)
from reports.pictures import stills
from reports.quality import coverage, facts, refusals
from reports.words import words as catalogue

#: More people than this get no page section of their own.
_MOST_PEOPLE = 6
#: Phase pictures of at most this many events.
_MOST_STILLS = 12
#: Events on the page; a marathon of steps is a table for the notebook.
_MOST_EVENTS = 200


@dataclass(frozen=True)
class Card:
    """One metric as a card of the page."""

    title: str
    side: str | None
    value: str
    unit: str
    low: str | None
    high: str | None
    n: int
    grade: str | None
    definition: Definition | None


@dataclass(frozen=True)
class Still:
    """One phase picture: when, what, and the picture itself."""

    time_s: float
    label: str
    side: str | None
    image: str | None


@dataclass(frozen=True)
class Section:
    """Everything about one person."""

    track_id: int
    findings: list[Finding]
    not_told: str
    cards: list[Card]
    stills: list[Still]
    events: list[Still]
    figures: dict[str, list[Picture]]
    facts: list[tuple[str, str]]
    refusals: list[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """What the template of a clip is given."""

    title: str
    headline: str
    clip_id: str
    sections: list[Section]
    video: str | None
    video_start_s: float
    frame_s: float
    n_people: int
    warning: str | None
    provenance: list[tuple[str, str]]
    reproduce: str
    cite: str
    csv: str
    parquet: str
    problems: tuple[str, ...] = field(default=())


def write_clip_report(
    run: Path, clip_id: str, /, *, language: str = "en", embed: bool = False
) -> Path:
    """Write the page of one clip.

    Parameters
    ----------
    run
        The folder of the run.
    clip_id
        The clip.
    language
        Of the words: ``"en"`` or ``"de"``.
    embed
        Whether the page contains the video; otherwise it plays the one beside it.

    Returns
    -------
    The file: ``<run>/reports/<clip_id>.html``. The same tables give the same bytes.

    Raises
    ------
    FormatError
        If the run knows nothing of the clip.
    ConfigError
        If there is no such language.
    """
    data = read_clip(run, clip_id)
    page = _page(data, language, embed=embed)
    path = run / "reports" / f"{clip_id}.html"
    return write_page(path, "clip.html.j2", language=language, page=page)


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
    The file ``<run>/reports/index.html``.

    Raises
    ------
    ConfigError
        If there is no such language.
    """
    rows = []
    for clip_id in clips_of(run):
        data = read_clip(run, clip_id)
        say = catalogue(language)
        track = next(iter(data.tracks), None)
        first = findings(data, track, say)[:1] if track is not None else []
        rows.append(
            {
                "clip_id": clip_id,
                "name": Path(str(data.clip.get("path", clip_id))).name,
                "athlete": data.clip.get("athlete"),
                "activity": _activity(data, say),
                "duration": _seconds(data),
                "finding": first[0].text if first else "",
                "has_report": (run / "reports" / f"{clip_id}.html").is_file(),
            }
        )
    path = run / "reports" / "index.html"
    return write_page(path, "index.html.j2", language=language, rows=rows)


def write_page(path: Path, template: str, /, *, language: str, **context: Any) -> Path:
    """Render a template and write it, whole or not at all.

    Parameters
    ----------
    path
        Where to; missing folders are made.
    template
        A file of ``reports/templates``.
    language
        Of the words.
    context
        What the template is given, besides words, style and script.

    Returns
    -------
    The path.

    Raises
    ------
    ConfigError
        If there is no such language.
    """
    style, script = _static("report.css"), _static("report.js")
    text = (
        _environment()
        .get_template(template)
        .render(
            language=language,
            words=catalogue(language),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(script),
            **context,
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path


def _policy(script: str) -> str:
    """Allow this script, pictures and video of the page, no more.

    Styles stand in the page and in the figures' attributes; they cannot load anything,
    because nothing may be loaded.
    """
    return (
        "default-src 'none'; img-src data:; media-src 'self' data: file:; "
        f"style-src 'unsafe-inline'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


@cache
def _static(name: str) -> str:
    return files("reports").joinpath("static", name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["svg"] = Markup  # figures are drawn here, with escaped titles
    return environment


def _page(data: ClipData, language: str, *, embed: bool) -> Page:
    say = catalogue(language)
    people = data.tracks
    who = data.clip.get("athlete") or say["finding"]["somebody"]
    seen = coverage(data, people[0]) if people else None
    headline = say["finding"]["headline"].format(
        who=who,
        what=_activity(data, say),
        seconds=_seconds(data),
        coverage="–" if seen is None else f"{100 * seen:.0f}",
    )
    name = Path(str(data.clip.get("path", data.clip_id))).name
    return Page(
        title=name,
        headline=headline,
        clip_id=data.clip_id,
        sections=[_section(data, track, say) for track in people[:_MOST_PEOPLE]],
        video=_video(data, embed=embed),
        video_start_s=_start_s(data),
        frame_s=1.0 / float(data.clip.get("rate_hz") or 30.0),
        n_people=len(people),
        warning=data.model.get("warning"),
        provenance=_provenance(data, say),
        reproduce=_reproduce(data),
        cite=say["page"]["cite_text"].format(version=_version(data)),
        csv=_csv(data.table("metrics")),
        parquet=f"../metrics/{data.clip_id}.parquet",
        problems=data.problems,
    )


def _section(data: ClipData, track_id: int, say: dict[str, Any]) -> Section:
    events = _events(data, track_id)
    shown = events[:_MOST_STILLS]
    moments = [e.time_s - _start_s(data) for e in shown]
    images = stills(data.video, moments) if data.video else []
    images += [None] * (len(shown) - len(images))
    drawn = pictures(data, track_id)
    return Section(
        track_id=track_id,
        findings=findings(data, track_id, say),
        not_told=not_told(data, track_id, say),
        cards=_cards(metrics_of(data, track_id), say),
        stills=[
            Still(e.time_s, e.label, e.side, image)
            for e, image in zip(shown, images, strict=True)
            if image is not None
        ],
        events=events,
        figures={
            name: [p for p in drawn if p.section == name]
            for name in ("curves", "cycle", "sequence", "asymmetry", "path")
        },
        facts=facts(data, track_id, say),
        refusals=refusals(data, track_id, say),
    )


def _events(data: ClipData, track_id: int) -> list[Still]:
    events = data.table("events")
    if events is None:
        return []
    mine = events.filter(pl.col("track_id") == track_id).sort("time_s")
    rows = mine.select(
        "time_s", pl.col("event").cast(pl.String), pl.col("side").cast(pl.String)
    ).head(_MOST_EVENTS)
    return [
        Still(time_s, event.replace("_", " "), side, None)
        for time_s, event, side in rows.iter_rows()
    ]


def _cards(metrics: Metrics | None, say: dict[str, Any]) -> list[Card]:
    if metrics is None:
        return []
    known = metrics.filter(pl.col("value").is_not_null())
    return [
        Card(
            title=title_of(row["metric"], say),
            side=row["side"],
            value=number(row["value"], row["unit"]),
            unit=label_of(row["unit"]),
            low=None if row["low"] is None else number(row["low"], row["unit"]),
            high=None if row["high"] is None else number(row["high"], row["unit"]),
            n=row["n"],
            grade=row["grade"],
            definition=DEFINITIONS.get(row["metric"]),
        )
        for row in known.iter_rows(named=True)
    ]


def _activity(data: ClipData, say: dict[str, Any]) -> str:
    return str(say["activity"].get(data.activity, data.activity))


def _seconds(data: ClipData) -> str:
    duration = data.clip.get("duration_s")
    return "–" if duration is None else f"{duration:.1f}"


def _video(data: ClipData, *, embed: bool) -> str | None:
    if data.video is None:
        return None
    if not embed:
        return f"../overlays/{data.video.name}"
    content = base64.b64encode(data.video.read_bytes()).decode()
    return f"data:video/mp4;base64,{content}"


def _start_s(data: ClipData) -> float:
    """Say when the overlay video begins, on the clock of the tables."""
    return float(data.clip.get("start_s") or 0.0)


def _provenance(data: ClipData, say: dict[str, Any]) -> list[tuple[str, str]]:
    page, model = say["page"], data.model
    footer = data.footers.get("poses", data.footers.get("poses_raw", {}))
    versions = ", ".join(f"{k} {v}" for k, v in model.get("versions", {}).items())
    video = footer.get("video", {})
    rows = [
        (page["model"], f"{model.get('name', page['unknown'])} ({versions})"),
        ("SHA-256", str(model.get("sha256", page["unknown"]))),
        (page["software"], str(footer.get("producer", page["unknown"]))),
        ("Video SHA-256", str(video.get("sha256", page["unknown"]))),
        (page["made"], str(footer.get("created", page["unknown"]))),
    ]
    settings = footer.get("params", {})
    shown = ", ".join(f"{k} = {v}" for k, v in settings.items() if v is not None)
    return [*rows, (page["settings"], shown or page["unknown"])]


def _reproduce(data: ClipData) -> str:
    footer = data.footers.get("poses_raw", {})
    clip, video = footer.get("clip", {}), footer.get("video", {})
    options = [f"biomech run {video.get('path', 'VIDEO')!r} --out OUT"]
    options += [f"--model {data.model.get('name')}"] if data.model else []
    for key in ("activity", "height_m", "capture_fps", "start_s", "end_s"):
        value = clip.get(key)
        if value is not None:
            name = key.removesuffix("_s").replace("_", "-")
            options.append(f"--{name} {value}")
    return " ".join(options)


def _version(data: ClipData) -> str:
    footer = data.footers.get("poses", data.footers.get("poses_raw", {}))
    return str(footer.get("producer", "")).removeprefix("biomech ") or "?"


def _csv(metrics: Metrics | None) -> str:
    """Lay the metrics out as CSV in a data URI, safe for spreadsheets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if metrics is not None:
        writer.writerow(metrics.columns)
        for row in metrics.iter_rows():
            writer.writerow([_inert(cell) for cell in row])
    encoded = base64.b64encode(buffer.getvalue().encode("utf-8-sig")).decode()
    return f"data:text/csv;charset=utf-8;base64,{encoded}"


def _inert(cell: object) -> object:
    """Keep a spreadsheet from taking text for a formula."""
    if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell:
        return "'" + cell
    return cell
