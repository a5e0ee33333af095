"""Work along time as polars expressions; the caller groups them by track.

As in ``pl.col("left_knee_flexion_deg").pipe(expr.derivative).over(TRACK,
order_by="frame")``. For whole tables of many columns `biomech.lowpass`,
`biomech.angular_velocities` and their kin are several times faster.
"""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.kernels import geometry, signal
from biomech.kernels.filters import Convention
from biomech.kernels.median import rolling_median

Array = NDArray[np.float64]
Kernel = Callable[[Array, Array], Array]


def _along_time(kernel: Kernel, x: pl.Expr, time: str) -> pl.Expr:
    """Apply a numpy kernel ``(x, time) -> x`` to a column, null for NaN."""

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        values, seconds = (c.cast(pl.Float64).to_numpy() for c in columns)
        return pl.Series(columns[0].name, kernel(values, seconds), nan_to_null=True)

    return pl.map_batches([x, pl.col(time)], apply, return_dtype=pl.Float64)


def derivative(x: pl.Expr, /, *, order: int = 1, time: str = "time_s") -> pl.Expr:
    """Differentiate by central differences on true timestamps.

    Parameters
    ----------
    x
        A numeric expression.
    order
        1 or 2.
    time
        Name of the column of seconds.

    Returns
    -------
    Per second, or per second squared; null where the run has one sample.
    """

    def kernel(x: Array, time: Array) -> Array:
        return signal.derivative(x, time, order=order)

    return _along_time(kernel, x, time)


def lowpass(
    x: pl.Expr,
    /,
    *,
    cutoff_hz: float = 6.0,
    convention: Convention = "effective",
    time: str = "time_s",
) -> pl.Expr:
    """Smooth with a zero-lag Butterworth filter, order 4.

    Parameters
    ----------
    x
        A numeric expression.
    cutoff_hz
        The cut-off, at most 0.45 of the frame rate.
    convention
        ``"effective"`` (3 dB at the cut-off) or ``"per_pass"`` (6 dB).
    time
        Name of the column of seconds.

    Returns
    -------
    The smoothed values; null stays null.
    """

    def kernel(x: Array, time: Array) -> Array:
        return signal.lowpass(x, time, cutoff_hz=cutoff_hz, convention=convention)

    return _along_time(kernel, x, time)


def savitzky_golay(
    x: pl.Expr,
    /,
    *,
    window_s: float = 0.12,
    polyorder: int = 3,
    order: int = 0,
    time: str = "time_s",
) -> pl.Expr:
    """Smooth, or differentiate, by a moving polynomial.

    Parameters
    ----------
    x
        A numeric expression.
    window_s
        Length of the window.
    polyorder
        Degree of the polynomial.
    order
        0 smooths, 1 gives the velocity, 2 the acceleration.
    time
        Name of the column of seconds.

    Returns
    -------
    The values or their derivative; null in runs shorter than the window.
    """

    def kernel(x: Array, time: Array) -> Array:
        return signal.savitzky_golay(
            x, time, window_s=window_s, polyorder=polyorder, order=order
        )

    return _along_time(kernel, x, time)


def fill(x: pl.Expr, /, *, max_gap_s: float = 0.15, time: str = "time_s") -> pl.Expr:
    """Fill short gaps with a cubic spline.

    Parameters
    ----------
    x
        A numeric expression.
    max_gap_s
        The longest gap to fill, from the sample before it to the sample after.
    time
        Name of the column of seconds.

    Returns
    -------
    The values; longer gaps stay null.
    """

    def kernel(x: Array, time: Array) -> Array:
        return signal.fill(x, time, max_gap_s=max_gap_s)

    return _along_time(kernel, x, time)


def median(x: pl.Expr, /, *, n_samples: int = 5, time: str = "time_s") -> pl.Expr:
    """Take the median of a moving window.

    Parameters
    ----------
    x
        A numeric expression.
    n_samples
        Length of the window, odd.
    time
        Name of the column of seconds; only the order matters.

    Returns
    -------
    The medians; null where the whole window is.
    """

    def kernel(x: Array, _: Array) -> Array:
        return rolling_median(x, n_samples=n_samples)

    return _along_time(kernel, x, time)


def unwrap(x: pl.Expr, /, *, time: str = "time_s") -> pl.Expr:
    """Make angles in degrees continuous in time.

    Parameters
    ----------
    x
        An expression of degrees.
    time
        Name of the column of seconds; only the order matters.

    Returns
    -------
    The angles plus whole turns; null stays null.
    """

    def kernel(x: Array, _: Array) -> Array:
        return geometry.unwrap(x)

    return _along_time(kernel, x, time)
