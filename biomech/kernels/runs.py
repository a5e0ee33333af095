"""Stretches of a recording without holes, and work done on each of them.

Time lies on axis 0. A run is a stretch of finite samples whose time steps are not much
longer than usual: no filter may look across a hole.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from biomech.errors import SchemaError

Array = NDArray[np.float64]
Kernel = Callable[[Array, Array], Array]

#: A step longer than this many usual ones is a hole; one lost frame makes two.
LONGEST_STEP = 2.5
#: Steps that differ by less than this part count as even: containers round to 1 ms.
EVEN = 0.01
#: Samples (frames times columns) worked on at once; bounds the memory of long ones.
AT_ONCE = 700_000


def floating(x: ArrayLike) -> Array:
    """Make an array of floats; single precision stays single."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def columns_of(x: Array) -> Array:
    """View an array of any shape as (frames, columns)."""
    return x.reshape(len(x), math.prod(x.shape[1:]))


def usual_step(time: Array) -> float:
    """Give the median time step; NaN with less than two samples.

    Raises
    ------
    SchemaError
        If time is not finite or does not grow.
    """
    step = np.diff(time)
    if not (np.isfinite(time).all() and (step > 0).all()):
        n = int((~(step > 0)).sum())
        msg = f"time does not grow at {n} of {len(step)} steps"
        raise SchemaError(msg + "; remove duplicated and backward timestamps")
    return float(np.median(step)) if len(step) else np.nan


def runs_of(valid: NDArray[np.bool_], time: Array, step_s: float) -> list[slice]:
    """List the runs of one series.

    Parameters
    ----------
    valid
        Which samples exist, shape (frames,).
    time
        Seconds, growing, shape (frames,).
    step_s
        The usual step of time.

    Returns
    -------
    Slices in order; together they hold every valid sample.
    """
    if len(time) == 0:
        return []
    whole = np.diff(time) <= LONGEST_STEP * step_s
    joined = valid[1:] & valid[:-1] & whole
    starts = np.flatnonzero(valid & ~np.concatenate([[False], joined]))
    stops = np.flatnonzero(valid & ~np.concatenate([joined, [False]])) + 1
    return [slice(a, b) for a, b in zip(starts.tolist(), stops.tolist(), strict=True)]


def same_pattern(valid: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """Group columns that miss the same samples, as many as are to be worked on at once.

    Parameters
    ----------
    valid
        Shape (frames, columns).

    Yields
    ------
    Column numbers; columns without any valid sample are left out.
    """
    if not valid.size:
        return
    if valid.all():
        group = np.zeros(valid.shape[1], np.intp)
    else:
        packed = np.packbits(valid, axis=0)
        _, group = np.unique(packed, axis=1, return_inverse=True)
    for number in range(int(group.max()) + 1):
        columns = np.flatnonzero(group == number)
        if valid[:, columns[0]].any():
            n_parts = math.ceil(len(columns) * len(valid) / AT_ONCE)
            yield from np.array_split(columns, min(n_parts, len(columns)))


def along_runs(x: Array, time: Array, kernel: Kernel, *, step_s: float) -> Array:
    """Apply a kernel to every run of every column.

    Parameters
    ----------
    x
        Shape (frames, ...), NaN where missing.
    time
        Seconds, growing, shape (frames,).
    kernel
        ``(x, time) -> x`` on samples without holes, shape (frames, columns).
    step_s
        The usual step of time.

    Returns
    -------
    Shape of ``x``; NaN stays NaN.
    """
    flat = columns_of(x)
    valid = np.isfinite(flat)
    out = np.full_like(flat, np.nan)
    for columns in same_pattern(valid):
        which = slice(None) if len(columns) == flat.shape[1] else columns  # no copy
        for run in runs_of(valid[:, columns[0]], time, step_s):
            out[run, which] = kernel(flat[run][:, which], time[run])
    return out.reshape(x.shape)


def on_even_steps(kernel: Kernel, *, step_s: float) -> Kernel:
    """Let a kernel that needs even steps work on uneven ones.

    The samples are resampled to even steps by a cubic spline, and back afterwards; even
    samples go straight to the kernel.

    Parameters
    ----------
    kernel
        ``(x, time) -> x`` for even time steps.
    step_s
        The even step.

    Returns
    -------
    ``(x, time) -> x`` for any time steps.
    """

    def wrapped(x: Array, time: Array) -> Array:
        if len(time) < 3 or is_even(time, step_s):
            return kernel(x, time)
        n = max(2, round((time[-1] - time[0]) / step_s) + 1)
        grid = np.linspace(time[0], time[-1], n)
        there = scipy.interpolate.CubicSpline(time, x, axis=0)(grid)
        back: Array = scipy.interpolate.CubicSpline(grid, kernel(there, grid))(time)
        return back

    return wrapped


def is_even(time: Array, step_s: float) -> bool:
    """Tell whether all time steps are alike, within what containers round away."""
    step = np.diff(time)
    return bool(len(step) == 0 or np.ptp(step) <= 2 * EVEN * step_s)
