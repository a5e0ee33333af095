"""The moments of a clip: events, what the joints did then, and where the athlete is."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import polars.selectors as cs

from biomech.schema import EVENTS, Events
from reports.data import Person
from reports.numbers import decimal
from reports.words import Words

#: Events on the page; a marathon of steps is a table for the notebook.
_MOST_EVENTS = 200
#: Two angles that say most about a moment, by activity.
_ANGLES = {
    "golf": ("trunk_lean_deg", "elbow_flexion_deg"),
    "baseball": ("elbow_flexion_deg", "knee_flexion_deg"),
    "tennis": ("elbow_flexion_deg", "knee_flexion_deg"),
    "throw": ("elbow_flexion_deg", "knee_flexion_deg"),
}
#: Events with less confidence are placed where they usually are, not seen.
_SEEN = 0.5
_DEFAULT_ANGLES = ("knee_flexion_deg", "hip_flexion_deg")
#: Room around the athlete in a still, as a share of the height; its shape.
_ROOM, _SHAPE = 0.16, 4 / 5

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Moment:
    """One event: when, what, and two joint angles.

    Attributes
    ----------
    number
        Counts from 1, as in the figures.
    time_s
        When, on the clock of the tables.
    label
        What happened.
    side
        Of the body; None where all events of the clip have the same one.
    is_estimated
        Whether it was placed by the rhythm of the movement more than seen.
    angles
        Such as ``"knee 32°"``.
    box
        Around the athlete: left, top, right, bottom in pixels of the original video.
    """

    number: int
    time_s: float
    label: str
    side: str | None
    is_estimated: bool
    angles: str
    box: Box | None


def events_of(person: Person, /) -> Events | None:
    """Give the events of a person; those of repetitions, if there are no others.

    Parameters
    ----------
    person
        One person of a clip.

    Returns
    -------
    An `events` table in order of time, or None.
    """
    events = person.data.table("events")
    if events is None:
        events = _of_repetitions(person.data.table("repetitions"))
    mine = None if events is None else person.own(events)
    return None if mine is None else mine.sort("time_s")


def _of_repetitions(repetitions: pl.DataFrame | None) -> Events | None:
    names = {
        "start_s": "repetition_start",
        "deepest_s": "deepest",
        "end_s": "repetition_end",
    }
    if repetitions is None or not names.keys() <= set(repetitions.columns):
        return None
    rows = repetitions.select("clip_id", "track_id", *names).unpivot(
        index=["clip_id", "track_id"], variable_name="event", value_name="time_s"
    )
    return EVENTS.empty().join(
        rows.with_columns(
            pl.col("event").replace_strict(names).cast(EVENTS.columns["event"].dtype)
        ),
        on=["clip_id", "track_id", "event", "time_s"],
        how="full",
        coalesce=True,
    )


def moments(person: Person, say: Words, /) -> list[Moment]:
    """List the events of a person with what is known of those moments.

    Parameters
    ----------
    person
        One person of a clip.
    say
        The catalogue of a language.

    Returns
    -------
    The first 200 in order of time.
    """
    events = events_of(person)
    if events is None:
        return []
    rows = list(
        events.head(_MOST_EVENTS)
        .select(
            *(pl.col("event").cast(pl.String), pl.col("side").cast(pl.String)),
            *("time_s", (pl.col("confidence") < _SEEN).fill_null(value=False)),
        )
        .iter_rows()
    )
    many_sides = len({side for _, side, *_ in rows}) > 1
    signals, poses = (person.table(name) for name in ("signals", "poses"))
    return [
        Moment(
            number=i,
            time_s=time_s,
            label=say["event"].get(event, event.replace("_", " ")),
            side=side if many_sides else None,
            is_estimated=is_estimated,
            angles=_angles(
                signals, time_s, side, person.activity, say, name_side=not many_sides
            ),
            box=_box(poses, time_s),
        )
        for i, (event, side, time_s, is_estimated) in enumerate(rows, start=1)
    ]


def _nearest(table: pl.DataFrame, time_s: float) -> pl.DataFrame:
    nearest = int(np.abs(table["time_s"].to_numpy() - time_s).argmin())
    return table.slice(nearest, 1)


def _angles(
    signals: pl.DataFrame | None,
    time_s: float,
    side: str | None,
    activity: str,
    say: Words,
    *,
    name_side: bool,
) -> str:
    """Say two joint angles at a moment, of the side of the event, else of the left."""
    if signals is None:
        return ""
    row = _nearest(signals, time_s).row(0, named=True)
    said = []
    for column in _ANGLES.get(activity, _DEFAULT_ANGLES):
        names = (column, f"{side}_{column}", f"left_{column}")
        known = next((n for n in names if row.get(n) is not None), None)
        if known is not None:
            found = row[known]
            name = say["short"].get(column, column)
            if name_side and known != column:
                which = say["page"][known.partition("_")[0]]
                name = say["figure"]["sided"].format(side=which, joint=name)
            said.append(f"{name}\N{NO-BREAK SPACE}{decimal(found, 0, say)}°")
    return " · ".join(said)


def _box(poses: pl.DataFrame | None, time_s: float) -> Box | None:
    """Find the athlete in the picture at a moment."""
    if poses is None:
        return None
    row = _nearest(poses, time_s)
    ends = []
    for axis in ("x", "y"):
        values = row.select(cs.ends_with(f"_{axis}_px") - cs.starts_with("box_"))
        known = [v for v in values.row(0) if v is not None] if values.width else []
        if not known:
            return None
        ends.append((float(min(known)), float(max(known))))
    (left, right), (top, bottom) = ends
    return left, top, right, bottom


def of_one_stride(found: list[Moment], /) -> list[Moment]:
    """Keep the moments of one stride: all look alike.

    Parameters
    ----------
    found
        Moments of walking or running.

    Returns
    -------
    From the first event that is seen again on the same side up to that one; the first
    few moments if there is none.
    """
    for i, first in enumerate(found):
        for j in range(i + 1, len(found)):
            if (found[j].label, found[j].side) == (first.label, first.side):
                return found[i : j + 1]
    return found


def crop(boxes: list[Box | None], width: int, height: int, /) -> list[Box | None]:
    """Cut pictures of one size around the athlete, so that phases can be compared.

    Parameters
    ----------
    boxes
        Around the athlete, in pixels; None where there is nobody.
    width, height
        Of the video.

    Returns
    -------
    Boxes of equal size inside the picture, upright; None if nothing is known.
    """
    known = [b for b in boxes if b is not None]
    if not known:
        return [None] * len(boxes)
    tall = max(b[3] - b[1] for b in known) * (1 + 2 * _ROOM)
    wide = max(b[2] - b[0] for b in known) * (1 + _ROOM)
    tall = max(tall, wide / _SHAPE)
    size = min(tall * _SHAPE, width), min(tall, height)
    return [None if b is None else _placed(b, size, (width, height)) for b in boxes]


def _placed(box: Box, size: tuple[float, float], inside: tuple[int, int]) -> Box:
    """Put a frame of some size about the middle of a box, inside of the picture."""
    starts = []
    for axis in (0, 1):
        middle = (box[axis] + box[axis + 2]) / 2
        most = inside[axis] - size[axis]
        starts.append(min(max(middle - size[axis] / 2, 0.0), most))
    left, top = starts
    return left, top, left + size[0], top + size[1]
