"""Bars and lanes: asymmetry, and the kinematic sequence."""

import matplotlib as mpl
import polars as pl
import polars.selectors as cs
from matplotlib.axes import Axes

from biomech.definitions import DEFINITIONS
from biomech.errors import SchemaError
from biomech.schema import METRICS, Metrics
from reports.plots.svg import figure
from reports.style import ACCENT, INK, LEFT, MUTED, RC, RIGHT

#: More bars than this are a table.
_MOST_BARS = 8


def plot_asymmetry(metrics: Metrics, /, *, ax: Axes | None = None) -> Axes:
    """Draw how far left and right differ, metric by metric, the largest on top.

    Bars to the left mean that the left side is larger, in percent of the mean of both;
    the thin lines are 90 % intervals.

    Parameters
    ----------
    metrics
        A `metrics` table of one track; metrics with a value for both sides count, the
        eight that differ most are drawn.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes; empty axes if no metric has two sides.

    Raises
    ------
    SchemaError
        If `metrics` is no metrics table.
    """
    METRICS.check(metrics)
    pairs = _largest(asymmetries(metrics))
    ax = figure(4.8, 0.7 + 0.38 * max(pairs.height, 1)) if ax is None else ax
    with mpl.rc_context(RC):
        for row, (name, difference, low, high) in enumerate(
            pairs.reverse().iter_rows()
        ):
            colour = LEFT if difference < 0 else RIGHT
            ax.barh(row, difference, color=colour, height=0.3)
            ax.plot([low, high], [row, row], color=INK, linewidth=1.0)
            title = DEFINITIONS[name].title if name in DEFINITIONS else name
            ax.annotate(
                title,
                (0, row),
                xycoords=("axes fraction", "data"),
                xytext=(2, 5),
                textcoords="offset points",
                ha="left",
                va="bottom",
                fontsize=8.5,
                color=INK,
            )
        widest = pairs.select(pl.max_horizontal(cs.ends_with("_pct").abs()).max())
        reach = max(10.0, 1.1 * float(widest.item() or 0.0))
        ax.set_xlim(-reach, reach)
        ax.set_yticks([])
        ax.xaxis.set_major_formatter(lambda x, _: f"{abs(x):g}")
        ax.grid(visible=True, axis="x")
        ax.axvline(0, color=MUTED, linewidth=1)
        ax.set_ylim(-0.5, max(pairs.height, 1) - 0.2)
        ax.set_xlabel("left larger  ←  difference (%)  →  right larger")
    return ax


def _largest(pairs: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("difference_pct").abs()
    return pairs.sort(size, descending=True, maintain_order=True).head(_MOST_BARS)


def asymmetries(metrics: Metrics, /) -> pl.DataFrame:
    """Compare the sides of every metric that has both.

    Parameters
    ----------
    metrics
        A `metrics` table of one track.

    Returns
    -------
    ``metric``, ``difference_pct`` (right minus left in percent of their mean) and its
    90 % interval, ``low_pct`` and ``high_pct``: the halves of the intervals of both
    sides that face each other, squared, added, and the root of that.

    Raises
    ------
    SchemaError
        If `metrics` is no metrics table.
    """
    METRICS.check(metrics)
    known = metrics.filter(pl.col("value").is_not_null()).with_columns(
        pl.col("side").cast(pl.String)
    )
    left, right = (
        known.filter(pl.col("side") == side).select("metric", "value", "low", "high")
        for side in ("left", "right")
    )
    both = left.join(right, on="metric", maintain_order="left")
    share = 200 / (pl.col("value") + pl.col("value_right"))
    difference = pl.col("value_right") - pl.col("value")
    below = _root_of_squares(
        pl.col("value_right") - pl.col("low_right"), pl.col("high") - pl.col("value")
    )
    above = _root_of_squares(
        pl.col("high_right") - pl.col("value_right"), pl.col("value") - pl.col("low")
    )
    return both.select(
        "metric",
        difference_pct=share * difference,
        low_pct=share * difference - share.abs() * below,
        high_pct=share * difference + share.abs() * above,
    ).filter(pl.col("difference_pct").is_finite())


def _root_of_squares(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return (a**2 + b**2).sqrt()


def plot_sequence(sequence: pl.DataFrame, /, *, ax: Axes | None = None) -> Axes:
    """Draw when and how fast each segment peaks, from the ground up.

    Parameters
    ----------
    sequence
        From `biomech.kinematic_sequence`, one track and one swing.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes. Bars show the 90 % interval of the time of each peak.

    Raises
    ------
    SchemaError
        If columns are missing.
    """
    needed = {"segment", "position", "peak_time_s", "peak_time_sd_s", "peak_deg_s"}
    if missing := sorted(needed - set(sequence.columns)):
        msg = f"not a kinematic sequence: {missing} are missing"
        raise SchemaError(msg)
    known = sequence.drop_nulls("peak_time_s").sort("position").with_row_index("row")
    ax = figure(4.8, 0.9 + 0.4 * max(known.height, 1)) if ax is None else ax
    with mpl.rc_context(RC):
        for row in known.iter_rows(named=True):
            y = -row["row"]
            half = 1.645 * (row["peak_time_sd_s"] or 0.0)
            ax.errorbar(row["peak_time_s"], y, xerr=half, fmt="o", color=ACCENT)
            ax.annotate(
                f"{row['peak_deg_s']:.0f} °/s",
                (row["peak_time_s"], y),
                xytext=(0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=MUTED,
            )
        ax.set_yticks(
            [-row for row in range(known.height)],
            [str(s).replace("_", " ") for s in known["segment"]],
        )
        ax.set_ylim(-max(known.height, 1) + 0.4, 0.8)
        ax.margins(x=0.15)
        ax.set_xlabel("time of the peak (s)")
    return ax
