"""One-dimensional signals: derivatives, filters, gaps, resampling, crossings, peaks.

Time lies on axis 0 and comes as true timestamps in seconds, even or not; columns are
independent. NaN is missing: nothing is computed across a hole, and holes stay holes
unless a function says that it fills them.
"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.kernels.filters import lowpass, savitzky_golay
from biomech.kernels.runs import (
    LONGEST_STEP,
    along_runs,
    columns_of,
    floating,
    runs_of,
    same_pattern,
    usual_step,
)

__all__ = [
    "Peaks",
    "derivative",
    "fill",
    "lowpass",
    "peaks",
    "resample",
    "savitzky_golay",
    "spline_derivative",
    "vertex",
    "zero_crossings",
]

Array = NDArray[np.float64]


def derivative(x: ArrayLike, time: ArrayLike, *, order: int = 1) -> Array:
    """Differentiate by central differences on true timestamps.

    Parameters
    ----------
    x
        Shape (frames, ...).
    time
        Seconds, growing.
    order
        1 for velocity, 2 for acceleration (the difference taken twice).

    Returns
    -------
    Per second to the power of ``order``; NaN in runs of a single sample.

    Notes
    -----
    Second order accurate on uneven steps; three-point differences to one side at the
    ends of a run. The gain at frequency f is ``sin(2 pi f dt) / (2 pi f dt)``: it loses
    7 % at a tenth of the sampling rate, see `spline_derivative`.
    """
    x, time = floating(x), np.asarray(time, float)
    for _ in range(order):
        x = _difference(x, time)
    return x


def _difference(x: Array, time: Array) -> Array:
    """Differentiate once; columns without holes take the short way."""
    if len(x) < 2:
        return np.full_like(x, np.nan)
    rows = columns_of(x).T
    step = np.diff(time)
    rise = np.diff(rows)
    rise[:, step > LONGEST_STEP * usual_step(time)] = np.nan
    whole = np.isfinite(rise.sum(axis=1))
    if whole.all():
        out = _without_holes(rise, step)
    else:
        out = np.empty(rows.shape, x.dtype)
        out[whole] = _without_holes(rise[whole], step)
        out[~whole] = _between_holes(rise[~whole] / step.astype(x.dtype), step)
    return out.T.reshape(x.shape)


def _without_holes(rise: Array, step: Array) -> Array:
    """Slopes at samples from the rises between them, shape (rows, samples)."""
    out = np.empty((len(rise), len(step) + 1), rise.dtype)
    if len(step) == 1:
        out[:] = rise / step
        return out
    share = step[:-1] / (step[1:] + step[:-1])
    before, after = (1 - share) / step[:-1], share / step[1:]
    np.multiply(rise[:, 1:], after.astype(rise.dtype), out=out[:, 1:-1])
    out[:, 1:-1] += rise[:, :-1] * before.astype(rise.dtype)
    first, last = rise[:, :2] / step[:2], rise[:, -2:] / step[-2:]
    out[:, 0] = first[:, 0] + (first[:, 0] - first[:, 1]) * share[0]
    out[:, -1] = last[:, 1] + (last[:, 1] - last[:, 0]) * (1 - share[-1])
    return out


def _between_holes(slope: Array, step: Array) -> Array:
    """Slopes at samples from those of steps, NaN across holes."""
    before, after = slope[:, :-1], slope[:, 1:]
    bend = (after - before) / (step[1:] + step[:-1])
    out = np.full((len(slope), len(step) + 1), np.nan, slope.dtype)
    out[:, 1:-1] = before + bend * step[:-1]
    level = np.isnan(bend)
    forward, backward = slope.copy(), slope.copy()
    forward[:, :-1] = np.where(level, before, before - bend * step[:-1])
    backward[:, 1:] = np.where(level, after, after + bend * step[1:])
    out[:, :-1] = np.where(np.isnan(out[:, :-1]), forward, out[:, :-1])
    out[:, 1:] = np.where(np.isnan(out[:, 1:]), backward, out[:, 1:])
    return out


def spline_derivative(x: ArrayLike, time: ArrayLike, *, order: int = 1) -> Array:
    """Differentiate the natural quintic spline through every run of samples.

    Parameters
    ----------
    x
        Shape (frames, ...); smoothed, for every sample is met exactly.
    time
        Seconds, growing.
    order
        1 for velocity, 2 for acceleration.

    Returns
    -------
    Per second to the power of ``order``; runs of less than six samples get
    `derivative`.

    Notes
    -----
    A signal smoothed by `biomech.kernels.smoothing.rts` is such a spline between its
    samples, so that this gives back the velocity and acceleration of the smoother.
    """
    x, time = np.asarray(x, float), np.asarray(time, float)

    def kernel(x: Array, time: Array) -> Array:
        if len(time) < 6:
            return derivative(x, time, order=order)
        free = [(3, np.zeros(x.shape[1])), (4, np.zeros(x.shape[1]))]
        ends: Any = (free, free)
        spline = scipy.interpolate.make_interp_spline(time, x, k=5, bc_type=ends)
        result: Array = spline(time, nu=order)
        return result

    return along_runs(x, time, kernel, step_s=usual_step(time))


def fill(
    x: ArrayLike,
    time: ArrayLike,
    *,
    max_gap_s: float,
    method: Literal["cubic", "linear", "pchip"] = "cubic",
) -> Array:
    """Fill short gaps by interpolation; longer ones, and the ends, stay open.

    Parameters
    ----------
    x
        Shape (frames, ...).
    time
        Seconds, growing.
    max_gap_s
        The longest gap to fill, from the sample before it to the sample after.
    method
        ``"cubic"`` spline, ``"linear"`` or shape-preserving ``"pchip"``.

    Returns
    -------
    The signal with its short gaps filled; samples that exist are kept.
    """
    x = np.asarray(x, float)
    filled = resample(x, time, time, max_gap_s=max_gap_s, method=method)
    return np.where(np.isfinite(x), x, filled)


def resample(
    x: ArrayLike,
    time: ArrayLike,
    new_time: ArrayLike,
    *,
    max_gap_s: float,
    method: Literal["cubic", "linear", "pchip"] = "cubic",
) -> Array:
    """Read a signal at other times.

    Parameters
    ----------
    x
        Shape (frames, ...).
    time, new_time
        Seconds, growing.
    max_gap_s
        The longest gap to read across.
    method
        As in `fill`.

    Returns
    -------
    Shape (new frames, ...); NaN in longer gaps and outside of the samples.
    """
    x, time = np.asarray(x, float), np.asarray(time, float)
    new_time = np.asarray(new_time, float)
    flat = columns_of(x)
    out = np.full((len(new_time), flat.shape[1]), np.nan)
    for columns in same_pattern(np.isfinite(flat)):
        seen = np.flatnonzero(np.isfinite(flat[:, columns[0]]))
        ends = np.flatnonzero(np.diff(time[seen]) > max_gap_s * (1 + 1e-9)) + 1
        for part in np.split(seen, ends):
            first, last = time[part[0]], time[part[-1]]
            rows = np.flatnonzero((new_time >= first) & (new_time <= last))
            here = flat[np.ix_(part, columns)]
            out[np.ix_(rows, columns)] = _interpolate(
                here, time[part], new_time[rows], method
            )
    return out.reshape(len(new_time), *x.shape[1:])


def _interpolate(x: Array, time: Array, new_time: Array, method: str) -> Array:
    if len(time) == 1:
        return np.repeat(x, len(new_time), axis=0)
    spline: Callable[[Array], Array]
    match method:
        case "cubic":
            spline = scipy.interpolate.CubicSpline(time, x, axis=0)
        case "pchip":
            spline = scipy.interpolate.PchipInterpolator(time, x, axis=0)
        case "linear":
            spline = scipy.interpolate.make_interp_spline(time, x, k=1)
        case _:
            msg = f"unknown method {method!r}; known are cubic, linear, pchip"
            raise ConfigError(msg)
    return spline(new_time)


def zero_crossings(
    x: ArrayLike,
    time: ArrayLike,
    *,
    direction: Literal["up", "down", "both"] = "both",
) -> Array:
    """Find when a series crosses zero, between samples, by linear interpolation.

    Parameters
    ----------
    x, time
        Shape (frames,); no crossing is found across NaN.
    direction
        ``"up"``: from below zero to zero or above; ``"down"`` the other way.

    Returns
    -------
    Times in seconds, growing.
    """
    x, time = np.asarray(x, float), np.asarray(time, float)
    before, after = x[:-1], x[1:]
    up, down = (before < 0) & (after >= 0), (before > 0) & (after <= 0)
    wanted = {"up": up, "down": down, "both": up | down}
    if direction not in wanted:
        msg = f"unknown direction {direction!r}; known are {sorted(wanted)}"
        raise ConfigError(msg)
    i = np.flatnonzero(wanted[direction])
    part = before[i] / (before[i] - after[i])
    return np.asarray(time[i] + part * (time[i + 1] - time[i]))


class Peaks(NamedTuple):
    """Local maxima: the sample, and time and value of the vertex between samples."""

    sample: NDArray[np.intp]
    time: Array
    value: Array


def peaks(
    x: ArrayLike,
    time: ArrayLike,
    *,
    prominence: float | None = None,
    min_distance_s: float | None = None,
    height: float | None = None,
) -> Peaks:
    """Find local maxima, between samples, by the parabola through three of them.

    Parameters
    ----------
    x, time
        Shape (frames,); runs between NaN are searched one by one.
    prominence
        Least drop to both sides before anything higher, in the unit of ``x``.
    min_distance_s
        Least time between maxima; of two nearer ones the higher stays.
    height
        Least value.

    Returns
    -------
    The maxima in order of time. The ends of a run are never maxima.
    """
    x, time = np.asarray(x, float), np.asarray(time, float)
    distance = None
    if min_distance_s is not None and len(x) > 1:
        distance = max(1.0, min_distance_s / usual_step(time))
    found = [
        run.start
        + scipy.signal.find_peaks(
            x[run], prominence=prominence, distance=distance, height=height
        )[0]
        for run in runs_of(np.isfinite(x), time, usual_step(time))
    ]
    sample = np.concatenate([*found, np.zeros(0, int)]).astype(np.intp)
    return Peaks(sample, *vertex(x, time, sample))


def vertex(x: Array, time: Array, sample: NDArray[np.intp]) -> tuple[Array, Array]:
    """Refine extrema by the parabola through each and its neighbours.

    Parameters
    ----------
    x, time
        Shape (frames,), steps even or not.
    sample
        Samples that are extrema, none of them the first or last.

    Returns
    -------
    Time and value of each vertex, at most half a step away; the sample itself where a
    neighbour is missing or level.
    """
    h0, h1 = time[sample] - time[sample - 1], time[sample + 1] - time[sample]
    d0, d1 = (x[sample] - x[sample - 1]) / h0, (x[sample + 1] - x[sample]) / h1
    with np.errstate(invalid="ignore", divide="ignore"):
        bend = (d1 - d0) / (h0 + h1)
        slope = d0 + bend * h0
        shift = np.nan_to_num(-slope / (2 * bend), posinf=0.0, neginf=0.0)
    shift = np.clip(shift, -h0 / 2, h1 / 2)
    rise = np.nan_to_num(slope * shift + bend * shift**2)
    return time[sample] + shift, x[sample] + rise
