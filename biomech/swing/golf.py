"""The eight events of a golf swing, from body points alone or with the club."""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.arrays import PoseArray
from biomech.body import stature_of
from biomech.kernels.windows import bridge, crossing, runs, slope, speed, vertex
from biomech.swing.rest import Arms

Array = NDArray[np.float64]

EVENTS_OF_GOLF = (
    *("address", "toe_up", "mid_backswing", "top"),
    *("mid_downswing", "impact", "mid_follow_through", "finish"),
)

#: The hands fall and rise by at least this much round impact, in body heights.
_MIN_FALL_BH = 0.18
#: Impact has at least this share of the fastest hand speed; address has not.
_MIN_IMPACT_SHARE = 0.35
#: From top to impact at most, slow motion by four included.
_MAX_DOWNSWING_S = 2.0
#: Half of 1,400 swings have the shaft level at this share of address to arm level
#: (standard deviation 0.066): GolfDB, McNally et al. 2019, arXiv:1903.06528.
TOE_UP_SHARE, TOE_UP_SD = 0.74, 0.066
#: The same after impact, as a share of mid-downswing to impact.
FOLLOW_SHARE, FOLLOW_SD = 0.67, 0.15
#: Rest is told to about this many frames.
_REST_SD_FRAMES = 3.0
#: The wrist's height over the shoulder is wrong by this, in body heights: 2 cm each.
_RISE_SD_BH = 0.016
#: Confidence of events that are read off the body, and of those two proxies.
_SEEN, _PROXY = 1.0, 0.4


class Found(NamedTuple):
    """One event: when, how sure in seconds, and confidence."""

    event: str
    time_s: float
    sd_s: float
    confidence: float


class Swinger(NamedTuple):
    """The moving parts of one track, in body heights, y up, relative to the hips."""

    time_s: Array
    hands: Array
    upper: Array
    head_path: Array | None
    lead_rise: Array
    club: Array | None
    interval_s: float


def swinger(array: PoseArray, lead: str, /) -> Swinger | None:
    """Reduce one track to hands, lead arm and club.

    Parameters
    ----------
    array
        The poses of one track, sorted by frame.
    lead
        The side nearer to the target: ``"left"`` for right-handers.

    Returns
    -------
    Hands (or grip), how far the lead wrist is above the lead shoulder, the rise of the
    club head over the grip, and the head; None if the body was never seen.

    Raises
    ------
    SkeletonError
        If shoulders, wrists, hips, knees or ankles are not in the skeleton.
    """
    array = array.upright()
    stature = stature_of(array)
    hips = (array.point("left_hip") + array.point("right_hip")) / 2

    def path(name: str) -> Array:
        return bridge(array.point(name) / stature)

    def rel(name: str) -> Array:
        return bridge((array.point(name) - hips) / stature)

    hands = _hands(array, hips) / stature
    time = array.time_s
    if len(time) < 10 or not np.isfinite(hands).all():
        return None
    club = head = None
    if {"grip", "club_head"} <= set(array.keypoints):
        # The ball does not move with the hips: the head is followed where it is.
        head, grip = path("club_head"), path("grip")
        seen = np.isfinite(head).all() and np.isfinite(grip).all()
        club, head = (head[:, 1] - grip[:, 1], head) if seen else (None, None)
    joints = [f"{s}_{j}" for s in ("left", "right") for j in ("shoulder", "elbow")]
    seen_joints = [p for p in map(rel, joints) if np.isfinite(p).all()]
    return Swinger(
        time_s=time,
        hands=hands,
        upper=np.stack([hands, *seen_joints], axis=1),
        head_path=head,
        lead_rise=rel(f"{lead}_wrist")[:, 1] - rel(f"{lead}_shoulder")[:, 1],
        club=club,
        interval_s=float(np.median(np.diff(time))),
    )


