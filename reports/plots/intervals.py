"""Values with their intervals, one under the other: changes, and many athletes."""

from collections.abc import Sequence

import matplotlib as mpl
import polars as pl
from matplotlib.axes import Axes

from biomech.errors import SchemaError
from biomech.units import label_of
from reports.plots.svg import figure
from reports.style import ACCENT, GRID, MUTED, RC

_ROW_INCHES = 0.3


def plot_changes(
    changes: pl.DataFrame, /, *, labels: Sequence[str], ax: Axes | None = None
) -> Axes:
    """Draw how far every metric changed, measured by what could be detected.

    A bar is the 90 % interval of the difference, a dot the difference; both are in
    units of the minimal detectable change, so that metrics of different units share one
    axis. Bars that leave out 0 are in the accent colour.

    Parameters
    ----------
    changes
        From `reports.comparison.changes`, all rows with a ``mdc`` above 0.
    labels
        What to call the rows.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes, the first row on top.

    Raises
    ------
    SchemaError
        If a column is missing, or the labels are not as many as the rows.
    """
    _check(changes, ("difference", "low", "high", "mdc"), labels)
    ax = figure(4.8, 0.8 + _ROW_INCHES * max(changes.height, 1)) if ax is None else ax
    shares = changes.select(pl.col("difference", "low", "high") / pl.col("mdc"))
    with mpl.rc_context(RC):
        ax.axvline(0, color=MUTED, linewidth=1.0)
        for row, (middle, low, high) in enumerate(shares.iter_rows()):
            _bar(ax, row, middle, low, high, flagged=low > 0 or high < 0)
        _name_rows(ax, labels)
        ax.set_xlabel("change / minimal detectable change")
    return ax


def plot_athletes(
    team: pl.DataFrame,
    /,
    *,
    unit: str,
    title: str = "",
    by_value: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw one metric of many athletes, one below the other.

    Parameters
    ----------
    team
        Rows of `reports.team.team` of one activity, metric and side.
    unit
        Suffix of the unit.
    title
        Of the figure.
    by_value
        Whether the largest value stands on top; otherwise rows keep their order.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes: a dot and a bar for the 90 % interval of every athlete with both, a band
    for the usual range if there is one.

    Raises
    ------
    SchemaError
        If a column is missing.
    """
    columns = ("athlete", "value", "low", "high", "usual_low", "usual_high", "standing")
    _check(team, columns, None)
    known = team.drop_nulls(["value", "low", "high"])
    if by_value:
        known = known.sort("value", "athlete", descending=[True, False])
    ax = figure(4.8, 0.8 + _ROW_INCHES * max(known.height, 1)) if ax is None else ax
    band = known.select("usual_low", "usual_high").drop_nulls().unique()
    with mpl.rc_context(RC):
        if band.height:
            ax.axvspan(*band.row(0), color=GRID, linewidth=0)
        rows = known.select("value", "low", "high", pl.col("standing").cast(pl.String))
        for row, (value, low, high, standing) in enumerate(rows.iter_rows()):
            _bar(ax, row, value, low, high, flagged=standing in ("above", "below"))
        _name_rows(ax, known["athlete"].to_list())
        ax.set_xlabel(label_of(unit))
        ax.set_title(title)
    return ax


def _bar(
    ax: Axes, row: int, middle: float, low: float, high: float, *, flagged: bool
) -> None:
    colour = ACCENT if flagged else MUTED
    ax.plot([low, high], [row, row], color=colour, linewidth=3, alpha=0.45)
    ax.plot([middle], [row], "o", color=colour, markersize=5)


def _name_rows(ax: Axes, labels: Sequence[str]) -> None:
    # A dollar sign would begin a formula.
    shown = [label.replace("$", r"\$") for label in labels]
    ax.set_yticks(range(len(shown)), shown)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")


def _check(
    table: pl.DataFrame, columns: Sequence[str], labels: Sequence[str] | None
) -> None:
    missing = [c for c in columns if c not in table.columns]
    if missing:
        msg = f"this figure needs the columns {missing}; found {table.columns}"
        raise SchemaError(msg)
    if labels is not None and len(labels) != table.height:
        msg = f"{len(labels)} labels for {table.height} rows"
        raise SchemaError(msg)
