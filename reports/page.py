"""What the page of a clip says, before it is laid out."""

import base64
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biomech.arrays import dims_of
from reports.cards import Card, cards
from reports.data import ClipData, Person
from reports.downloads import csv_uri, excel_uri
from reports.figures import Picture, first_sequence, pictures
from reports.findings import Finding, findings, not_told
from reports.moments import Moment, crop, moments, of_one_stride
from reports.numbers import decimal
from reports.pictures import Box, stills
from reports.quality import coverage, facts, refusals
from reports.words import Words

#: More people than this get no page section of their own.
_MOST_PEOPLE = 6
#: Phase pictures of at most this many events.
_MOST_STILLS = 12
#: Tables for Excel: what a coach may want to sort and sum.
_SHEETS = ("metrics", "events", "strides", "swings", "jumps", "repetitions")


@dataclass(frozen=True)
class Still:
    """One phase picture."""

    moment: Moment
    image: str


@dataclass(frozen=True)
class Section:
    """Everything about one person."""

    track_id: int
    activity: str
    findings: list[Finding]
    not_told: str
    cards: list[Card]
    stills: list[Still]
    moments: list[Moment]
    figures: dict[str, list[Picture]]
    sequence: str | None
    facts: list[tuple[str, str]]
    refusals: list[tuple[str, str]]

    @property
    def has_metrics(self) -> bool:
        """Whether anything was measured, or refused."""
        return bool(self.cards or self.refusals)

    @property
    def lacks_events(self) -> bool:
        """Whether the movement has events and none was found."""
        return self.has_metrics and self.activity != "none" and not self.moments


@dataclass(frozen=True)
class Page:
    """What the template of a clip is given."""

    title: str
    headline: str
    clip_id: str
    sections: list[Section]
    video: str | None
    video_start_s: float
    is_oblique: bool
    frame_s: float
    n_people: int
    people: str | None
    warnings: list[str]
    provenance: list[tuple[str, str]]
    reproduce: str
    cite: str
    csv: str
    xlsx: str | None
    parquet: str
    problems: tuple[str, ...] = field(default=())


def page_of(data: ClipData, say: Words, /, *, embed: bool) -> Page:
    """Gather what the page of a clip says.

    Parameters
    ----------
    data
        The clip.
    say
        The catalogue of a language.
    embed
        Whether the page contains the video.

    Returns
    -------
    Everything the template needs, in words.
    """
    people = data.people
    metrics = data.table("metrics")
    sheets = {n: t for n in _SHEETS if (t := data.table(n)) is not None}
    return Page(
        title=Path(str(data.clip.get("path", data.clip_id))).name,
        headline=_headline(data, say),
        clip_id=data.clip_id,
        sections=[_section(person, say) for person in people[:_MOST_PEOPLE]],
        video=_video(data, embed=embed),
        video_start_s=start_of(data),
        is_oblique=data.clip.get("view") != "sagittal" and not _is_3d(data),
        frame_s=1.0 / float(data.clip.get("rate_hz") or 30.0),
        n_people=len(people),
        people=_people(len(people), say),
        warnings=demo_warnings(data.demo_models, say),
        provenance=_provenance(data, say),
        reproduce=_reproduce(data),
        cite=say["page"]["cite_text"].format(version=_version(data)),
        csv=csv_uri(metrics),
        xlsx=excel_uri(sheets),
        parquet=f"../metrics/{data.clip_id}.parquet",
        problems=data.problems,
    )


def activity_of(data: ClipData, say: Words, /) -> str:
    """Say in words what was seen."""
    return str(say["activity"].get(data.activity, data.activity))


def seconds_of(data: ClipData, say: Words, /) -> str:
    """Say how long the clip is."""
    duration = data.clip.get("duration_s")
    return "–" if duration is None else decimal(duration, 1, say)


def demo_warnings(models: Iterable[str], say: Words, /) -> list[str]:
    """Warn of models that are only for demonstration."""
    return [
        say["page"]["demo_warning"].format(model=name) for name in sorted(set(models))
    ]


def start_of(data: ClipData, /) -> float:
    """Say when the overlay video begins, on the clock of the tables."""
    return float(data.clip.get("start_s") or 0.0)


def _is_3d(data: ClipData) -> bool:
    poses = data.table("poses")
    return poses is not None and dims_of(poses) == 3


def _headline(data: ClipData, say: Words) -> str:
    people = data.people
    if not people:
        return str(say["finding"]["nobody"].format(seconds=seconds_of(data, say)))
    seen = coverage(people[0])
    said: str = say["finding"]["headline"].format(
        who=data.clip.get("athlete") or say["finding"]["somebody"],
        what=activity_of(data, say),
        seconds=seconds_of(data, say),
        coverage="–" if seen is None else f"{100 * seen:.0f}",
    )
    return said


