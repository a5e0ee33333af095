"""Flights of a body: when both feet are off the ground, and the parabola between."""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.kernels.runs import LONGEST_STEP, usual_step
from biomech.kernels.windows import runs, slope

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A foot rests when it moves slower than this, in body heights per second ...
REST_SPEED_BH_S = 0.2
#: ... for at least this long. At the top of a jump it does so for 0.07 to 0.12 s.
REST_TIME_S = 0.14
#: A foot in a jump of 30 cm moves this fast.
JUMP_SPEED_BH_S = 1.0
#: A toe this far above its resting height is in the air, in body heights.
CLEARANCE_BH = 0.02
#: An ankle is, when it is higher than on tiptoe: 0.08 to 0.12 from the ball or the tip
#: of a foot that is pitched by 45 to 60 degrees, less 0.04 in standing. Where force
#: plates lose and find five pairs of feet it is 0.04 to 0.08; flat landings are lower.
TIPTOE_BH, TIPTOE_SD_BH = 0.06, 0.02
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


class _Foot(NamedTuple):
    """One foot over time: how far it is above the ground, and its vertical speed."""

    clear: Array
    speed: Array
    noise: float


def flights(feet: Array, time: Array, /, *, by_ankles: bool = False) -> list[Flight]:
    """Find the flights of a body, their edges between frames.

    Parameters
    ----------
    feet
        Height of either foot in body heights, y up, shape (frames, 2), without NaN.
    time
        Seconds, growing, shape (frames,).
    by_ankles
        Whether these are the heights of ankles and not of toes.

    Returns
    -------
    Flights in order. One that began before the first frame has a take-off of NaN; one
    cut by the last frame is left out.

    Notes
    -----
    Every foot is compared with the heights at which it rested last and will rest next,
    so that a box, stairs or a slope need no ground line. It touches where it is no
    higher than a clearance above the next resting place, or has not left the last one.

    Toes are in the air from 2 % of body height. An edge is where their vertical speed
    passes 0.6 of its nearest peak at take-off and 0.55 at landing: smoothing spreads a
    sudden stop about evenly to both sides of that point. The speed comes from
    neighbouring frames. The standard deviation holds the quantisation of half a frame
    interval, the height noise (from second differences) over the foot's acceleration,
    and 2 ms for the choice of that share.

    Ankles rise before the toes leave. An edge is where they pass their height on
    tiptoe, 6 % of body height above rest, uncertain by 2 %.

    An edge in a hole lies in its middle, with the deviation of an even spread.
    """
    if len(time) < 5:
        return []
    clearance = TIPTOE_BH if by_ankles else CLEARANCE_BH
    both = [_foot(height, time, clearance) for height in feet.T]
    edge = _passing if by_ankles else _starting
    found = []
    for first, last in runs(np.all([foot.clear > 0 for foot in both], axis=0)):
        plausible = MIN_FALL_S <= time[last - 1] - time[first] <= MAX_FLIGHT_S
        if last == len(time) or not plausible:
            continue
        up = [edge(foot, time, first, leaving=True) for foot in both] if first else None
        down = [edge(foot, time, last - 1, leaving=False) for foot in both]
        take_off = _join(up, leaving=True) if up else Edge(np.nan, np.nan, np.nan)
        found.append(Flight(take_off, _join(down, leaving=False)))
    return found


def _foot(height: Array, time: Array, clearance: float) -> _Foot:
    noise = float(np.median(np.abs(np.diff(height, n=2)))) / 0.6745 / np.sqrt(6)
    speed = slope(height, time, window_s=0.0)
    return _Foot(_clear(height, time, clearance), speed, noise)


