"""Fast strikes and throws: bat, racket, pitch, serve; one pattern for all of them.

Contact is where the ball meets the implement, release where it leaves the hand; without
the ball in sight both are the fastest moment of the tip or hand. Before it lie the
landing of the front foot and the launch, after it the follow-through.
"""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.arrays import PoseArray
from biomech.body import SIDES, faster_hand, point_of, stature_of
from biomech.kernels.geometry import distance
from biomech.kernels.windows import bridge, crossing, runs, slope, speed, vertex
from biomech.swing.golf import Found
from biomech.swing.scene import IMPLEMENTS

Array = NDArray[np.float64]

#: Slower hands strike nothing, in body heights per second (about 3.5 m/s).
_MIN_PACE_BH_S = 2.0
#: Who strikes or throws moves the hand this far within this time on either side, in
#: body heights (half a metre); noise makes it fast, but goes nowhere.
_MIN_WAY_BH, _WAY_S = 0.3, 0.3
#: Strikes of one clip are at least this share as fast as its fastest.
_MIN_SHARE = 0.5
#: The launch is the last time before contact that the hand is this slow, and the
#: follow-through the first time after, as shares of its peak speed.
_LAUNCH_SHARE, _FOLLOW_SHARE = 0.3, 0.3
#: How long before contact the foot may land, and the hand be launched.
_REACH_S = 1.5
#: The front foot is in the air this much above where it stands at contact, in body
#: heights, and has its fastest fall at most so long before it comes below that.
_IN_AIR_BH, _FALL_S = 0.02, 0.1
#: What "landed" means differs by this much: 20 N on the plate, or all of body weight.
_LANDING_SD_S = 0.01
#: A tip seen is surer than a wrist.
_TIP_SEEN, _WRIST_ONLY = 1.0, 0.7
#: A ball is thrown from the end of the hand, 0.108 body heights beyond the wrist; the
#: forearm has 0.146 (Drillis & Contini 1966).
_HAND_PER_FOREARM = 0.108 / 0.146
#: A ball is held this near to the wrist, and hit this near to the implement, in body
#: heights: hand and radius of a basketball, and a ball's way in a frame.
_HELD_BH, _HIT_BH = 0.2, 0.1
#: A ball that is thrown was held this long; a dribble drops below the hand.
_HOLD_S = 0.3
#: Contact lies within this time of the fastest moment.
_NEAR_S = 0.15
#: Without the racket an overhead stroke meets the ball where the wrist is highest, this
#: much above the shoulder: in five real serves it is fastest 80 to 105 ms later, at
#: the height of the shoulder.
_OVERHEAD_BH = 0.15
#: What the fastest moment is off by: of the end of the hand from release, of a tip and
#: of a wrist from contact.
_RELEASE_SD_S, _TIP_SD_S, _WRIST_SD_S = 0.01, 0.015, 0.05

_TOOLS = {"baseball": IMPLEMENTS["bat"], "tennis": IMPLEMENTS["racket"]}


def striking_hand(array: PoseArray, /) -> str:
    """Tell the hand that has the ball for longer, else the one that moves faster.

    Parameters
    ----------
    array
        The poses of one track.

    Returns
    -------
    ``"left"`` or ``"right"``.
    """
    if "ball" not in array.keypoints:
        return faster_hand(array)
    near = _HELD_BH * stature_of(array)
    held = {
        side: int(
            (distance(array.point("ball"), array.point(f"{side}_wrist")) < near).sum()
        )
        for side in SIDES
    }
    fewest, most = sorted(held, key=lambda side: held[side])
    return most if held[most] > held[fewest] else faster_hand(array)


class Striker(NamedTuple):
    """The moving parts of one track, in body heights, y up.

    ``ball_away`` is the distance of the ball from the wrist, for strikes from the
    implement, and ``ball_up`` how far it is above the wrist; None where it was never
    seen, NaN where it is not seen. ``over_shoulder`` is how far the wrist is above its
    shoulder.
    """

    time_s: Array
    tip: Array
    front_foot: Array
    ball_away: Array | None
    ball_up: Array
    over_shoulder: Array
    has_tip: bool
    interval_s: float


def striker(array: PoseArray, /, *, sport: str, side: str) -> Striker | None:
    """Reduce one track to the striking tip, the front foot and the ball.

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
        If hips, knees or ankles are not in the skeleton, or for throws the elbow.
    """
    array = array.upright()
    stature = stature_of(array)

    def path(name: str) -> Array:
        return point_of(array, name) / stature

    wrist = bridge(path(f"{side}_wrist"))
    grip = head = wrist
    if sport == "throw":
        elbow = bridge(array.point(f"{side}_elbow") / stature)
        head = wrist + _HAND_PER_FOREARM * (wrist - elbow)
    else:
        grip, head = (bridge(path(name)) for name in _TOOLS[sport])
    has_tip = sport != "throw" and bool(np.isfinite([grip, head]).all())
    tip = head if has_tip or sport == "throw" else wrist
    foot = bridge(path("left_ankle" if side == "right" else "right_ankle"))
    time = array.time_s
    if len(time) < 10 or not (np.isfinite(tip).all() and np.isfinite(foot).all()):
        return None
    ball = path("ball")
    away = _to_segment(ball, grip, head if has_tip else grip)
    is_seen = bool(np.isfinite(away).any()) and (has_tip or sport == "throw")
    return Striker(
        time,
        tip,
        foot,
        ball_away=away if is_seen else None,
        ball_up=(ball - wrist)[:, 1],
        over_shoulder=wrist[:, 1] - bridge(path(f"{side}_shoulder"))[:, 1],
        has_tip=has_tip,
        interval_s=float(np.median(np.diff(time))),
    )