def _hands(array: PoseArray, hips: Array) -> Array:
    """Follow the middle of both wrists; where one is hidden, the other stands for it.

    They hold one grip: the hidden one lies where it usually lies beside the other.
    """
    left, right = (array.point(f"{side}_wrist") - hips for side in ("left", "right"))
    apart = np.nan_to_num(_median(left - right))
    left, right = (
        np.where(np.isfinite(left), left, right + apart),
        np.where(np.isfinite(right), right, left - apart),
    )
    return bridge((left + right) / 2)


def _median(x: Array) -> Array:
    known = x[np.isfinite(x).all(axis=1)]
    middle: Array = np.median(known, axis=0) if len(known) else np.zeros(x.shape[1])
    return middle


def golf_swings(body: Swinger, /) -> list[list[Found]]:
    """Find the swings of one golfer, each with the events that the clip shows.

    Parameters
    ----------
    body
        From `swinger`.

    Returns
    -------
    One list of events per swing, in order of time. A swing needs impact and what is
    between it and the top; what the clip cuts off is missing.
    """
    pace = speed(body.hands, body.time_s, window_s=max(0.05, 2.5 * body.interval_s))
    found = (_swing(body, pace, i) for i in _impacts(body, pace))
    return [swing for swing in found if swing]


def _impacts(body: Swinger, pace: Array) -> list[int]:
    """List the frames at which the hands pass their lowest point at speed."""
    height = body.hands[:, 1]
    lows, _ = scipy.signal.find_peaks(-height, prominence=_MIN_FALL_BH)
    near = max(1, round(0.05 / body.interval_s))
    fast = [pace[max(0, i - near) : i + near + 1].max() for i in lows]
    level = _MIN_IMPACT_SHARE * max(fast, default=0.0)
    return [int(i) for i, v in zip(lows, fast, strict=True) if v >= level > 0]


def _swing(body: Swinger, pace: Array, low: int) -> list[Found]:
    """Find the events round one fast low point of the hands."""
    time, rise = body.time_s, body.lead_rise
    begin = int(np.searchsorted(time, time[low] - _MAX_DOWNSWING_S))
    arm_down_s = crossing(rise, time, 0.0, begin, low + 1)
    if arm_down_s is None:
        return []
    down = int(np.searchsorted(time, arm_down_s))
    high = _arm_up(body, begin, down)
    if high is None:
        return []
    top_s = _top(body, pace, *high)
    after = [_arm_level(body, "mid_downswing", arm_down_s)]
    if top_s > time[0]:
        after.insert(0, Found("top", top_s, 2 * body.interval_s, _SEEN))
    # Down the line impact looks slow: the hands move along the view.
    fastest = float(pace[down : 2 * low - down + 1].max())
    arms = Arms(time, body.upper, fastest)
    before, address = _backswing(body, arms, high[0])
    impact = _impact(body, low, down, address)
    rest = _follow_through(body, arms, arm_down_s, impact.time_s)
    return [*before, *after, impact, *rest]


def _arm_up(body: Swinger, begin: int, down: int) -> tuple[int, int] | None:
    """Find the stretch before mid-downswing in which the lead arm is up."""
    stretches = runs(body.lead_rise[begin:down] > 0)
    if not stretches:
        return None
    first, last = stretches[-1]
    return begin + first, begin + last


def _top(body: Swinger, pace: Array, first: int, last: int) -> float:
    """Find when the hands turn round while the lead arm is up.

    They are furthest along the line from the ends of the stretch to its slowest point;
    a parabola through the furthest tenth of that line finds the time between frames.
    Where the clip begins after the top, that is the time of its first frame.
    """
    path, time = body.hands[first:last], body.time_s[first:last]
    if len(path) < 5:
        return float(time[int(np.argmin(pace[first:last]))])
    away = path[int(np.argmin(pace[first:last]))] - (path[0] + path[-1]) / 2
    along = path @ away
    if first == 0 and np.argmax(along) < 2:
        return float(time[0])
    near = along >= along.max() - 0.1 * np.ptp(along)
    middle = float(time[near].mean())
    if near.sum() < 4:
        return middle
    bend, rise, _ = np.polyfit(time[near] - middle, along[near], 2)
    if bend >= 0:
        return middle
    return float(np.clip(middle - rise / (2 * bend), time[near][0], time[near][-1]))


