"""Repetitions of any periodic signal: squats, lunges, push-ups, curls."""

import itertools
from typing import NamedTuple

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from biomech.blocks import each_track
from biomech.errors import ConfigError, SchemaError, UnitError, did_you_mean
from biomech.kernels.signal import vertex
from biomech.kernels.windows import crossing, slope
from biomech.schema import (
    EVENT,
    FRAME,
    REPETITIONS,
    SIDE,
    SIGNALS,
    TRACK,
    Events,
    Signals,
)
from biomech.units import unit_of

Array = NDArray[np.float64]

#: Both knees together serve squats and jumps, and one alone serves a side view.
_DEFAULT_COLUMNS = ("left_knee_flexion_deg", "right_knee_flexion_deg")
#: A repetition moves at least this share of the largest excursion of the track.
_LEAST_SHARE = 0.4
#: And this many times the noise, a standard deviation: in 1000 frames of white noise
#: the largest excursion is 7 of them.
_LEAST_NOISE = 8.0
#: Down and up begin and end at this share of their largest speed: a half cosine, 3 % of
#: its time after its begin. The share of the way that surely lies between.
_EDGE_SHARE = 0.1
#: Speed is told over this time, a tenth of a squat, or noise would end it.
_SPEED_S = 0.2
#: The bottom of a squat is flat: markers and inverse kinematics differ by this much.
_BOTTOM_SD_S = 0.015
#: Robust z-score above which a repetition is odd (Iglewicz & Hoaglin 1993).
_ODD_Z = 3.5


class _Curve(NamedTuple):
    """A signal over time, and how fast it grows."""

    time: Array
    x: Array
    speed: Array


class _Repetition(NamedTuple):
    start_s: float
    lowered_s: float
    deepest_s: float
    raised_s: float
    end_s: float
    rest: float
    depth: float


def repetitions(
    signal: Signals,
    /,
    *,
    column: str | None = None,
    min_range_deg: float = 20.0,
    min_time_s: float = 0.4,
) -> pl.DataFrame:
    """Find the repetitions of a movement in one signal.

    A repetition leaves rest, reaches a deepest point (the largest value) and comes
    back. The way down and the way up begin and end where a tenth of their largest speed
    is passed; between both the body holds. Repetitions cut by the clip's start or end
    are left out, never completed.

    Parameters
    ----------
    signal
        A `signals` table.
    column
        Which column to follow; it must grow on the way down (turn a hip height round
        first). By default the mean of left and right knee flexion, or the only column
        there is.
    min_range_deg
        Smallest excursion of a repetition, in the unit of the column: degrees for
        angles. Smaller movements are rest.
    min_time_s
        Shortest time of a repetition, and between two deepest points, in seconds.

    Returns
    -------
    A `repetitions` table: ``start_s, deepest_s, end_s, lowering_time_s, hold_time_s,
    raising_time_s, pause_s`` (null after the last), ``depth_<unit>``, ``range_<unit>``
    and ``is_odd``, which marks repetitions whose depth or duration differs from the
    median by more than 3.5 robust standard deviations (needs four).
    No rows when nothing repeats.

    Raises
    ------
    SchemaError
        If `signal` is no signals table or the column does not exist.
    UnitError
        If the column has no unit.
    ConfigError
        If the smallest range or time is not positive.

    Notes
    -----
    Peaks are found by prominence (at least 40 % of the track's largest excursion and
    eight times the noise) and refined by a parabola through three samples; edges by
    linear interpolation of the speed over 0.2 s, outwards from the middle eight tenths
    of the way, so that who sticks half-way has not arrived. Long gaps (nulls) split
    nothing.

    References
    ----------
    Iglewicz B., Hoaglin D. (1993) How to detect and handle outliers. ASQC Press.
    """
    SIGNALS.check(signal)
    if not (min_range_deg > 0 and min_time_s > 0):
        msg = f"found min_range_deg = {min_range_deg}, min_time_s = {min_time_s}"
        raise ConfigError(msg + "; both must be more than 0")
    series = _series(signal, column)
    unit = unit_of(series.columns[-1])
    if not unit:
        msg = f"{series.columns[-1]!r} has no unit suffix"
        raise UnitError(msg)
    parts = [
        _table(_find(*samples_of(part), min_range_deg, min_time_s), key, unit)
        for key, part in each_track(series)
    ]
    return pl.concat(parts) if parts else _table([], ("", 0), unit)