def _clear(height: Array, time: Array, clearance: float) -> Array:
    """Say by how much a foot is off the ground; 0 and less on it."""
    speed = np.abs(slope(height, time, window_s=0.1))
    slow = slowness(speed)
    rests = np.zeros(len(time), dtype=bool)
    for first, last in runs(speed < REST_SPEED_BH_S / slow):
        if time[last - 1] - time[first] >= REST_TIME_S * slow:
            rests[first:last] = True
    if not rests.any():
        return np.ones(len(time))
    where, frame = np.flatnonzero(rests), np.arange(len(time))
    after = where[np.searchsorted(where, frame).clip(max=len(where) - 1)]
    before = where[(np.searchsorted(where, frame, side="right") - 1).clip(0)]
    above_next = height - height[after] - clearance
    risen = height - height[before]
    # Off a box an ankle sinks without tiptoe.
    from_last = np.maximum(risen - clearance, -risen - CLEARANCE_BH)
    # Who has left a box may fly past its height again.
    has_left = np.maximum.accumulate(np.where(from_last > 0, frame, -1)) > before
    from_last = np.where(has_left, np.maximum(from_last, above_next), from_last)
    clear: Array = np.where(rests, -clearance, np.minimum(above_next, from_last))
    return clear


def _passing(
    foot: _Foot, time: Array, frame: int, *, leaving: bool
) -> tuple[float, float]:
    """Place an edge where the foot passes its clearance: time and deviation."""
    step = -1 if leaving else 1
    before = foot.clear[frame::step] <= 0
    if not before.any():  # this foot is in the air all the time
        return float(time[0 if leaving else -1]), usual_step(time)
    j = frame + step * int(before.argmax())
    i = j - step
    if _is_hole(time, i, j):
        return _in_hole(time, i, j)
    rise = float(foot.clear[i] - foot.clear[j])
    share = float(foot.clear[i]) / rise
    at = float(time[i] + share * (time[j] - time[i]))
    speed = rise / abs(float(time[j] - time[i]))
    return at, float(np.hypot(TIPTOE_SD_BH, foot.noise)) / speed


def _starting(
    foot: _Foot, time: Array, frame: int, *, leaving: bool
) -> tuple[float, float]:
    """Place an edge where the foot starts or stops moving: time and deviation."""
    step = -1 if leaving else 1
    if _is_hole(time, frame, frame + step):
        return _in_hole(time, frame, frame + step)
    interval = usual_step(time)
    reach = max(2, round(0.06 / interval))
    lo, hi = max(0, frame - reach), min(len(time), frame + reach + 1)
    upward = foot.speed if leaving else -foot.speed
    peak = lo + int(np.argmax(upward[lo:hi]))
    level = (TAKE_OFF_SHARE if leaving else LANDING_SHARE) * upward[peak]
    i = peak
    while 0 < i + step < len(time) and upward[i + step] > level:
        i += step
    j = min(max(i + step, 0), len(time) - 1)
    rise = upward[i] - upward[j]
    share = (level - upward[j]) / rise if rise > 0 else 0.5
    at = float(time[j] + share * (time[i] - time[j]))
    acceleration = rise / max(abs(float(time[i] - time[j])), 1e-9)
    speed_noise = foot.noise / (np.sqrt(2) * interval)
    from_noise = speed_noise / acceleration if acceleration > 0 else interval
    quantisation = interval / np.sqrt(12) / 2
    return at, float(np.linalg.norm([quantisation, from_noise, EDGE_SD_S]))


def _is_hole(time: Array, i: int, j: int) -> bool:
    return bool(abs(time[j] - time[i]) > LONGEST_STEP * usual_step(time))


def _in_hole(time: Array, i: int, j: int) -> tuple[float, float]:
    return float(time[i] + time[j]) / 2, abs(float(time[j] - time[i])) / np.sqrt(12)


def _join(feet: list[tuple[float, float]], *, leaving: bool) -> Edge:
    (left, left_sd), (right, right_sd) = feet
    asymmetry = right - left
    if abs(asymmetry) <= TOGETHER_S:  # both feet are hidden, and point, alike
        return Edge((left + right) / 2, (left_sd + right_sd) / 2, asymmetry)
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
