"""The swings of a foot: when it is carried forward.

A foot that is carried forward must go faster than the body, at any speed and for any
way of walking: a swing is a peak of forward speed.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.body import mean_of
from biomech.kernels.signal import derivative, peaks
from biomech.steps.locomotion import FOOT_POINTS, LEAST_SPEED, Locomotion

Array = NDArray[np.float64]

#: A swing lasts less than half of a walking stride, so that the foot must go twice as
#: fast as the body on average; its peak is near three times in walking, two in running.
_SWING_PEAK = 1.3
_SWING_PROMINENCE = 0.8
#: A foot slower than this share of the walking speed stands.
_REST = 0.5
#: No stride is shorter (sprint: 0.42 s).
LEAST_STRIDE_S = 0.35
#: A fast swing has two peaks, of which noise makes now the one and now the other the
#: higher: the highest of two swings may lie this much nearer than their strides.
_BETWEEN_PEAKS_S = 0.10
#: Slower than this share of the track's usual speed is starting, stopping or turning.
_STEADY = 0.25
#: Faster than this the person turns round (a circle of 2 m at 1.2 m/s: 34 deg/s).
_TURN_DEG_S = 60.0


class Swing(NamedTuple):
    """One swing, as samples.

    Attributes
    ----------
    begin, end
        The middle of the stance before and after it, or the ends of the clip.
    peak
        The fastest forward motion.
    turn
        From here on the foot is slower than the body: it goes back under it. After
        the end when that is not seen.
    """

    begin: int
    peak: int
    turn: int
    end: int


def foot_points(track: Locomotion, side: str, wanted: Iterable[str]) -> list[str]:
    """List the keypoints of a foot that the track has.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.
    wanted
        Names without side, such as those of `FOOT_POINTS`.

    Returns
    -------
    Keypoint names, in the order wanted.
    """
    return [f"{side}_{p}" for p in wanted if f"{side}_{p}" in track.points]


def steady_speed(track: Locomotion) -> Array:
    """Give the speed over the ground, NaN where the person does not go steadily.

    Parameters
    ----------
    track
        One person.

    Returns
    -------
    Shape (frames,), in the unit of the track per second.
    """
    speed = track.speed
    seen = speed[np.isfinite(speed)]
    if not len(seen):
        return speed
    least = _STEADY * float(np.percentile(seen, 75))
    if np.isfinite(track.leg):
        least = max(least, LEAST_SPEED * track.leg)
    steady = (speed > least) & (turning(track) < _TURN_DEG_S)
    return np.where(steady, speed, np.nan)


def turning(track: Locomotion) -> Array:
    """Give how fast the heading turns; 0 in the plane.

    Parameters
    ----------
    track
        One person.

    Returns
    -------
    Degrees per second, shape (frames,).
    """
    if track.dims == 2:
        return np.zeros(len(track.time))
    angle = np.unwrap(np.arctan2(track.heading[:, 2], track.heading[:, 0]))
    return np.abs(np.degrees(derivative(angle, track.time)))


def swings(track: Locomotion, side: str) -> list[Swing]:
    """Find the swings of a foot.

    Beyond both ends of the clip the foot is taken to stand, so that half a swing at an
    end still gives its event.

    Parameters
    ----------
    track
        One person.
    side
        Which foot.

    Returns
    -------
    The swings in order; none where the person does not travel.
    """
    names = foot_points(track, side, FOOT_POINTS)
    if not names or len(track.time) < 5:
        return []
    foot = mean_of([track.forward(n) for n in names]) / steady_speed(track)
    step = 1 / track.rate_hz
    time = np.concatenate([[track.time[0] - step], track.time, [track.time[-1] + step]])
    found = peaks(
        np.concatenate([[0.0], foot, [0.0]]),
        time,
        height=_SWING_PEAK,
        prominence=_SWING_PROMINENCE,
        min_distance_s=LEAST_STRIDE_S - _BETWEEN_PEAKS_S,
    )
    tops = (found.sample - 1).tolist()
    if not tops:
        return []
    rests = [0, *(_rest(foot, *pair) for pair in pairwise(tops)), len(foot) - 1]
    return [
        Swing(begin, top, _turn(foot, top, end), end)
        for (begin, end), top in zip(pairwise(rests), tops, strict=True)
    ]


def _rest(foot: Array, first: int, last: int) -> int:
    """Give the middle of the stance between two swings."""
    part = np.nan_to_num(foot[first : last + 1])
    slow = np.flatnonzero(part < _REST)
    return first + int(np.median(slow) if len(slow) else np.argmin(part))


def _turn(foot: Array, top: int, end: int) -> int:
    slower = np.flatnonzero(foot[top : end + 1] < 1.0)
    return top + int(slower[0]) if len(slower) else end + 1
