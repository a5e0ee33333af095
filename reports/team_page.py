"""The page of a team, and the part of it that is about one activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from biomech.summary import KEY_METRICS
from reports.downloads import csv_uri
from reports.findings import title_of
from reports.html import write_page
from reports.numbers import label_in, number
from reports.page import demo_warnings
from reports.plots.intervals import plot_athletes
from reports.plots.svg import to_svg, translate
from reports.sessions import Session
from reports.team import team
from reports.words import Words
from reports.words import words as catalogue

#: Figures of more athletes would be taller than anybody scrolls.
_MOST_DRAWN = 60
#: What tells the rows of one activity of a team apart.
_CELL = ("athlete", "metric", "side")


@dataclass(frozen=True)
class Activity:
    """What a team did: who stands out, and everybody's key metrics."""

    title: str
    headline: str
    is_ranged: bool
    columns: list[str]
    rows: list[tuple[str, list[tuple[str, str]]]]
    findings: list[str]
    others: list[str]
    figures: list[str]
    too_many: bool
    csv: str


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
        activity_part(str(activity), part, i, say, say["team"], by_value=True)
        for i, ((activity,), part) in enumerate(
            table.group_by("activity", maintain_order=True)
        )
    ]
    return write_page(
        path,
        "team.html.j2",
        language=language,
        parts=parts,
        warnings=demo_warnings((n for s in sessions for n in s.demo_models), say),
        n_athletes=table["athlete"].n_unique(),
        most_drawn=_MOST_DRAWN,
    )


def activity_part(
    activity: str,
    part: pl.DataFrame,
    i: int,
    say: Words,
    phrases: Words,
    /,
    *,
    by_value: bool,
) -> Activity:
    """Say who stands out in one activity, and lay the key metrics side by side.

    Parameters
    ----------
    activity
        Its name.
    part
        Rows of `reports.team.team` of this activity; the page keeps their order.
    i
        A number that no other part of the page has.
    say
        The catalogue of a language.
    phrases
        Those for this kind of page: of a team, or of the clips of one athlete.
    by_value
        Whether figures show the largest value on top, or keep the order too.

    Returns
    -------
    What the template is given.
    """
    keys = _key_rows(activity, part)
    columns = keys.select("metric", "side", "unit").unique(maintain_order=True)
    cells = {
        (row["athlete"], row["metric"], row["side"]): row
        for row in keys.iter_rows(named=True)
    }
    names = part["athlete"].unique(maintain_order=True).to_list()
    order = list(columns.iter_rows(named=True))
    is_ranged = part["usual_low"].count() > 0
    return Activity(
        title=str(say["activity"].get(activity, activity)),
        headline=phrases["range" if is_ranged else "few"].format(n=len(names)),
        is_ranged=is_ranged,
        columns=[_heading(c, say) for c in order],
        rows=[
            (
                name,
                [
                    _standing(cells.get((name, c["metric"], c["side"])), say)
                    for c in order
                ],
            )
            for name in names
        ],
        findings=_outstanding(keys, say, phrases),
        others=_outstanding(
            part.join(
                keys, on=_CELL, how="anti", nulls_equal=True, maintain_order="left"
            ),
            say,
            phrases,
        ),
        figures=_figures(keys, order, i, say, by_value=by_value)
        if len(names) <= _MOST_DRAWN
        else [],
        too_many=len(names) > _MOST_DRAWN,
        csv=csv_uri(part),
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
        maintain_order=True,
    )


def _heading(column: dict[str, Any], say: Words) -> str:
    unit = label_in(column["unit"], say)
    return title_of(column["metric"], say, column["side"]) + (
        f" ({unit})" if unit else ""
    )


def _standing(row: dict[str, Any] | None, say: Words) -> tuple[str, str]:
    """Write a cell of the team's table, and what kind of cell it is."""
    if row is None:
        return "–", "not_compared"
    return number(row["value"], row["unit"], say), str(row["standing"])


def _outstanding(part: pl.DataFrame, say: Words, phrases: Words) -> list[str]:
    rows = part.filter(pl.col("standing").is_in(["above", "below"]))
    return [
        phrases[row["standing"]].format(
            athlete=row["athlete"],
            title=title_of(row["metric"], say, row["side"]),
            value=number(row["value"], row["unit"], say),
            low=number(row["usual_low"], row["unit"], say),
            high=number(row["usual_high"], row["unit"], say),
            unit=label_in(row["unit"], say),
        )
        for row in rows.iter_rows(named=True)
    ]


def _figures(
    keys: pl.DataFrame,
    order: list[dict[str, Any]],
    i: int,
    say: Words,
    *,
    by_value: bool,
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
            title = title_of(column["metric"], say, column["side"])
            axes = plot_athletes(
                own, unit=column["unit"], title=title, by_value=by_value
            )
            mark = say["page"]["decimal_mark"]
            translate(axes, say["unit"], decimal_mark=mark)
            figures.append(to_svg(axes, title=title, prefix=f"team{i}x{k}"))
    return figures