def _series(signal: Signals, column: str | None) -> pl.DataFrame:
    key = [*FRAME, "time_s"]
    others = [c for c in signal.columns if c not in key]
    if column is None:
        both = [c for c in _DEFAULT_COLUMNS if c in signal.columns]
        column = both[0] if both else others[0] if len(others) == 1 else ""
        if len(both) == 2:
            mean = pl.mean_horizontal(both).alias("knee_flexion_deg")
            return signal.select(*key, mean)
    if column not in signal.columns:
        wanted = f"no column {column!r} to follow" if column else "name a column"
        msg = wanted + did_you_mean(column, others)
        raise SchemaError(msg)
    return signal.select(*key, column)


def samples_of(part: pl.DataFrame, /) -> tuple[Array, Array]:
    """Take time and values of one series, without the missing ones.

    Parameters
    ----------
    part
        ``time_s`` and, as its last column, the values; sorted by time.

    Returns
    -------
    Seconds and values, both of shape (frames,).
    """
    known = part.drop_nulls().filter(pl.nth(-1).cast(pl.Float64).is_finite())
    return (
        known["time_s"].to_numpy().astype(np.float64),
        known[:, -1].to_numpy().astype(np.float64),
    )


def _find(
    time: Array, x: Array, min_range: float, min_time_s: float
) -> list[_Repetition]:
    if len(x) < 5:
        return []
    low, high = np.percentile(x, [0.5, 99.5])
    noise = float(np.median(np.abs(np.diff(x, n=2)))) / 0.6745 / np.sqrt(6)
    prominence = max(min_range, _LEAST_SHARE * (high - low), _LEAST_NOISE * noise)
    interval_s = float(np.median(np.diff(time)))
    distance = max(1, round(min_time_s / interval_s)) if interval_s > 0 else 1
    peaks, _ = scipy.signal.find_peaks(x, prominence=prominence, distance=distance)
    bounds = np.concatenate(([0], _valleys(x, peaks), [len(x) - 1]))
    curve = _Curve(time, x, slope(x, time, window_s=_SPEED_S))
    found = (
        _between(curve, int(peak), int(bounds[i]), int(bounds[i + 1]))
        for i, peak in enumerate(peaks)
    )
    return [
        r
        for r in found
        if r is not None
        and r.depth - r.rest >= min_range
        and r.end_s - r.start_s >= min_time_s
    ]


def _valleys(x: Array, peaks: NDArray[np.intp]) -> NDArray[np.intp]:
    pairs = itertools.pairwise(peaks)
    return np.array([a + np.argmin(x[a:b]) for a, b in pairs], dtype=np.intp)


def _between(curve: _Curve, peak: int, first: int, last: int) -> _Repetition | None:
    """Measure the repetition round one peak; None if the clip cuts it."""
    time, x, speed = curve
    before = first + int(np.argmin(x[first : peak + 1]))
    after = peak + int(np.argmin(x[peak : last + 1]))
    excursion = x[peak] - min(x[before], x[after])
    if x[peak] - max(x[before], x[after]) < (1 - 2 * _EDGE_SHARE) * excursion:
        return None
    deepest, depth = vertex(x, time, np.array([peak]))
    start_s, lowered_s = _way(curve, before, peak)
    raised_s, end_s = _way(_Curve(time, -x, -speed), peak, after)
    return _Repetition(
        start_s=start_s,
        lowered_s=lowered_s,
        deepest_s=float(deepest[0]),
        raised_s=raised_s,
        end_s=end_s,
        rest=float(x[before]),
        depth=float(depth[0]),
    )


