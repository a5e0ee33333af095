"""Moving windows over one series on true timestamps: slopes, runs, crossings."""

import numpy as np
from numpy.typing import NDArray

from biomech.kernels import signal

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def slope(x: Array, time: Array, /, *, window_s: float) -> Array:
    """Estimate the derivative by a straight line through a moving window.

    Parameters
    ----------
    x
        Values, shape (frames,), any unit, without NaN.
    time
        Seconds, growing, may be uneven, shape (frames,).
    window_s
        Full width of the window; at least the two neighbours are used.

    Returns
    -------
    Slope in unit per second, shape (frames,).

    Examples
    --------
    >>> slope(np.array([0.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0]), window_s=0.0)
    array([2., 2., 2.])
    """
    n_frames = np.arange(len(time))
    first = np.searchsorted(time, time - window_s / 2 - 1e-9)
    last = np.searchsorted(time, time + window_s / 2 + 1e-9, side="right")
    first = np.minimum(first, n_frames - 1).clip(0)
    last = np.maximum(last, n_frames + 2).clip(max=len(time))
    centred = time - time.mean() if len(time) else time
    sums = [
        np.concatenate(([0.0], np.cumsum(v)))
        for v in (np.ones_like(x), centred, x, centred * x, centred * centred)
    ]
    n, t, y, ty, tt = (s[last] - s[first] for s in sums)
    result: Array = (n * ty - t * y) / (n * tt - t * t)
    return result


def speed(points: Array, time: Array, /, *, window_s: float) -> Array:
    """Estimate the speed of a point.

    Parameters
    ----------
    points
        Shape (frames, dims), without NaN.
    time
        Seconds, shape (frames,).
    window_s
        As in `slope`.

    Returns
    -------
    Speed in unit per second, shape (frames,).
    """
    parts = [slope(axis, time, window_s=window_s) for axis in points.T]
    result: Array = np.linalg.norm(np.stack(parts, axis=1), axis=1)
    return result


def runs(flags: Flags, /) -> list[tuple[int, int]]:
    """List the runs of true values as half-open ranges of frames.

    Parameters
    ----------
    flags
        Shape (frames,).

    Returns
    -------
    Pairs (first, last), last not included.

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    steps = np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


def bridge(x: Array, /) -> Array:
    """Fill NaN by straight lines, and the ends by the nearest value.

    Parameters
    ----------
    x
        Shape (frames,) or (frames, dims).

    Returns
    -------
    The same shape; all NaN where a column has no value at all.
    """
    filled = np.array(x, dtype=np.float64)
    for column in filled.reshape(len(filled), -1).T:
        known = np.isfinite(column)
        if known.any():
            where = np.flatnonzero(known)
            column[:] = np.interp(np.arange(len(column)), where, column[known])
    return filled


def crossing(
    x: Array, time: Array, level: float, first: int, last: int
) -> float | None:
    """Find the last time that a series passes a level within a range of frames.

    Parameters
    ----------
    x, time
        Shape (frames,), without NaN.
    level
        What to pass, upwards or downwards.
    first, last
        Half-open range of frames.

    Returns
    -------
    Seconds, between frames by linear interpolation; None without a crossing.
    """
    above = x[first:last] > level
    where = np.flatnonzero(above[1:] != above[:-1])
    if not len(where):
        return None
    i = first + int(where[-1])
    share = (level - x[i]) / (x[i + 1] - x[i])
    return float(time[i] + share * (time[i + 1] - time[i]))


def vertex(x: Array, time: Array, i: int, /) -> float:
    """Give the time of the turning point of a parabola through three samples.

    Parameters
    ----------
    x, time
        Shape (frames,), without NaN.
    i
        The frame of the extreme value.

    Returns
    -------
    Seconds, at most half a step from frame `i`; frame `i` itself at the ends.
    """
    if not 0 < i < len(x) - 1:
        return float(time[i])
    return float(signal.vertex(x, time, np.array([i]))[0][0])
