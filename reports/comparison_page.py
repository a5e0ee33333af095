"""The page that compares sessions."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reports.comparison import by_chance, changes, flagged
from reports.downloads import csv_uri
from reports.figures import CYCLE_CURVES, signal_title
from reports.findings import reason_of, title_of
from reports.html import write_page
from reports.numbers import decimal, label_in, short, signed
from reports.page import demo_warnings
from reports.plots.curves import plot_cycles_together
from reports.plots.intervals import plot_changes
from reports.plots.svg import to_svg, translate
from reports.sessions import Session
from reports.words import Words
from reports.words import words as catalogue


@dataclass(frozen=True)
class Change:
    """One metric that was compared, in words."""

    title: str
    before: str
    after: str
    difference: str
    interval: str
    mdc: str
    unit: str
    n: str
    verdict: str
    grade: str


@dataclass(frozen=True)
class Comparison:
    """One session against the first one."""

    label: str
    headline: str
    findings: list[Change]
    rows: list[Change]
    refusals: list[tuple[str, str]]
    cautions: list[str]
    svg: str | None
    curves: list[tuple[str, str]]
    csv: str


def write_comparison(
    sessions: Sequence[Session], path: Path, /, *, language: str = "en"
) -> Path:
    """Write the page that compares sessions with the first of them.

    Parameters
    ----------
    sessions
        Two or more.
    path
        The file to write.
    language
        Of the words: ``"en"`` or ``"de"``.

    Returns
    -------
    The path. The same tables give the same bytes.

    Raises
    ------
    ConfigError
        If there is no such language.
    """
    say = catalogue(language)
    first, *others = sessions
    return write_page(
        path,
        "compare.html.j2",
        language=language,
        first=first.label,
        sessions=[_facts(session, say) for session in sessions],
        warnings=demo_warnings((n for s in sessions for n in s.demo_models), say),
        parts=[_comparison(first, other, i, say) for i, other in enumerate(others)],
    )


def _facts(session: Session, say: Words) -> dict[str, str]:
    """Describe a session in a row of the table on top."""
    tracks, unknown = session.tracks, say["page"]["unknown"]
    day = session.first_day
    rates = tracks["rate_hz"].drop_nulls().round(1).unique().sort()
    covered = tracks["coverage_pct"].drop_nulls()
    return {
        "label": session.label,
        "athlete": str(tracks["athlete"].drop_nulls().first() or unknown),
        "activity": str(say["activity"].get(session.activity, session.activity)),
        "day": day.date().isoformat() if day else unknown,
        "clips": str(tracks["clip_id"].n_unique()),
        "rate": ", ".join(short(rate, say) for rate in rates) or unknown,
        "coverage": f"{min(covered):.0f} %" if len(covered) else unknown,
        "model": ", ".join(session.models) or unknown,
    }


def _comparison(first: Session, other: Session, i: int, say: Words) -> Comparison:
    changed = changes(first.pooled, other.pooled)
    sure = flagged(changed)
    compared = changed.filter(pl.col("difference").is_not_null())
    findings = [_change(row, say) for row in sure.iter_rows(named=True)]
    cautions = _cautions(first, other, say)
    if any(change.grade == "C" for change in findings):
        cautions.append(say["compare"]["indications"])
    headline = say["compare"]["headline"].format(
        flagged=sure.height,
        compared=compared.height,
        chance=decimal(by_chance(changed), 1, say),
    )
    return Comparison(
        label=other.label,
        headline=headline if compared.height else say["compare"]["nothing"],
        findings=findings,
        rows=[_change(row, say) for row in compared.iter_rows(named=True)],
        refusals=_refusals(changed, say),
        cautions=cautions,
        svg=_changes_svg(compared, i, other.label, say),
        curves=list(_curves(first, other, i, say)),
        csv=csv_uri(changed),
    )


def _change(row: dict[str, Any], say: Words) -> Change:
    digits = _digits(row["mdc"])
    return Change(
        title=title_of(row["metric"], say, row["side"]),
        before=decimal(row["before_value"], digits, say),
        after=decimal(row["after_value"], digits, say),
        difference=signed(row["difference"], digits, say),
        interval=" … ".join(signed(row[end], digits, say) for end in ("low", "high")),
        mdc=decimal(row["mdc"], digits, say),
        unit=label_in(row["unit"], say),
        n=f"{row['before_n']} / {row['after_n']}",
        verdict=row["verdict"],
        grade=max(row["before_grade"], row["after_grade"]),
    )


def _digits(mdc: float) -> int:
    """Choose decimals so that what could be detected has two digits."""
    return min(max(1 - math.floor(math.log10(mdc)), 0), 4) if mdc > 0 else 2


def _refusals(changed: pl.DataFrame, say: Words) -> list[tuple[str, str]]:
    """Say of every metric that was not compared why."""
    rows = changed.filter(pl.col("difference").is_null())
    return [
        (title_of(row["metric"], say, row["side"]), _why(row, say))
        for row in rows.iter_rows(named=True)
    ]


def _why(row: dict[str, Any], say: Words) -> str:
    text: str = say["compare"][row["reason"]]
    return text.format(
        before=_cell(row, "before", say),
        after=_cell(row, "after", say),
    )


def _cell(row: dict[str, Any], name: str, say: Words) -> str:
    """Name what differs, or why there is nothing."""
    match row["reason"]:
        case "units_differ":
            return str(row[f"{name}_unit"])
        case "models_differ":
            return str(row[f"{name}_model"] or say["page"]["unknown"])
    code = row[f"{name}_reason"]
    return reason_of(code, say) if code else ""


def _cautions(first: Session, other: Session, say: Words) -> list[str]:
    """Name differences of the footage that can look like differences of people."""
    both = (first.tracks, other.tracks)
    cautions = []
    if first.activity != other.activity:
        cautions.append(say["compare"]["other_activity"])
    views = [set(t["view"].cast(pl.String).drop_nulls()) for t in both]
    if views[0] != views[1]:
        cautions.append(say["compare"]["other_view"])
    rates = [set(t["rate_hz"].drop_nulls().round()) for t in both]
    if rates[0] != rates[1]:
        cautions.append(say["compare"]["other_rate"])
    if not first.models or not other.models:
        cautions.append(say["compare"]["no_model"])
    return cautions


def _changes_svg(compared: pl.DataFrame, i: int, label: str, say: Words) -> str | None:
    drawn = compared.filter(pl.col("mdc") > 0)
    if drawn.is_empty():
        return None
    labels = [
        title_of(row["metric"], say, row["side"]) for row in drawn.iter_rows(named=True)
    ]
    title = say["compare"]["figure"].format(label=label)
    axes = plot_changes(drawn, labels=labels)
    axes.set_xlabel(say["compare"]["axis"])
    translate(axes, {}, decimal_mark=say["page"]["decimal_mark"])
    return to_svg(axes, title=title, prefix=f"change{i}")


def _curves(
    first: Session, other: Session, i: int, say: Words
) -> Iterator[tuple[str, str]]:
    """Draw the curves of both sessions over each other; give titles and figures."""
    both = {session.label: session.cycles for session in (first, other)}
    drawn = {label: cycles for label, cycles in both.items() if cycles is not None}
    if len(drawn) < 2:
        return
    for column in CYCLE_CURVES:
        if any(
            column not in c.columns or not c[column].count() for c in drawn.values()
        ):
            continue
        for side in ("left", "right"):
            title = f"{signal_title(column, say)} ({say['page'][side]})"
            axes = plot_cycles_together(drawn, column=column, side=side)
            translate(axes, say["plot"], decimal_mark=say["page"]["decimal_mark"])
            yield title, to_svg(axes, title=title, prefix=f"curve{i}{side}{column}")
