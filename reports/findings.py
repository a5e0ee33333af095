"""What a coach should read first: the headline, three findings, one open question."""

from typing import Any, NamedTuple

import polars as pl

from biomech.definitions import DEFINITIONS
from biomech.quality import REASONS
from biomech.schema import Metrics
from biomech.summary import KEY_METRICS
from reports.data import Person
from reports.numbers import interval, number, short, unit_after
from reports.plots.bars import asymmetries
from reports.ranges import Range, range_of
from reports.words import Words

#: What a coach asks first, by activity. Others follow in the order of the table.
FIRST = KEY_METRICS | {
    "walk": ("speed", "cadence", "stride_length", "step_length", "double_support"),
    "run": ("step_frequency", "contact_time", "speed", "vertical_oscillation"),
}
#: Differences between the sides below this are no finding.
_LEAST_ASYMMETRY_PCT = 5.0
_N_FINDINGS = 3
#: Of these, one stride says nothing: it may be a false one.
_STEPPING = ("walk", "run")


class Finding(NamedTuple):
    """One sentence, how sure it is, and its grade."""

    text: str
    certainty: str
    grade: str | None


def in_order(metrics: Metrics, activity: str, /) -> Metrics:
    """Sort metrics by what a coach asks first.

    Parameters
    ----------
    metrics
        A `metrics` table.
    activity
        What was seen.

    Returns
    -------
    The same rows; those that no coach asks first follow in the order of the table.
    """
    rank = {name: i for i, name in enumerate(FIRST.get(activity, ()))}
    place = pl.col("metric").replace_strict(
        rank, default=len(rank), return_dtype=pl.Int32
    )
    return metrics.sort(place, maintain_order=True)


def findings(person: Person, words: Words, /) -> list[Finding]:
    """Choose three findings, the surest and most asked for first.

    Parameters
    ----------
    person
        One person of a clip.
    words
        The catalogue of a language.

    Returns
    -------
    Up to three findings. A value whose interval is wider than itself (or holds zero,
    where the sign matters) is none.
    """
    metrics = person.table("metrics")
    if metrics is None:
        return []
    found = _asymmetry(metrics, words)
    single = (pl.col("n") < 2) & pl.lit(person.activity in _STEPPING)
    known = (
        in_order(metrics.filter(_is_telling() & ~single), person.activity)
        .with_columns(is_side=pl.col("side").is_not_null())
        .sort(_rank(person.activity), "is_side", maintain_order=True)
        .unique("metric", keep="first", maintain_order=True)
    )
    values = [_value(row, words) for row in known.iter_rows(named=True)]
    return [*values[: _N_FINDINGS - len(found)], *found]


def _rank(activity: str) -> pl.Expr:
    """Order: what is asked first, then the better grade."""
    rank = {name: i for i, name in enumerate(FIRST.get(activity, ()))}
    place = pl.col("metric").replace_strict(
        rank, default=len(rank), return_dtype=pl.Int32
    )
    grade = pl.col("grade").cast(pl.String).fill_null("D")
    is_poor = grade.is_in(["C", "D"]).cast(pl.Int32)
    return len(FIRST.get(activity, ())) * is_poor + place


def _is_telling() -> pl.Expr:
    """Whether a value says something: its interval is narrow enough."""
    signed = [name for name, card in DEFINITIONS.items() if card.sign]
    low, high = pl.col("low"), pl.col("high")
    narrow = (high - low) <= pl.col("value").abs()
    apart = (low > 0) | (high < 0)
    sure = pl.when(pl.col("metric").is_in(signed)).then(apart).otherwise(narrow)
    is_count = pl.col("unit") == ""
    return pl.col("value").is_not_null() & (sure.fill_null(value=False) | is_count)


def _value(row: dict[str, Any], words: Words) -> Finding:
    say, unit = words["finding"], row["unit"]
    text = say["value"].format(
        title=title_of(row["metric"], words, row["side"]),
        value=number(row["value"], unit, words) + unit_after(unit, words),
    )
    if row["low"] is None:
        return Finding(text.strip(), say["unsure"], row["grade"])
    if row["unit"] == "":
        return Finding(text.strip(), say["counted"], row["grade"])
    sure = say["sure"].format(interval=interval(row["low"], row["high"], unit, words))
    return Finding(text.strip(), sure + _compared(row, words), row["grade"])