def _to_segment(point: Array, start: Array, end: Array) -> Array:
    """Give the distance from a point to a line segment, shape (frames,)."""
    along = end - start
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(((point - start) * along).sum(axis=1) / squared, 0.0, 1.0)
    return distance(start + share[:, None] * along, point)


def strikes(body: Striker, /, *, contact: str) -> list[list[Found]]:
    """Find the strikes of one track, each with the events that the clip shows.

    Parameters
    ----------
    body
        From `striker`.
    contact
        Which event a strike turns on: ``"contact"`` or ``"release"``.

    Returns
    -------
    One list of events per strike, in order of time.
    """
    pace = speed(body.tip, body.time_s, window_s=0.0)
    moments = _partings(body) if contact == "release" else np.zeros(0, dtype=np.intp)
    if not len(moments):
        level = max(_MIN_PACE_BH_S, _MIN_SHARE * float(pace.max()))
        apart = max(1, round(1.0 / body.interval_s))
        peaks, _ = scipy.signal.find_peaks(pace, height=level, distance=apart)
        moments = peaks[[_goes_somewhere(body, int(i)) for i in peaks]]
    return [_strike(body, pace, int(i), contact) for i in moments]


def _goes_somewhere(body: Striker, peak: int) -> bool:
    near = np.abs(body.time_s - body.time_s[peak]) <= _WAY_S
    return float(np.linalg.norm(np.ptp(body.tip[near], axis=0))) >= _MIN_WAY_BH


def _partings(body: Striker) -> NDArray[np.intp]:
    """List the frames in which a ball that was held leaves the hand, not downwards."""
    if body.ball_away is None:
        return np.zeros(0, dtype=np.intp)
    away, time = body.ball_away, body.time_s
    ends = [
        last
        for first, last in runs(away <= _HELD_BH)
        if last < len(time) and time[last] - time[first] >= _HOLD_S
    ]
    leaves = np.array(ends, dtype=np.intp)
    is_thrown = np.isfinite(away[leaves]) & (body.ball_up[leaves] > -_HELD_BH / 2)
    thrown: NDArray[np.intp] = leaves[is_thrown]
    return thrown


def _strike(body: Striker, pace: Array, peak: int, contact: str) -> list[Found]:
    """Find the events round one moment of contact or release."""
    time = body.time_s
    sure = _TIP_SEEN if body.has_tip else _WRIST_ONLY
    at_s, sd_s = _meeting(body, pace, peak, contact)
    begin, end = np.searchsorted(time, (time[peak] - _REACH_S, at_s))
    events = _landing(body, int(begin), int(end))
    slow = np.flatnonzero(pace[begin:end] < _LAUNCH_SHARE * pace[peak])
    if len(slow):
        launch_s = float(time[begin + slow[-1]])
        events.append(Found("launch", launch_s, body.interval_s, sure))
    events.append(Found(contact, at_s, sd_s, sure))
    calm = np.flatnonzero(pace[peak:] < _FOLLOW_SHARE * pace[peak])
    if len(calm):
        calm_s = float(time[peak + calm[0]])
        events.append(Found("follow_through", calm_s, 2 * body.interval_s, sure))
    return sorted(events, key=lambda found: found.time_s)


def _meeting(
    body: Striker, pace: Array, peak: int, contact: str
) -> tuple[float, float]:
    """Say when ball and implement meet, or ball and hand part, and how sure that is."""
    half = body.interval_s / 2
    if body.ball_away is not None and contact == "release":
        left_s = crossing(body.ball_away, body.time_s, _HELD_BH, peak - 1, peak + 1)
        if left_s is not None:
            return left_s, half
    elif body.ball_away is not None:
        near = np.flatnonzero(np.abs(body.time_s - body.time_s[peak]) <= _NEAR_S)
        away = np.nan_to_num(body.ball_away, nan=np.inf)
        nearest = int(near[np.argmin(away[near])])
        if away[nearest] <= _HIT_BH:
            return vertex(bridge(body.ball_away) ** 2, body.time_s, nearest), half
    unseen_s = _TIP_SD_S if body.has_tip else _WRIST_SD_S
    before = (body.time_s >= body.time_s[peak] - _NEAR_S) & (
        body.time_s <= body.time_s[peak]
    )
    highest = int(np.argmax(np.where(before, body.tip[:, 1], -np.inf)))
    is_overhead = body.over_shoulder[highest] > _OVERHEAD_BH
    if contact == "contact" and not body.has_tip and is_overhead:
        at_s = vertex(body.tip[:, 1], body.time_s, highest)
        return at_s, float(np.hypot(half, unseen_s))
    sd_s = _RELEASE_SD_S if contact == "release" else unseen_s
    return vertex(pace, body.time_s, peak), float(np.hypot(half, sd_s))


def _landing(body: Striker, begin: int, peak: int) -> list[Found]:
    """Find when the front foot lands to stand: half of its last fall is braked."""
    time, height = body.time_s, body.front_foot[:, 1]
    in_air = np.flatnonzero(height[begin:peak] > height[peak] + _IN_AIR_BH)
    if not len(in_air):
        return []
    last = begin + int(in_air[-1])
    fall = -slope(height, time, window_s=0.05)
    first = max(begin, int(np.searchsorted(time, time[last] - _FALL_S)))
    fastest = first + int(np.argmax(fall[first : last + 1]))
    slower = np.flatnonzero(fall[fastest:peak] < fall[fastest] / 2)
    if not len(slower):
        return []
    end = fastest + int(slower[0])
    at_s = crossing(fall, time, fall[fastest] / 2, max(0, end - 1), end + 1)
    sd_s = float(np.hypot(body.interval_s / 2, _LANDING_SD_S))
    return [Found("foot_contact", at_s or float(time[end]), sd_s, 1.0)]