def _people(n: int, say: Words) -> str | None:
    if n <= _MOST_PEOPLE:
        return None
    said: str = say["page"]["many"].format(n=n, shown=_MOST_PEOPLE)
    return said


def _section(person: Person, say: Words) -> Section:
    found = moments(person, say)
    shown = of_one_stride(found) if person.activity in ("walk", "run") else found
    drawn = pictures(person, say)
    return Section(
        track_id=person.track_id,
        activity=person.activity,
        findings=findings(person, say),
        not_told=not_told(person, say),
        cards=cards(person.table("metrics"), person.activity, say),
        stills=_stills(person.data, shown[:_MOST_STILLS]),
        moments=found,
        figures={
            name: [p for p in drawn if p.section == name]
            for name in ("curves", "cycle", "sequence", "asymmetry", "path")
        },
        sequence=_sequence(person, say),
        facts=facts(person, say),
        refusals=refusals(person, say),
    )


def _stills(data: ClipData, found: list[Moment]) -> list[Still]:
    if data.video is None or not found:
        return []
    start_s = start_of(data)
    images = stills(
        data.video, [m.time_s - start_s for m in found], boxes=_boxes(data, found)
    )
    return [
        Still(moment, image)
        for moment, image in zip(found, images, strict=True)
        if image is not None
    ]


def _boxes(data: ClipData, found: list[Moment]) -> list[Box | None]:
    """Say what to show of each moment, as shares of the picture."""
    width, height = data.clip.get("width_px"), data.clip.get("height_px")
    if not width or not height:
        return [None] * len(found)
    return [
        None
        if box is None
        else (box[0] / width, box[1] / height, box[2] / width, box[3] / height)
        for box in crop([m.box for m in found], width, height)
    ]


def _sequence(person: Person, say: Words) -> str | None:
    """Say in words what of the kinematic sequence could be measured, if not all."""
    sequence = first_sequence(person)
    if sequence is None:
        return None
    ordered = sequence.sort("position")
    names = [
        say["plot"].get(str(s).replace("_", " "), str(s)) for s in ordered["segment"]
    ]
    known = ordered["peak_time_s"].is_not_null().to_list()
    seen = [n for n, is_known in zip(names, known, strict=True) if is_known]
    unseen = [n for n, is_known in zip(names, known, strict=True) if not is_known]
    if not unseen:
        return None
    key = "sequence_part" if seen else "sequence_none"
    said: str = say["page"][key].format(seen=", ".join(seen), unseen=", ".join(unseen))
    return said


def _video(data: ClipData, *, embed: bool) -> str | None:
    if data.video is None:
        return None
    if not embed:
        return f"../overlays/{data.video.name}"
    content = base64.b64encode(data.video.read_bytes()).decode()
    return f"data:video/mp4;base64,{content}"


def _footer(data: ClipData) -> dict[str, Any]:
    return data.footers.get("poses") or data.footers.get("poses_raw", {})


def _provenance(data: ClipData, say: Words) -> list[tuple[str, str]]:
    page, model, footer = say["page"], data.model, _footer(data)
    unknown = page["unknown"]
    versions = ", ".join(f"{k} {v}" for k, v in model.get("versions", {}).items())
    named = str(model.get("name", unknown)) + (f" ({versions})" if versions else "")
    settings = footer.get("params", {})
    shown = ", ".join(f"{k} = {v}" for k, v in settings.items() if v is not None)
    return [
        (page["model"], named),
        ("SHA-256", str(model.get("sha256", unknown))),
        (page["software"], str(footer.get("producer", unknown))),
        ("Video SHA-256", str(footer.get("video", {}).get("sha256", unknown))),
        (page["made"], str(footer.get("created", unknown))),
        (page["settings"], shown or unknown),
    ]


def _reproduce(data: ClipData) -> str:
    """Write the command that makes the same again, for a shell."""
    clip, origin = _footer(data).get("clip", {}), data.footers.get("poses_raw", {})
    is_imported = origin.get("stage") == "import"
    path = str(origin.get("video", {}).get("path", "VIDEO"))
    words = ["biomech", "import" if is_imported else "run", path, "--out", "OUT"]
    if model := data.model:
        # The licence is known of models that have an official name, of no other file.
        weights = None if model.get("licence") else model.get("path")
        words += ["--model", str(weights or model.get("name"))]
    for key in ("activity", "height_m", "capture_fps", "start_s", "end_s"):
        value = clip.get(key)
        if value is not None:
            name = key.removesuffix("_s").replace("_", "-")
            words += [f"--{name}", str(value)]
    command = shlex.join(words)
    if is_imported:
        return f"{command} && biomech analyze OUT && biomech report OUT"
    return command


def _version(data: ClipData) -> str:
    return str(_footer(data).get("producer", "")).removeprefix("biomech ") or "?"
