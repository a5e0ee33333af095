"""Flights of a body: when both feet are off the ground, and the parabola between."""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.kernels.windows import runs, slope

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A foot rests when it moves slower than this, in body heights per second ...
REST_SPEED_BH_S = 0.2
#: ... for at least this long. At the top of a jump it does so for 0.07 to 0.12 s.
REST_TIME_S = 0.14
#: A foot in a jump of 30 cm moves this fast.
JUMP_SPEED_BH_S = 1.0
#: A foot this far above its resting height is in the air, in body heights.
CLEARANCE_BH = 0.02
#: The step off a box is seen as a flight this short; slow motion makes flights long.
MIN_FALL_S, MAX_FLIGHT_S = 0.06, 10.0
#: An edge is where the vertical speed of the foot passes this share of its peak. Half
#: is right for a sudden stop in a straight fall, a little more in a curved one; and a
#: foot peels off before it leaves.
TAKE_OFF_SHARE, LANDING_SHARE = 0.6, 0.55
#: The shared error of that choice, seen on synthetic jumps smoothed and not.
EDGE_SD_S = 0.002
#: Feet that leave or land within this time do so together: their mean is taken.
TOGETHER_S = 0.03


class Edge(NamedTuple):
    """One edge of a flight: when, how sure, and right foot minus left foot."""

    time_s: float
    sd_s: float
    asymmetry_s: float


class Flight(NamedTuple):
    """One flight, from the last foot that leaves to the first that touches."""

    take_off: Edge
    landing: Edge


class Parabola(NamedTuple):
    """A free flight fitted with gravity fixed, and gravity when it is not."""

    speed_at_take_off: float
    speed_sd: float
    gravity: float
    gravity_sd: float


def airborne(feet: Array, time: Array, /) -> Flags:
    """Mark the frames in which both feet are off the ground.

    Parameters
    ----------
    feet
        Height of either foot in body heights, y up, shape (frames, 2), without NaN.
    time
        Seconds, shape (frames,).

    Returns
    -------
    Flags, shape (frames,).

    Notes
    -----
    Every foot is compared with the heights at which it rested last and will rest next,
    so that a box, stairs or a slope need no ground line. It touches where it is no
    higher than 2 % of body height above the next resting place, or above the last one
    and not below it either.
    """
    left, right = (_touches(height, time) for height in feet.T)
    return ~(left | right)


def _touches(height: Array, time: Array) -> Flags:
    speed = np.abs(slope(height, time, window_s=0.1))
    slow = slowness(speed)
    rests = np.zeros(len(time), dtype=bool)
    for first, last in runs(speed < REST_SPEED_BH_S / slow):
        if time[last - 1] - time[first] >= REST_TIME_S * slow:
            rests[first:last] = True
    if not rests.any():
        return rests
    where = np.flatnonzero(rests)
    after = where[np.searchsorted(where, np.arange(len(time))).clip(max=len(where) - 1)]
    before = where[
        (np.searchsorted(where, np.arange(len(time)), side="right") - 1).clip(0)
    ]
    on_next = height < height[after] + CLEARANCE_BH
    on_last = np.abs(height - height[before]) < CLEARANCE_BH
    touches: Flags = rests | on_next | on_last
    return touches


def slowness(speed: Array, /) -> float:
    """Say how many times slower than life a recording may be, by its fastest foot.

    Parameters
    ----------
    speed
        Vertical speed of a foot in body heights per second, shape (frames,).

    Returns
    -------
    1 for a foot as fast as in a jump of 30 cm, up to 16 for slower ones: the
    thresholds of rest must follow a slow-motion clip whose capture rate is unknown.
    """
    fastest = float(np.percentile(speed, 99.5))
    return float(np.clip(JUMP_SPEED_BH_S / max(fastest, 1e-9), 1.0, 16.0))


