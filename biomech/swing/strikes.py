"""Fast strikes and throws: bat, racket, pitch, serve; one pattern for all of them.

The striking hand (or the tip of the implement) is fastest at contact or release. Before
it lie the landing of the front foot and the launch, after it the follow-through.
"""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.arrays import PoseArray
from biomech.body import stature_of
from biomech.kernels.windows import bridge, crossing, slope, speed, vertex
from biomech.swing.golf import Found

Array = NDArray[np.float64]

#: Slower hands strike nothing, in body heights per second (about 3.5 m/s).
_MIN_PACE_BH_S = 2.0
#: Strikes of one clip are at least this share as fast as its fastest.
_MIN_SHARE = 0.5
#: The launch is the last time before contact that the hand is this slow, and the
#: follow-through the first time after, as shares of its peak speed.
_LAUNCH_SHARE, _FOLLOW_SHARE = 0.3, 0.3
#: How long before contact the foot may land, and the hand be launched.
_REACH_S = 1.5
#: The front foot falls at least this fast before it lands, in body heights per second.
_MIN_FALL_BH_S = 0.2
#: The last fall before contact counts if it is this share of the fastest: the leg kick
#: of a pitcher falls too.
_FALL_SHARE = 0.4
#: A tip seen is surer than a wrist.
_TIP_SEEN, _WRIST_ONLY = 1.0, 0.7

_TIPS = {"baseball": "bat_tip", "tennis": "racket_head", "throw": "ball"}


class Striker(NamedTuple):
    """The moving parts of one track, in body heights, y up."""

    time_s: Array
    tip: Array
    front_foot: Array
    has_tip: bool
    interval_s: float


def striker(array: PoseArray, /, *, sport: str, side: str) -> Striker | None:
    """Reduce one track to the striking tip and the front foot.

    Parameters
    ----------
    array
        The poses of one track, sorted by frame.
    sport
        ``"baseball"``, ``"tennis"`` or ``"throw"``; says which implement to look for.
    side
        The striking hand; the front foot is the other one.

    Returns
    -------
    The parts, or None if they were never seen.

    Raises
    ------
    SkeletonError
        If wrists, hips, knees or ankles are not in the skeleton.
    """
    flip = np.ones(array.xyz.shape[2])
    flip[1] = -1.0 if array.unit == "px" else 1.0
    stature = stature_of(array)
    tip = bridge(array.point(f"{side}_wrist") * flip / stature)
    implement = _TIPS[sport]
    has_tip = sport != "throw" and implement in array.keypoints
    if has_tip:
        seen = bridge(array.point(implement) * flip / stature)
        has_tip = bool(np.isfinite(seen).all())
        tip = seen if has_tip else tip
    other = "left" if side == "right" else "right"
    foot = bridge(array.point(f"{other}_ankle") * flip / stature)
    time = array.frames["time_s"].to_numpy().astype(np.float64)
    if len(time) < 10 or not (np.isfinite(tip).all() and np.isfinite(foot).all()):
        return None
    return Striker(time, tip, foot, has_tip, float(np.median(np.diff(time))))


def strikes(body: Striker, /, *, contact: str) -> list[list[Found]]:
    """Find the strikes of one track, each with the events that the clip shows.

    Parameters
    ----------
    body
        From `striker`.
    contact
        What to call the fastest moment: ``"contact"`` or ``"release"``.

    Returns
    -------
    One list of events per strike, in order of time.
    """
    pace = speed(body.tip, body.time_s, window_s=0.0)
    level = max(_MIN_PACE_BH_S, _MIN_SHARE * float(pace.max()))
    apart = max(1, round(1.0 / body.interval_s))
    fastest, _ = scipy.signal.find_peaks(pace, height=level, distance=apart)
    return [_strike(body, pace, int(i), contact) for i in fastest]


def _strike(body: Striker, pace: Array, peak: int, contact: str) -> list[Found]:
    time = body.time_s
    sure = _TIP_SEEN if body.has_tip else _WRIST_ONLY
    begin = int(np.searchsorted(time, time[peak] - _REACH_S))
    events = _landing(body, begin, peak)
    slow = np.flatnonzero(pace[begin:peak] < _LAUNCH_SHARE * pace[peak])
    if len(slow):
        at_s = float(time[begin + slow[-1]])
        events.append(Found("launch", at_s, body.interval_s, sure))
    at_s = vertex(pace, time, peak)
    events.append(Found(contact, at_s, body.interval_s, sure))
    calm = np.flatnonzero(pace[peak:] < _FOLLOW_SHARE * pace[peak])
    if len(calm):
        at_s = float(time[peak + calm[0]])
        events.append(Found("follow_through", at_s, 2 * body.interval_s, sure))
    return sorted(events, key=lambda found: found.time_s)


def _landing(body: Striker, begin: int, peak: int) -> list[Found]:
    """Find when the front foot lands: half of its last fall is braked."""
    time = body.time_s
    fall = -slope(body.front_foot[:, 1], time, window_s=0.05)
    if peak - begin < 3:
        return []
    level = max(_MIN_FALL_BH_S, _FALL_SHARE * float(fall[begin:peak].max()))
    falls, _ = scipy.signal.find_peaks(fall[begin:peak], height=level)
    if not len(falls):
        return []
    fastest = begin + int(falls[-1])
    slower = np.flatnonzero(fall[fastest:] < fall[fastest] / 2)
    if not len(slower):
        return []
    first = fastest + int(slower[0])
    at_s = crossing(fall, time, fall[fastest] / 2, first - 1, first + 1)
    if at_s is None:
        return []
    return [Found("foot_contact", at_s, body.interval_s / 2, 1.0)]
