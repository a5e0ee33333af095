"""Comparison and team as pages."""

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from biomech.summary import KEY_METRICS
from biomech.units import label_of
from reports.comparison import by_chance, changes, flagged
from reports.findings import number, reason_of, title_of
from reports.html import write_page
from reports.plots.intervals import plot_athletes, plot_changes
from reports.plots.svg import to_svg
from reports.sessions import Session
from reports.team import team
from reports.words import words as catalogue

Words = dict[str, Any]

#: Figures of more athletes would be taller than anybody scrolls.
_MOST_DRAWN = 60
#: What tells the rows of one activity of a team apart.
_CELL = ("athlete", "metric", "side")


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
    csv: str


@dataclass(frozen=True)
class Activity:
    """What a team did: who stands out, and everybody's key metrics."""

    title: str
    headline: str
    columns: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]
    findings: list[str]
    others: list[str]
    figures: list[str]
    too_many: bool
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
        warnings=_warnings(sessions),
        parts=[_comparison(first, other, i, say) for i, other in enumerate(others)],
    )


def write_team(
    sessions: Sequence[Session], path: Path, /, *, language: str = "en"
) -> Path:
    """Write the page that lays many athletes side by side.

    Parameters
    ----------
    sessions
        One per athlete and activity, from `reports.team.read_team`.
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
    table = team(sessions)
    parts = [
        _activity(str(activity), part, i, say)
        for i, ((activity,), part) in enumerate(
            table.group_by("activity", maintain_order=True)
        )
    ]
    return write_page(
        path,
        "team.html.j2",
        language=language,
        parts=parts,
        warnings=_warnings(sessions),
        n_athletes=table["athlete"].n_unique(),
        most_drawn=_MOST_DRAWN,
    )


def _warnings(sessions: Iterable[Session]) -> list[str]:
    return sorted({text for session in sessions for text in session.warnings})


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
        "rate": ", ".join(f"{rate:g}" for rate in rates) or unknown,
        "coverage": f"{min(covered):.0f} %" if len(covered) else unknown,
        "model": ", ".join(session.models) or unknown,
    }


def _comparison(first: Session, other: Session, i: int, say: Words) -> Comparison:
    changed = changes(first.pooled, other.pooled)
    sure = flagged(changed)
    compared = changed.filter(pl.col("difference").is_not_null())
    headline = say["compare"]["headline"].format(
        flagged=sure.height,
        compared=compared.height,
        chance=f"{by_chance(changed):.1f}",
    )
    return Comparison(
        label=other.label,
        headline=headline if compared.height else say["compare"]["nothing"],
        findings=[_change(row, say) for row in sure.iter_rows(named=True)],
        rows=[_change(row, say) for row in compared.iter_rows(named=True)],
        refusals=_refusals(changed, say),
        cautions=_cautions(first, other, say),
        svg=_changes_svg(compared, i, other.label, say),
        csv=_csv(changed),
    )


def _change(row: dict[str, Any], say: Words) -> Change:
    digits = _digits(row["mdc"])
    return Change(
        title=_title(row, say),
        before=_number(row["before_value"], digits),
        after=_number(row["after_value"], digits),
        difference=_signed(row["difference"], digits),
        interval=f"{_signed(row['low'], digits)} … {_signed(row['high'], digits)}",
        mdc=_number(row["mdc"], digits),
        unit=label_of(row["unit"]),
        n=f"{row['before_n']} / {row['after_n']}",
        verdict=row["verdict"],
    )


def _digits(mdc: float) -> int:
    """Choose decimals so that what could be detected has two digits."""
    return min(max(1 - math.floor(math.log10(mdc)), 0), 4) if mdc > 0 else 2


def _number(value: float, digits: int) -> str:
    # Adding 0.0 takes the sign from a rounded zero.
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def _signed(value: float, digits: int) -> str:
    text = _number(value, digits)
    return f"+{text}" if round(value, digits) > 0 else text


def _title(row: dict[str, Any], say: Words) -> str:
    side = f" ({say['page'][row['side']]})" if row["side"] else ""
    return title_of(row["metric"], say) + side


def _refusals(changed: pl.DataFrame, say: Words) -> list[tuple[str, str]]:
    """Say of every metric that was not compared why."""
    rows = changed.filter(pl.col("difference").is_null())
    return [(_title(row, say), _why(row, say)) for row in rows.iter_rows(named=True)]


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
    labels = [_title(row, say) for row in drawn.iter_rows(named=True)]
    title = say["compare"]["figure"].format(label=label)
    axes = plot_changes(drawn, labels=labels)
    axes.set_xlabel(say["compare"]["axis"])
    return to_svg(axes, title=title, prefix=f"change{i}")


def _activity(activity: str, part: pl.DataFrame, i: int, say: Words) -> Activity:
    keys = _key_rows(activity, part)
    columns = keys.select("metric", "side", "unit").unique(maintain_order=True)
    cells = {
        (row["athlete"], row["metric"], row["side"]): row
        for row in keys.iter_rows(named=True)
    }
    names = part["athlete"].unique().sort().to_list()
    order = list(columns.iter_rows(named=True))
    ranged = part["usual_low"].count() > 0
    return Activity(
        title=str(say["activity"].get(activity, activity)),
        headline=say["team"]["range" if ranged else "few"].format(n=len(names)),
        columns=[_heading(c, say) for c in order],
        rows=[
            (
                name,
                [_standing(cells.get((name, c["metric"], c["side"]))) for c in order],
            )
            for name in names
        ],
        findings=_outstanding(keys, say),
        others=_outstanding(
            part.join(
                keys, on=_CELL, how="anti", nulls_equal=True, maintain_order="left"
            ),
            say,
        ),
        figures=_figures(keys, order, i, say) if len(names) <= _MOST_DRAWN else [],
        too_many=len(names) > _MOST_DRAWN,
        csv=_csv(part),
    )


def _key_rows(activity: str, part: pl.DataFrame) -> pl.DataFrame:
    """Keep the key metrics, both sides together where there is such a row."""
    names = KEY_METRICS.get(activity, ())
    rows = part.filter(pl.col("metric").is_in(names))
    together = rows.filter(pl.col("side").is_null())["metric"].unique().implode()
    kept = rows.filter(
        pl.col("side").is_null() | pl.col("metric").is_in(together).not_()
    )
    rank = {name: i for i, name in enumerate(names)}
    return kept.sort(
        pl.col("metric").replace_strict(rank, default=0, return_dtype=pl.Int32),
        "side",
        "athlete",
    )


def _heading(column: dict[str, Any], say: Words) -> str:
    unit = label_of(column["unit"])
    return _title(column, say) + (f" ({unit})" if unit else "")


def _standing(row: dict[str, Any] | None) -> tuple[str, str]:
    """Write a cell of the team's table, and what kind of cell it is."""
    if row is None:
        return "–", "not_compared"
    return number(row["value"], row["unit"]), str(row["standing"])


