"""Curves over time and over the cycle."""

import itertools
from collections.abc import Mapping, Sequence
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
from reports.style import ACCENT, GRID, MUTED, RC, SIDE_COLOUR, colour_of

Array = NDArray[np.float64]

#: More points than this are not visible in a curve of a page's width.
_MOST_POINTS = 1200
#: More lines than this hide the curve; more numbers do not fit above it.
_MOST_MARKS, _MOST_NUMBERS = 60, 12
#: Longer labels of a legend stand one below the other.
_LONGEST_BESIDE = 30
#: Width of a number, as a share of the axes.
_NUMBER_SHARE = 0.035
#: Height of the legend over the axes, above the numbers of the events.
_LEGEND_AT = 1.12
_LEAVING = {"toe_off", "take_off"}


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
    Events are numbered in order of time if they are few; where a foot leaves the
    ground, the line is dashed. Long recordings are thinned to the lowest and highest
    value of every stretch, so that no peak is lost.

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
    ordered = signals.select("time_s", *columns).sort("time_s")
    time = ordered["time_s"].to_numpy()
    with mpl.rc_context(RC):
        for name in columns:
            x = ordered[name].cast(pl.Float64).to_numpy()
            ax.plot(*thinned(time, x), color=colour_of(name), label=_label(name))
        if len(time) > 1:
            ax.set_xlim(time[0], time[-1])
        if events is not None:
            EVENTS.check(events)
            _mark(ax, events)
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


