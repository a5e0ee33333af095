"""What a coach should read first: the headline, three findings, one open question."""

from typing import Any, NamedTuple

import polars as pl

from biomech.definitions import DEFINITIONS
from biomech.quality import REASONS
from biomech.schema import Metrics
from biomech.units import label_of
from reports.data import ClipData
from reports.plots.bars import asymmetries

#: What a coach asks first, by activity. Others follow in the order of the table.
FIRST = {
    "walk": ("speed", "cadence", "stride_length", "step_length", "double_support"),
    "run": ("step_frequency", "contact_time", "speed", "vertical_oscillation"),
    "golf": ("tempo_ratio", "swing_plane_slope", "spine_angle_change", "head_sway"),
    "baseball": ("bat_speed", "attack_angle", "hip_shoulder_separation"),
    "tennis": ("racket_speed", "elbow_extension_speed", "hand_speed"),
    "throw": ("elbow_extension_speed", "hip_shoulder_separation", "hand_speed"),
    "jump": ("jump_height_com", "jump_height_flight", "rsi", "rsi_modified"),
    "squat": ("repetition_count", "repetition_depth", "repetition_time"),
}
#: Differences between the sides below this are no finding.
_LEAST_ASYMMETRY_PCT = 5.0
_N_FINDINGS = 3


class Finding(NamedTuple):
    """One sentence, how sure it is, and its grade."""

    text: str
    certainty: str
    grade: str | None


def number(value: float | None, unit: str) -> str:
    """Write a number with as many digits as its unit deserves.

    Parameters
    ----------
    value
        The number; None becomes a dash.
    unit
        A unit suffix.

    Returns
    -------
    The number as text, with a true minus sign.
    """
    if value is None:
        return "–"
    digits = {"deg": 1, "pct": 1, "spm": 1, "px": 0, "deg_s": 0, "ms": 0, "": 0}
    wanted = digits.get(unit, 2 if abs(value) < 100 else 1)
    return f"{value:.{wanted}f}".replace("-", "−")


def findings(data: ClipData, track_id: int, words: dict[str, Any], /) -> list[Finding]:
    """Choose three findings, the surest and most asked for first.

    Parameters
    ----------
    data
        The clip.
    track_id
        The person.
    words
        The catalogue of a language.

    Returns
    -------
    Up to three findings.
    """
    metrics = metrics_of(data, track_id)
    if metrics is None:
        return []
    found = _asymmetry(metrics, words)
    first = FIRST.get(data.activity, ())
    rank = {name: i for i, name in enumerate(first)}
    known = metrics.filter(pl.col("value").is_not_null()).sort(
        pl.col("metric").replace_strict(rank, default=len(rank)),
        pl.col("grade").cast(pl.String),
        maintain_order=True,
    )
    values = [
        _value(row, words)
        for row in known.unique("metric", keep="first", maintain_order=True).iter_rows(
            named=True
        )
    ]
    return [*values[: _N_FINDINGS - len(found)], *found]


def _value(row: dict[str, Any], words: dict[str, Any]) -> Finding:
    say, unit = words["finding"], row["unit"]
    title = title_of(row["metric"], words)
    side = f" ({words['page'][row['side']]})" if row["side"] else ""
    text = say["value"].format(
        title=title + side, value=number(row["value"], unit), unit=label_of(unit)
    )
    if row["low"] is None:
        return Finding(text.strip(), say["unsure"], row["grade"])
    low, high = number(row["low"], unit), number(row["high"], unit)
    return Finding(text.strip(), say["sure"].format(low=low, high=high), row["grade"])


def _asymmetry(metrics: Metrics, words: dict[str, Any]) -> list[Finding]:
    """Say where the sides differ most, if they differ much."""
    pairs = asymmetries(metrics).sort(pl.col("difference_pct").abs(), descending=True)
    if pairs.is_empty() or abs(pairs["difference_pct"][0]) < _LEAST_ASYMMETRY_PCT:
        return []
    name, difference = pairs.row(0)
    side = "right" if difference > 0 else "left"
    rows = metrics.filter(pl.col("metric") == name)
    overlap = _overlap(rows)
    text = words["finding"]["asymmetry"].format(
        title=title_of(name, words),
        side=words["page"][side],
        percent=f"{abs(difference):.0f}",
    )
    grade = str(rows["grade"].cast(pl.String).max())
    sure = words["finding"]["overlap" if overlap else "apart"]
    return [Finding(text, sure, grade)]


def _overlap(rows: Metrics) -> bool:
    """Whether the intervals of both sides overlap, so that chance may be the reason."""
    known = rows.drop_nulls(["low", "high"])
    if known.height < 2:
        return True
    low, high = known["low"].to_list(), known["high"].to_list()
    return bool(max(low[:2]) <= min(high[:2]))


def not_told(data: ClipData, track_id: int, words: dict[str, Any], /) -> str:
    """Name the most asked-for metric that the footage could not support.

    Parameters
    ----------
    data
        The clip.
    track_id
        The person.
    words
        The catalogue of a language.

    Returns
    -------
    One sentence.
    """
    metrics = metrics_of(data, track_id)
    if metrics is None:
        return str(words["page"]["no_metrics"])
    rank = {name: i for i, name in enumerate(FIRST.get(data.activity, ()))}
    refused = metrics.filter(pl.col("value").is_null()).sort(
        pl.col("metric").replace_strict(rank, default=len(rank)), maintain_order=True
    )
    if refused.is_empty():
        return str(words["finding"]["all_told"])
    name, reason = refused.select("metric", "reason").row(0)
    said: str = words["finding"]["not_told"].format(
        title=title_of(name, words), reason=reason_of(reason, words)
    )
    return said


def metrics_of(data: ClipData, track_id: int, /) -> Metrics | None:
    """Give the metrics of one person, if there are any.

    Parameters
    ----------
    data
        The clip.
    track_id
        The person.

    Returns
    -------
    A `metrics` table, or None.
    """
    metrics = data.table("metrics")
    if metrics is None:
        return None
    mine = metrics.filter(pl.col("track_id") == track_id)
    return None if mine.is_empty() else mine


def title_of(metric: str, words: dict[str, Any], /) -> str:
    """Name a metric in plain words of the language, in English for want of others."""
    translated = words.get("metric", {}).get(metric)
    if translated:
        return str(translated)
    return DEFINITIONS[metric].title if metric in DEFINITIONS else metric


def reason_of(code: str | None, words: dict[str, Any], /) -> str:
    """Say a reason in words of the language, in English for want of others."""
    translated = words.get("reason", {}).get(code)
    return str(translated or REASONS.get(code or "", code or "?"))