def _way(curve: _Curve, first: int, last: int) -> tuple[float, float]:
    """Find when a way from a low frame to a high one begins and ends."""
    time, x, speed = curve
    share = (x[first : last + 1] - x[first]) / (x[last] - x[first])
    leaving = first + int(np.flatnonzero(share <= _EDGE_SHARE)[-1])
    arriving = first + int(np.flatnonzero(share >= 1 - _EDGE_SHARE)[0])
    slow = _EDGE_SHARE * float(speed[first : last + 1].max())
    begin_s = crossing(speed, time, slow, first, leaving + 2)
    # Backwards in time, the first passing is the last.
    n = len(time)
    end_s = crossing(speed[::-1], time[::-1], slow, n - 1 - last, n + 1 - arriving)
    return (
        float(time[first]) if begin_s is None else begin_s,
        float(time[last]) if end_s is None else end_s,
    )


def _table(
    found: list[_Repetition], key: tuple[object, ...], unit: str
) -> pl.DataFrame:
    schema = {n: REPETITIONS.columns[n].dtype for n in (*TRACK, "repetition_id")}
    floats = dict.fromkeys(_Repetition._fields, pl.Float64)
    table = pl.DataFrame(found, schema=floats, orient="row")
    return table.select(
        pl.lit(key[0]).cast(schema["clip_id"]).alias("clip_id"),
        pl.lit(key[1]).cast(schema["track_id"]).alias("track_id"),
        pl.int_range(pl.len(), dtype=pl.Int32).alias("repetition_id"),
        "start_s",
        "end_s",
        "deepest_s",
        (pl.col("lowered_s") - pl.col("start_s")).alias("lowering_time_s"),
        (pl.col("raised_s") - pl.col("lowered_s")).alias("hold_time_s"),
        (pl.col("end_s") - pl.col("raised_s")).alias("raising_time_s"),
        (pl.col("start_s").shift(-1) - pl.col("end_s")).alias("pause_s"),
        pl.col("depth").alias(f"depth_{unit}"),
        (pl.col("depth") - pl.col("rest")).alias(f"range_{unit}"),
        (_is_odd(pl.col("depth")) | _is_odd(pl.col("end_s") - pl.col("start_s")))
        .fill_null(value=False)
        .alias("is_odd"),
    )


def _is_odd(x: pl.Expr) -> pl.Expr:
    """Mark values far from the median, once there are four.

    The robust spread is at least 5 % of the median: a set of almost equal
    repetitions must not make the smallest difference odd.
    """
    away = (x - x.median()).abs()
    spread = pl.max_horizontal(1.4826 * away.median(), 0.05 * x.median().abs())
    return (pl.len() >= 4) & (away > _ODD_Z * spread)


def repetition_events(repetitions: pl.DataFrame, signal: Signals, /) -> Events:
    """List start, deepest point and end of every repetition as events.

    Parameters
    ----------
    repetitions
        From `repetitions`.
    signal
        The signals they were found in; gives the nearest frame.

    Returns
    -------
    An `events` table of ``repetition_start, deepest, repetition_end`` without side.
    ``time_sd_s`` is 15 ms and half a frame for the deepest point, where the movement
    stands still; null for the edges, where a tenth of the largest speed is passed.

    Raises
    ------
    SchemaError
        If a table is not what it should be.
    """
    REPETITIONS.check(repetitions)
    SIGNALS.check(signal)
    names = {
        "start_s": "repetition_start",
        "deepest_s": "deepest",
        "end_s": "repetition_end",
    }
    clock = signal.select(*FRAME, "time_s").sort("time_s")
    step_s = clock.select(pl.col("time_s").diff().over(TRACK).median()).item() or 0.0
    sd_s = float(np.hypot(_BOTTOM_SD_S, step_s / 2))
    is_deepest = pl.col("event") == "deepest"
    return (
        repetitions.rename(names)
        .unpivot(
            list(names.values()),
            index=TRACK,
            variable_name="event",
            value_name="time_s",
        )
        .sort("time_s")
        .join_asof(
            clock, on="time_s", by=TRACK, strategy="nearest", check_sortedness=False
        )
        .select(
            *TRACK,
            pl.col("event").cast(EVENT),
            pl.lit(None, SIDE).alias("side"),
            "frame",
            "time_s",
            pl.when(is_deepest).then(sd_s).alias("time_sd_s"),
            pl.lit(1.0, pl.Float32).alias("confidence"),
        )
        .sort(*TRACK, "time_s")
    )
