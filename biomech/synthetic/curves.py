"""Smooth curves through a few numbers: over a cycle, over time, between two states."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Knots = Mapping[float, float]
Curve = Callable[[ArrayLike], Array]

#: Phases at which a cycle is worked out before it is interpolated.
GRID = np.arange(400) / 400
#: Time step at which a timeline is worked out before it is interpolated.
_STEP_S = 0.002


def cyclic(knots: Knots, /, *, smoothing: float = 0.012) -> Curve:
    """Draw a smooth periodic curve through knots, without overshoot.

    Parameters
    ----------
    knots
        Value by phase, 0 to 1.
    smoothing
        Standard deviation, in strides, of the Gaussian that rounds the corners.

    Returns
    -------
    A function of phase, of period 1.
    """
    at = np.array(sorted(knots))
    value = np.array([knots[phase] for phase in sorted(knots)])
    at = np.concatenate([at - 1, at, at + 1])
    sharp = scipy.interpolate.PchipInterpolator(at, np.tile(value, 3))(GRID)
    return periodic(
        scipy.ndimage.gaussian_filter1d(sharp, smoothing * len(GRID), mode="wrap")
    )


def periodic(values: Array, /) -> Curve:
    """Interpolate values on the grid of phases by a periodic cubic spline.

    Parameters
    ----------
    values
        One, or one row, per phase of `GRID`.

    Returns
    -------
    A function of phase, of period 1.
    """
    closed = np.concatenate([values, values[:1]])
    spline = scipy.interpolate.CubicSpline(
        np.append(GRID, 1.0), closed, bc_type="periodic"
    )
    return lambda phase: np.asarray(spline(np.asarray(phase) % 1.0))


def clamped(at: ArrayLike, values: ArrayLike, start: float, end: float, /) -> Curve:
    """Draw a cubic spline with given slopes at both ends.

    Parameters
    ----------
    at, values
        Where, and what.
    start, end
        The slopes.

    Returns
    -------
    A function between the first and the last knot.
    """
    spline = scipy.interpolate.CubicSpline(
        np.asarray(at, float),
        np.asarray(values, float),
        bc_type=((1, np.asarray(start)), (1, np.asarray(end))),
    )
    return lambda x: np.asarray(spline(np.asarray(x, float)))


def timeline(
    knots: Knots, /, *, smoothing_s: float = 0.02, from_s: float = 0.0
) -> Curve:
    """Draw a smooth curve over time through knots, without overshoot.

    Parameters
    ----------
    knots
        Value by time in seconds; before the first and after the last it is constant.
    smoothing_s
        Standard deviation of the Gaussian that rounds the corners.
    from_s
        The time from which those of the knots count.

    Returns
    -------
    A function of time.
    """
    at = from_s + np.array(sorted(knots))
    value = np.array([knots[t] for t in sorted(knots)])
    rim = 5 * smoothing_s
    grid = np.arange(at[0] - rim, at[-1] + rim + _STEP_S, _STEP_S)
    inside = np.clip(grid, at[0], at[-1])
    sharp = scipy.interpolate.PchipInterpolator(at, value)(inside)
    rounded = scipy.ndimage.gaussian_filter1d(
        sharp, smoothing_s / _STEP_S, mode="nearest"
    )
    spline = scipy.interpolate.CubicSpline(grid, rounded)
    return lambda t: np.asarray(spline(np.clip(np.asarray(t, float), *grid[[0, -1]])))


class State(NamedTuple):
    """A value and its first two derivatives at a time."""

    time_s: float
    value: float
    speed: float = 0.0
    acceleration: float = 0.0


def quintic(start: State, end: State, time_s: ArrayLike, /) -> Array:
    """Go from one state to another on the polynomial of degree five.

    Parameters
    ----------
    start, end
        Value, speed and acceleration at both ends.
    time_s
        Seconds, also outside of the two.

    Returns
    -------
    Values, of the shape of `time_s`.
    """
    span = end.time_s - start.time_s
    powers = np.arange(6.0)

    def rows(x: float) -> list[Array]:
        slope = powers * x ** np.maximum(powers - 1, 0)
        bend = powers * (powers - 1) * x ** np.maximum(powers - 2, 0)
        return [np.asarray(x**powers, float), slope, bend]

    scale = np.array([1.0, span, span**2])
    wanted = np.concatenate([np.array(s[1:], float) * scale for s in (start, end)])
    coefficients: Array = np.linalg.solve(np.array([*rows(0.0), *rows(1.0)]), wanted)
    share = (np.asarray(time_s, float) - start.time_s) / span
    values = np.polynomial.polynomial.polyval(share, coefficients)
    return np.asarray(values, float)


def chain(states: Sequence[State], /) -> Curve:
    """Join states by polynomials of degree five; constant before and after.

    A piece between two states of the same free fall is that free fall, exactly.

    Parameters
    ----------
    states
        Two or more, in order of time.

    Returns
    -------
    A function of time.
    """
    times = np.array([state.time_s for state in states])

    def curve(time_s: ArrayLike) -> Array:
        t = np.asarray(time_s, float)
        within = np.clip(t, times[0], times[-1])
        piece = np.clip(np.searchsorted(times, within, "right") - 1, 0, len(times) - 2)
        values: Array = np.empty(within.shape)
        for i, (start, end) in enumerate(pairwise(states)):
            here = piece == i
            values[here] = quintic(start, end, within[here])
        return values

    return curve