def _outstanding(part: pl.DataFrame, say: Words) -> list[str]:
    rows = part.filter(pl.col("standing").is_in(["above", "below"]))
    return [
        say["team"][row["standing"]].format(
            athlete=row["athlete"],
            title=_title(row, say),
            value=number(row["value"], row["unit"]),
            low=number(row["usual_low"], row["unit"]),
            high=number(row["usual_high"], row["unit"]),
            unit=label_of(row["unit"]),
        )
        for row in rows.iter_rows(named=True)
    ]


def _figures(
    keys: pl.DataFrame, order: list[dict[str, Any]], i: int, say: Words
) -> list[str]:
    figures = []
    for k, column in enumerate(order):
        own = keys.filter(
            pl.col("metric") == column["metric"],
            pl.col("side").eq_missing(pl.lit(column["side"], pl.String)),
            pl.col("unit") == column["unit"],
            pl.col("why").is_null(),
        )
        if own.height > 1:
            title = _title(column, say)
            axes = plot_athletes(own, unit=column["unit"], title=title)
            figures.append(to_svg(axes, title=title, prefix=f"team{i}x{k}"))
    return figures


def _csv(table: pl.DataFrame) -> str:
    """Lay a table out as CSV in a data URI; no text begins a formula."""
    text = cs.string() | cs.enum() | cs.categorical()
    inert = table.with_columns(
        text.cast(pl.String).str.replace(r"^([=+\-@\t\r])", "'$1")
    )
    encoded = base64.b64encode(inert.write_csv().encode("utf-8-sig")).decode()
    return f"data:text/csv;charset=utf-8;base64,{encoded}"