def flights(feet: Array, time: Array, /) -> list[Flight]:
    """Find the flights of a body, their edges between frames.

    Parameters
    ----------
    feet
        Height of either foot in body heights, y up, shape (frames, 2), without NaN.
    time
        Seconds, growing, shape (frames,).

    Returns
    -------
    Flights in order; those cut by the first or last frame are left out.

    Notes
    -----
    An edge is where the vertical speed of the foot passes 0.6 of its nearest peak at
    take-off and 0.55 at landing: smoothing spreads a sudden stop about evenly to both
    sides of that point. The speed
    comes from neighbouring frames. The standard deviation holds the quantisation of
    half a frame interval, the height noise (from second differences) over the foot's
    acceleration, and 2 ms for the choice of that share.
    """
    if len(time) < 5:
        return []
    speed = np.stack([slope(h, time, window_s=0.0) for h in feet.T], axis=1)
    noise = np.median(np.abs(np.diff(feet, n=2, axis=0)), axis=0) / 0.6745 / np.sqrt(6)
    found = []
    for first, last in runs(airborne(feet, time)):
        plausible = MIN_FALL_S <= time[last - 1] - time[first] <= MAX_FLIGHT_S
        if first == 0 or last == len(time) or not plausible:
            continue
        up = [_edge(speed[:, k], time, first, noise[k], leaving=True) for k in (0, 1)]
        down = [
            _edge(speed[:, k], time, last - 1, noise[k], leaving=False) for k in (0, 1)
        ]
        found.append(Flight(_join(up, leaving=True), _join(down, leaving=False)))
    return found


def _edge(
    speed: Array, time: Array, frame: int, noise: float, *, leaving: bool
) -> tuple[float, float]:
    """Place one edge of one foot: time and its standard deviation."""
    interval = float(np.median(np.diff(time)))
    reach = max(2, round(0.06 / interval))
    lo, hi = max(0, frame - reach), min(len(time), frame + reach + 1)
    upward = speed if leaving else -speed
    peak = lo + int(np.argmax(upward[lo:hi]))
    half = (TAKE_OFF_SHARE if leaving else LANDING_SHARE) * upward[peak]
    step = -1 if leaving else 1
    i = peak
    while 0 < i + step < len(time) and upward[i + step] > half:
        i += step
    j = min(max(i + step, 0), len(time) - 1)
    rise = upward[i] - upward[j]
    share = (half - upward[j]) / rise if rise > 0 else 0.5
    at = float(time[j] + share * (time[i] - time[j]))
    acceleration = rise / max(abs(float(time[i] - time[j])), 1e-9)
    speed_noise = noise / (np.sqrt(2) * interval)
    from_noise = speed_noise / acceleration if acceleration > 0 else interval
    quantisation = interval / np.sqrt(12) / 2
    return at, float(np.linalg.norm([quantisation, from_noise, EDGE_SD_S]))


def _join(feet: list[tuple[float, float]], *, leaving: bool) -> Edge:
    (left, left_sd), (right, right_sd) = feet
    asymmetry = right - left
    if abs(asymmetry) <= TOGETHER_S:
        return Edge((left + right) / 2, np.hypot(left_sd, right_sd) / 2, asymmetry)
    later = right > left
    pick = later if leaving else not later
    return Edge(*((right, right_sd) if pick else (left, left_sd)), asymmetry)


def fit_parabola(
    height: Array, time: Array, /, *, take_off_s: float, gravity: float
) -> Parabola:
    """Fit free flight to the height of the centre of mass.

    Parameters
    ----------
    height
        Height in metres, y up, during the flight only, shape (frames,), no NaN.
    time
        Seconds, shape (frames,), at least 4 frames.
    take_off_s
        When the speed is wanted.
    gravity
        The gravity to hold fixed, in m/s².

    Returns
    -------
    Vertical speed at take-off with gravity fixed, gravity of the free fit, and their
    standard deviations from the residuals of the free fit.

    References
    ----------
    Linthorne N. (2001) Analysis of standing vertical jumps using a force platform.
    Am. J. Phys. 69:1198, doi:10.1119/1.1397460.
    """
    t = time - take_off_s
    line = np.stack([np.ones_like(t), t], axis=1)
    curve = np.column_stack([line, -0.5 * t**2])
    fixed, *_ = scipy.linalg.lstsq(line, height + 0.5 * gravity * t**2)
    free, *_ = scipy.linalg.lstsq(curve, height)
    rest = height - curve @ free
    variance = float(rest @ rest) / max(len(t) - 3, 1)
    speed_sd = np.sqrt(variance * np.linalg.inv(line.T @ line)[1, 1])
    gravity_sd = np.sqrt(variance * np.linalg.inv(curve.T @ curve)[2, 2])
    return Parabola(float(fixed[1]), float(speed_sd), float(free[2]), float(gravity_sd))