def _compared(row: dict[str, Any], words: Words) -> str:
    """Set a value against the usual range, with a verdict if it is sure enough."""
    usual = range_of(row["metric"])
    if usual is None:
        return ""
    text = usual_text(usual, row["unit"], words)
    if row["grade"] == "C":
        return f"; {text}"
    return f"; {words['usual'][_place(row, usual)]} ({text})"


def _place(row: dict[str, Any], usual: Range) -> str:
    if row["low"] > usual.high:
        return "above"
    if row["high"] < usual.low:
        return "below"
    inside = usual.low <= row["low"] and row["high"] <= usual.high
    return "within" if inside else "about"


def usual_text(usual: Range, unit: str, words: Words, /) -> str:
    """Say where a metric usually lies, and of whom, in words of the language."""
    low, high = short(usual.low, words), short(usual.high, words)
    said = words["finding"]["interval"].format(
        low=low, high=high, unit=unit_after(unit, words)
    )
    return f"{words['usual'][usual.who]}: {said}"


def _asymmetry(metrics: Metrics, words: Words) -> list[Finding]:
    """Say where the sides differ most, if they differ by more than their errors."""
    pairs = asymmetries(metrics).filter(
        pl.col("difference_pct").abs() >= _LEAST_ASYMMETRY_PCT
    )
    ordered = pairs.sort(pl.col("difference_pct").abs(), descending=True)
    for name, difference in ordered.select("metric", "difference_pct").iter_rows():
        rows = metrics.filter((pl.col("metric") == name) & _is_telling())
        if not _are_apart(rows):
            continue
        text = words["finding"]["asymmetry"].format(
            title=title_of(name, words),
            side=words["page"]["right" if difference > 0 else "left"],
            percent=f"{abs(difference):.0f}",
        )
        grade = str(rows["grade"].cast(pl.String).max())
        return [Finding(text, words["finding"]["apart"], grade)]
    return []


def _are_apart(rows: Metrics) -> bool:
    """Whether the intervals of the two sides do not overlap; one stride has none."""
    sides = rows.filter(pl.col("side").is_not_null(), pl.col("n") > 1)
    sides = sides.drop_nulls(["low", "high"])
    if sides.height != 2:
        return False
    return bool(sides["low"].max() > sides["high"].min())  # type: ignore[operator]


def not_told(person: Person, words: Words, /) -> str:
    """Name the most asked-for metric that the footage could not support.

    Parameters
    ----------
    person
        One person of a clip.
    words
        The catalogue of a language.

    Returns
    -------
    One sentence.
    """
    metrics = person.table("metrics")
    if metrics is None:
        return str(words["page"]["no_metrics"])
    has_value = pl.col("value").is_not_null().any().over("metric")
    refused = in_order(metrics.filter(~has_value), person.activity)
    if refused.is_empty():
        return str(words["finding"]["all_told"])
    name, reason = refused.select("metric", "reason").row(0)
    said: str = words["finding"]["not_told"].format(
        title=title_of(name, words), reason=reason_of(reason, words)
    )
    return said


def title_of(metric: str, words: Words, /, side: str | None = None) -> str:
    """Name a metric in plain words of the language, in English for want of others."""
    title = _said(metric, "title", words)
    return f"{title} ({words['page'][side]})" if side else title


def meaning_of(metric: str, words: Words, /) -> str:
    """Say what a metric means, in English for want of other words."""
    return _said(metric, "meaning", words)


def _said(metric: str, what: str, words: Words) -> str:
    translated = words.get("metric", {}).get(metric, {}).get(what)
    if translated:
        return str(translated)
    if metric in DEFINITIONS:
        return str(getattr(DEFINITIONS[metric], what))
    return metric if what == "title" else ""


def reason_of(code: str | None, words: Words, /) -> str:
    """Say a reason in words of the language, in English for want of others."""
    translated = words.get("reason", {}).get(code)
    return str(translated or REASONS.get(code or "", code or "?"))