def _backswing(body: Swinger, arms: Arms, high: int) -> tuple[list[Found], int | None]:
    """Find what precedes the top, and the frame of address if it is in the clip."""
    time = body.time_s
    arm_up_s = crossing(body.lead_rise, time, 0.0, 0, high + 1)
    if arm_up_s is None:
        return [], None
    level = _arm_level(body, "mid_backswing", arm_up_s)
    address_s = arms.address_s(high)
    if address_s is None:
        return [level], None
    address = int(np.searchsorted(time, address_s))
    span_s = arm_up_s - address_s
    rest_sd_s = _REST_SD_FRAMES * body.interval_s
    toe_up = _level_club(body, "toe_up", address, high + 1) or Found(
        "toe_up",
        address_s + TOE_UP_SHARE * span_s,
        float(np.hypot(TOE_UP_SD * span_s, (1 - TOE_UP_SHARE) * rest_sd_s)),
        _PROXY,
    )
    start = Found("address", address_s, rest_sd_s, _SEEN)
    return [start, toe_up, level], address


def _arm_level(body: Swinger, event: str, at_s: float) -> Found:
    """Say how surely the lead arm is level, by how fast it passes."""
    rate = np.abs(slope(body.lead_rise, body.time_s, window_s=0.05))
    passing = max(float(np.interp(at_s, body.time_s, rate)), 1e-6)
    sd_s = np.hypot(body.interval_s / 2, _RISE_SD_BH / passing)
    return Found(event, at_s, float(sd_s), _SEEN)


def _level_club(body: Swinger, event: str, first: int, last: int) -> Found | None:
    """Find when the shaft is level, if the club is seen."""
    if body.club is None:
        return None
    level_s = crossing(body.club, body.time_s, 0.0, first, last)
    if level_s is None:
        return None
    return Found(event, level_s, body.interval_s / 2, _SEEN)


def _impact(body: Swinger, low: int, down: int, address: int | None) -> Found:
    """Place impact: the club head back at the ball, else the hands at their lowest."""
    time, head = body.time_s, body.head_path
    if head is None or address is None:
        low_s = vertex(body.hands[:, 1], time, low)
        return Found("impact", low_s, body.interval_s, _SEEN)
    ball = np.median(head[max(0, address - 4) : address + 1], axis=0)
    last = min(len(time), low + max(3, low - down))
    squared = np.sum((head - ball) ** 2, axis=1)
    at_s = vertex(squared, time, down + int(np.argmin(squared[down:last])))
    return Found("impact", at_s, body.interval_s / 2, _SEEN)


def _follow_through(
    body: Swinger, arms: Arms, arm_down_s: float, impact_s: float
) -> list[Found]:
    time = body.time_s
    span_s = impact_s - arm_down_s
    impact = int(np.searchsorted(time, impact_s))
    middle = _level_after(body, impact, impact_s + 3 * span_s) or Found(
        "mid_follow_through",
        impact_s + FOLLOW_SHARE * span_s,
        FOLLOW_SD * span_s,
        _PROXY,
    )
    found = [middle] if middle.time_s <= time[-1] else []
    finish_s = arms.finish_s(impact)
    if finish_s is not None:
        rest_sd_s = _REST_SD_FRAMES * body.interval_s
        found.append(Found("finish", finish_s, rest_sd_s, _SEEN))
    return found


def _level_after(body: Swinger, impact: int, end_s: float) -> Found | None:
    """Find the first time after impact that the club head is above the grip."""
    if body.club is None:
        return None
    end = int(np.searchsorted(body.time_s, end_s))
    ups = np.flatnonzero(body.club[impact:end] > 0)
    if not len(ups):
        return None
    return _level_club(body, "mid_follow_through", impact, impact + int(ups[0]) + 1)
