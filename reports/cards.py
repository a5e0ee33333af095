"""Cards of the key figures: one per metric, with every side that was measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from biomech.definitions import DEFINITIONS, Definition
from biomech.schema import Metrics
from reports.findings import (
    in_order,
    meaning_of,
    reason_of,
    title_of,
    usual_text,
)
from reports.numbers import interval, number, unit_after
from reports.ranges import range_of
from reports.words import Words

#: What a card says besides meaning, formula and source.
_NOTES = ("sign", "needs", "error", "peers")


class Strip(NamedTuple):
    """A value, its interval and the usual range on one line, in percent of it."""

    value: float
    low: float
    width: float
    usual_low: float | None
    usual_width: float | None


@dataclass(frozen=True)
class Reading:
    """One value of a card, or the reason why there is none."""

    side: str | None
    value: str
    unit: str
    interval: str | None
    n: int
    grade: str | None
    reason: str | None
    strip: Strip | None


@dataclass(frozen=True)
class Card:
    """One metric as a card of the page."""

    title: str
    readings: list[Reading]
    meaning: str
    usual: str | None
    notes: list[tuple[str, str]]
    definition: Definition | None


def cards(metrics: Metrics | None, activity: str, say: Words, /) -> list[Card]:
    """Lay out every metric that has a value, what a coach asks first in front.

    Parameters
    ----------
    metrics
        A `metrics` table of one track, if there is one.
    activity
        What was seen.
    say
        The catalogue of a language.

    Returns
    -------
    One card per metric. A value of both sides together stands only where it is not
    that of one side again.
    """
    if metrics is None:
        return []
    found = []
    for (name,), rows in in_order(metrics, activity).group_by(
        "metric", maintain_order=True
    ):
        if rows["value"].count():
            found.append(_card(str(name), _without_twins(rows), say))
    return found


def _without_twins(rows: Metrics) -> list[dict[str, Any]]:
    """Leave out the value of both sides if only one side is behind it."""
    found = list(rows.iter_rows(named=True))
    sides = [r for r in found if r["side"] and r["value"] is not None]
    if len(sides) == 1:
        return [r for r in found if r["side"] or r["value"] != sides[0]["value"]]
    return found


def _card(name: str, rows: list[dict[str, Any]], say: Words) -> Card:
    usual = range_of(name)
    ends = _ends(rows, usual)
    return Card(
        title=title_of(name, say),
        readings=[_reading(row, ends, usual, say) for row in rows],
        meaning=meaning_of(name, say),
        usual=usual_text(usual, rows[0]["unit"], say) if usual else None,
        notes=notes(name, say),
        definition=DEFINITIONS.get(name),
    )


def notes(metric: str, say: Words, /) -> list[tuple[str, str]]:
    """Say what a metric needs, how wrong it is and what its sign means.

    Parameters
    ----------
    metric
        Its id.
    say
        The catalogue of a language.

    Returns
    -------
    Label and text, for what its definition card says of them.
    """
    card = DEFINITIONS.get(metric)
    texts = {key: getattr(card, key, "") for key in _NOTES}
    translated = say.get("card", {})
    return [
        (say["page"][key], translated.get(text, text))
        for key, text in texts.items()
        if text
    ]


def _ends(
    rows: list[dict[str, Any]], usual: tuple[float, float, str] | None
) -> tuple[float, float] | None:
    """Say from where to where the strips of a card reach: all of them the same."""
    values = [
        row[key]
        for row in rows
        for key in ("value", "low", "high")
        if row[key] is not None and row["low"] is not None
    ]
    if not values:
        return None
    values += usual[:2] if usual else ()
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _reading(
    row: dict[str, Any],
    ends: tuple[float, float] | None,
    usual: tuple[float, float, str] | None,
    say: Words,
) -> Reading:
    unit = row["unit"]
    return Reading(
        side=row["side"],
        value=number(row["value"], unit, say),
        unit=unit_after(unit, say) if row["value"] is not None else "",
        interval=_interval(row, say),
        n=row["n"],
        grade=row["grade"],
        reason=reason_of(row["reason"], say) if row["value"] is None else None,
        strip=_strip(row, ends, usual),
    )


def _interval(row: dict[str, Any], say: Words) -> str | None:
    if row["value"] is None or row["low"] is None or row["low"] == row["high"]:
        return None
    return interval(row["low"], row["high"], row["unit"], say)


def _strip(
    row: dict[str, Any],
    ends: tuple[float, float] | None,
    usual: tuple[float, float, str] | None,
) -> Strip | None:
    known = (row["value"], row["low"], row["high"])
    if ends is None or None in known or row["low"] == row["high"]:
        return None
    value, low, high = _shares(known, ends)
    if usual is None:
        return Strip(value, low, high - low, None, None)
    usual_low, usual_high = _shares(usual[:2], ends)
    return Strip(value, low, high - low, usual_low, usual_high - usual_low)


def _shares(values: Iterable[float], ends: tuple[float, float]) -> list[float]:
    low, high = ends
    return [round(100 * (x - low) / (high - low), 2) for x in values]