def thinned(time: Array, *columns: Array) -> tuple[Array, ...]:
    """Keep the lowest and the highest sample of every stretch of long curves.

    Parameters
    ----------
    time
        Shape (n,).
    columns
        Curves of the same length; NaN is missing.

    Returns
    -------
    All of them, at the kept samples: everything, if it is no more than a page can show.
    """
    n = len(time)
    if n <= _MOST_POINTS:
        return time, *columns
    edges = np.linspace(0, n, _MOST_POINTS // (2 * len(columns)) + 1).astype(int)
    kept = [_extremes(x, edges) for x in columns]
    where = np.unique(np.concatenate(kept))
    return time[where], *(x[where] for x in columns)


def _extremes(x: Array, edges: NDArray[np.int_]) -> NDArray[np.int_]:
    low = np.where(np.isfinite(x), x, np.inf)
    high = np.where(np.isfinite(x), x, -np.inf)
    pairs = list(itertools.pairwise(edges))
    lowest = [a + int(low[a:b].argmin()) for a, b in pairs]
    return np.array([*lowest, *(a + int(high[a:b].argmax()) for a, b in pairs)])


def _mark(ax: Axes, events: Events) -> None:
    """Draw a line per event; number the events where there is room for it."""
    if events.height > _MOST_MARKS:
        return
    rows = list(
        events.sort("time_s")
        .select(
            pl.col("event").cast(pl.String), pl.col("side").cast(pl.String), "time_s"
        )
        .iter_rows()
    )
    sides = {side for _, side, _ in rows}
    for name, side, time_s in rows:
        colour = SIDE_COLOUR[side] if len(sides) > 1 else MUTED
        dashed = name in _LEAVING
        ax.axvline(
            time_s,
            color=colour,
            linewidth=0.8,
            linestyle=(0, (3, 2)) if dashed else "-",
        )
    if len(rows) <= _MOST_NUMBERS:
        _number(ax, [time_s for *_, time_s in rows])


def _number(ax: Axes, times_s: list[float]) -> None:
    """Write 1, 2, 3 above the lines, pushed apart where they would overlap."""
    low, high = ax.get_xlim()
    where = spread(times_s, least=_NUMBER_SHARE * (high - low))
    for i, (time_s, x) in enumerate(zip(times_s, where, strict=True), start=1):
        if low <= time_s <= high:
            ax.text(
                x,
                1.01,
                str(i),
                transform=ax.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=8,
                color=MUTED,
            )


def spread(places: Sequence[float], /, *, least: float) -> list[float]:
    """Push sorted places apart, as little as needed.

    Parameters
    ----------
    places
        Ascending.
    least
        The least distance between neighbours.

    Returns
    -------
    New places: groups that were too close stand evenly about their middle.

    Examples
    --------
    >>> spread([0.0, 5.0, 5.0], least=2.0)
    [0.0, 4.0, 6.0]
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while (
            len(groups) > 1
            and _ends(groups[-2], least)[1] + least > (_ends(groups[-1], least)[0])
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [
        _ends(group, least)[0] + i * least
        for group in groups
        for i in range(len(group))
    ]


def _ends(group: list[float], least: float) -> tuple[float, float]:
    middle, half = sum(group) / len(group), least * (len(group) - 1) / 2
    return middle - half, middle + half


def _label(name: str) -> str:
    unit = unit_of(name)
    stem = name.removesuffix(f"_{unit}") if unit else name
    return stem.replace("_", " ")


def _legend(ax: Axes, n: int) -> None:
    if n > 1:
        labels = ax.get_legend_handles_labels()[1]
        beside = max(len(label) for label in labels) <= _LONGEST_BESIDE
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0.0, _LEGEND_AT),
            ncols=min(n, 4) if beside else 1,
            borderpad=0.0,
            borderaxespad=0.0,
            handlelength=1.2,
            handletextpad=0.5,
            columnspacing=1.0,
        )
        if ax.get_title(loc="left"):
            ax.set_title(ax.get_title(loc="left"), pad=26)


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
    column: str,
    band: Band | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw mean and standard deviation over the cycle, left against right.

    Parameters
    ----------
    cycles
        A `cycles` table of one track.
    column
        One signal of it, such as ``"knee_flexion_deg"``; cycles of the left are drawn
        in blue, of the right in vermilion.
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
        If `cycles` is no cycles table or lacks the column.
    """
    CYCLES.check(cycles)
    unit = _one_unit(cycles, [column])
    ax = figure() if ax is None else ax
    with mpl.rc_context(RC):
        if band is not None:
            ax.fill_between(
                band.phase_pct, band.low, band.high, color=GRID, label=band.label, lw=0
            )
        drawn = [
            _mean_and_sd(ax, _of_side(cycles, side), column, side, SIDE_COLOUR[side])
            for side in ("left", "right")
        ]
        ax.set_xlim(0, 100)
        ax.set_xlabel("cycle (%)")
        ax.set_ylabel(label_of(unit))
        ax.set_title(title)
        ax.axhline(0, color=MUTED, linewidth=0.6)
        _legend(ax, sum(drawn) + 1)
    return ax


def plot_cycles_together(
    sessions: Mapping[str, Cycles],
    /,
    *,
    column: str,
    side: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw mean and standard deviation over the cycle, one session over the other.

    Parameters
    ----------
    sessions
        Label -> a `cycles` table of one person. The first is drawn in grey, the second
        in the accent colour.
    column
        One signal, such as ``"knee_flexion_deg"``.
    side
        ``"left"`` or ``"right"``.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes.

    Raises
    ------
    SchemaError
        If a table is no cycles table or lacks the column.
    """
    ax = figure() if ax is None else ax
    with mpl.rc_context(RC):
        for (label, cycles), colour in zip(
            sessions.items(), (MUTED, ACCENT), strict=False
        ):
            CYCLES.check(cycles)
            unit = _one_unit(cycles, [column])
            # A dollar sign would begin a formula.
            shown = label.replace("$", r"\$")
            _mean_and_sd(ax, _of_side(cycles, side), column, shown, colour)
            ax.set_ylabel(label_of(unit))
        ax.set_xlim(0, 100)
        ax.set_xlabel("cycle (%)")
        ax.axhline(0, color=MUTED, linewidth=0.6)
        _legend(ax, len(sessions))
    return ax


def _of_side(cycles: Cycles, side: str) -> Cycles:
    return cycles.filter(pl.col("side").cast(pl.String) == side)


def _mean_and_sd(ax: Axes, cycles: Cycles, name: str, label: str, colour: str) -> bool:
    """Draw a curve with its band, if there is any cycle."""
    own = cycles.select("clip_id", "stride_id", "phase_pct", name).drop_nulls(name)
    if own.is_empty():
        return False
    curve = (
        own.group_by("phase_pct")
        .agg(pl.col(name).mean().alias("mean"), pl.col(name).std().alias("sd"))
        .sort("phase_pct")
        .with_columns(pl.col("sd").fill_null(0.0))
    )
    n = own.select("clip_id", "stride_id").n_unique()
    phase, mean, sd = (curve[c].to_numpy() for c in ("phase_pct", "mean", "sd"))
    ax.plot(phase, mean, color=colour, label=f"{label} (n = {n})")
    ax.fill_between(phase, mean - sd, mean + sd, color=colour, alpha=0.18, lw=0)
    return True
