"""Curves over time and over the cycle."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomech.errors import SchemaError
from biomech.schema import CYCLES, EVENTS, SIGNALS, Cycles, Events, Signals
from biomech.units import label_of, unit_of
from reports.plots.svg import figure
from reports.style import GRID, INK, MUTED, RC, SIDE_COLOUR, colour_of

Array = NDArray[np.float64]

#: More points than this are not visible in a curve of a page's width.
_MOST_POINTS = 1200


def plot_signals(
    signals: Signals,
    /,
    *,
    columns: Sequence[str],
    events: Events | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw columns of one track over time, with events as marks.

    Left is blue, right vermilion, what has no side grey. Missing values leave gaps.
    Long recordings are thinned to the lowest and highest value of every stretch, so
    that no peak is lost.

    Parameters
    ----------
    signals
        A `signals` table of one track.
    columns
        What to draw, all in one unit.
    events
        Marks to draw, with side; lines without.
    title
        Of the figure.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes.

    Raises
    ------
    SchemaError
        If a table is not what it should be, a column is missing, or units differ.
    """
    SIGNALS.check(signals)
    unit = _one_unit(signals, columns)
    ax = figure() if ax is None else ax
    ordered = signals.sort("time_s")
    time = ordered["time_s"].to_numpy()
    with mpl.rc_context(RC):
        for name in columns:
            x = ordered[name].cast(pl.Float64).to_numpy()
            ax.plot(*_thinned(time, x), color=colour_of(name), label=_label(name))
        if events is not None:
            EVENTS.check(events)
            _mark(ax, events)
        if len(time) > 1:
            ax.set_xlim(time[0], time[-1])
        ax.set_xlabel("time (s)")
        ax.set_ylabel(label_of(unit))
        ax.set_title(title)
        _legend(ax, len(columns))
    return ax


def _one_unit(table: pl.DataFrame, columns: Sequence[str]) -> str:
    missing = [c for c in columns if c not in table.columns]
    units = {unit_of(c) or "" for c in columns}
    if missing or len(units) != 1:
        msg = f"one figure, one unit: missing {missing}, units {sorted(units)}"
        raise SchemaError(msg)
    return units.pop()


def _thinned(time: Array, x: Array) -> tuple[Array, Array]:
    """Keep the lowest and the highest sample of every stretch of a long curve."""
    n = len(x)
    if n <= _MOST_POINTS:
        return time, x
    edges = np.linspace(0, n, _MOST_POINTS // 2 + 1).astype(int)
    low = np.where(np.isfinite(x), x, np.inf)
    high = np.where(np.isfinite(x), x, -np.inf)
    pairs = itertools.pairwise(edges)
    kept = [
        sorted({a + int(low[a:b].argmin()), a + int(high[a:b].argmax())})
        for a, b in pairs
    ]
    where = np.array([i for pair in kept for i in pair])
    return time[where], x[where]


def _mark(ax: Axes, events: Events) -> None:
    for name, side, time_s in events.select(
        pl.col("event").cast(pl.String), pl.col("side").cast(pl.String), "time_s"
    ).iter_rows():
        ax.axvline(time_s, color=SIDE_COLOUR[side], linewidth=0.8, alpha=0.55)
        if events.height <= 12:
            ax.annotate(
                name.replace("_", " "),
                (time_s, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(2, -2),
                textcoords="offset points",
                rotation=90,
                va="top",
                ha="left",
                fontsize=7.5,
                color=MUTED,
            )


def _label(name: str) -> str:
    unit = unit_of(name)
    stem = name.removesuffix(f"_{unit}") if unit else name
    return stem.replace("_", " ")


def _legend(ax: Axes, n: int) -> None:
    if n > 1:
        ax.legend(
            loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=min(n, 4), borderpad=0.0
        )
        if ax.get_title(loc="left"):
            ax.set_title(ax.get_title(loc="left"), pad=22)


class Band(NamedTuple):
    """Where most healthy people lie, over the cycle."""

    phase_pct: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    label: str


def plot_cycles(
    cycles: Cycles,
    /,
    *,
    columns: Sequence[str],
    band: Band | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw mean and standard deviation over the cycle, left against right.

    Parameters
    ----------
    cycles
        A `cycles` table of one track.
    columns
        The left and right column of one angle; each is drawn over the cycles of its
        own side.
    band
        Where most people lie, if known.
    title
        Of the figure.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes.

    Raises
    ------
    SchemaError
        If a table is not what it should be, a column is missing, or units differ.
    """
    CYCLES.check(cycles)
    unit = _one_unit(cycles, columns)
    ax = figure(3.6, 2.6) if ax is None else ax
    with mpl.rc_context(RC):
        if band is not None:
            ax.fill_between(
                band.phase_pct, band.low, band.high, color=GRID, label=band.label, lw=0
            )
        for name in columns:
            _mean_and_sd(ax, cycles, name)
        ax.set_xlim(0, 100)
        ax.set_xlabel("cycle (%)")
        ax.set_ylabel(label_of(unit))
        ax.set_title(title)
        ax.axhline(0, color=MUTED, linewidth=0.6)
        _legend(ax, len(columns) + (band is not None))
    return ax


def _mean_and_sd(ax: Axes, cycles: Cycles, name: str) -> None:
    side = name.split("_", 1)[0]
    own = cycles
    if side in ("left", "right"):
        own = cycles.filter(pl.col("side").cast(pl.String) == side)
    curve = (
        own.group_by("phase_pct")
        .agg(
            pl.col(name).mean().alias("mean"),
            pl.col(name).std().fill_null(0.0).alias("sd"),
        )
        .sort("phase_pct")
        .drop_nulls()
    )
    n = own.drop_nulls(name)["stride_id"].n_unique()
    phase, mean, sd = (curve[c].to_numpy() for c in ("phase_pct", "mean", "sd"))
    colour = colour_of(name) if side in ("left", "right") else INK
    ax.plot(phase, mean, color=colour, label=f"{side if n else name} (n = {n})")
    ax.fill_between(phase, mean - sd, mean + sd, color=colour, alpha=0.18, lw=0)
