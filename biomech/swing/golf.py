"""The eight events of a golf swing, from body points alone or with the club."""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.arrays import PoseArray
from biomech.body import stature_of
from biomech.kernels.windows import bridge, crossing, runs, slope, speed, vertex

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
#: The arms are still while their mean speed is below this share of the fastest of the
#: hands round impact, or this many times its 10th percentile (the mean speed of five
#: points with noise in the plane: 10 % are below 0.88 standard deviations, 95 % below
#: 1.75) ...
_STILL_SHARE, _NOISE_FACTOR = 0.03, 2.0
#: ... for this long, and at address once for longer. Where they rest is told by the
#: last (first) second.
_STILL_S, _LASTING_S, _HOME_S = 0.1, 0.25, 1.0
#: They stray at address by this at most, in body heights (2.6 cm).
_STRAY_BH = 0.015
#: Their first way from there, in body heights (1 to 5 cm).
_WAY_BH = (0.006, 0.03)
#: Stillness is judged by the slope over this time, which noise does not fake.
_CALM_WINDOW_S = 0.15
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
    calm = _pace_of_arms(body)
    found = (_swing(body, pace, calm, i) for i in _impacts(body, pace))
    return [swing for swing in found if swing]


def _pace_of_arms(body: Swinger) -> Array:
    """Average the speeds of hands, elbows and shoulders.

    Down the line the hands move along the view when they begin; the rest is seen.
    """
    paths = body.upper.swapaxes(0, 1)
    paces = [speed(path, body.time_s, window_s=_CALM_WINDOW_S) for path in paths]
    mean: Array = np.mean(paces, axis=0)
    return mean


def _impacts(body: Swinger, pace: Array) -> list[int]:
    """List the frames at which the hands pass their lowest point at speed."""
    height = body.hands[:, 1]
    lows, _ = scipy.signal.find_peaks(-height, prominence=_MIN_FALL_BH)
    near = max(1, round(0.05 / body.interval_s))
    fast = [pace[max(0, i - near) : i + near + 1].max() for i in lows]
    level = _MIN_IMPACT_SHARE * max(fast, default=0.0)
    return [int(i) for i, v in zip(lows, fast, strict=True) if v >= level > 0]


def _swing(body: Swinger, pace: Array, calm: Array, low: int) -> list[Found]:
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
    still = _still_level(calm, float(pace[down : 2 * low - down + 1].max()))
    before, address = _backswing(body, calm, high[0], still)
    impact = _impact(body, low, down, address)
    rest = _follow_through(body, calm, arm_down_s, impact.time_s, still)
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
    """
    path, time = body.hands[first:last], body.time_s[first:last]
    if len(path) < 5:
        return float(time[int(np.argmin(pace[first:last]))])
    away = path[int(np.argmin(pace[first:last]))] - (path[0] + path[-1]) / 2
    along = path @ away
    near = along >= along.max() - 0.1 * np.ptp(along)
    middle = float(time[near].mean())
    if near.sum() < 4:
        return middle
    bend, rise, _ = np.polyfit(time[near] - middle, along[near], 2)
    if bend >= 0:
        return middle
    return float(np.clip(middle - rise / (2 * bend), time[near][0], time[near][-1]))


def _still_level(calm: Array, fastest: float) -> float:
    """Say below which speed the hands stand still, given the noise of this clip."""
    noise = float(np.percentile(calm, 10))
    return max(_STILL_SHARE * fastest, _NOISE_FACTOR * noise)


def _backswing(
    body: Swinger, calm: Array, high: int, still: float
) -> tuple[list[Found], int | None]:
    """Find what precedes the top, and the frame of address if it is in the clip."""
    time = body.time_s
    arm_up_s = crossing(body.lead_rise, time, 0.0, 0, high + 1)
    if arm_up_s is None:
        return [], None
    level = _arm_level(body, "mid_backswing", arm_up_s)
    address_s = _address_s(body, calm, high, still)
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


def _address_s(body: Swinger, calm: Array, high: int, still: float) -> float | None:
    """Find the last moment before hands, elbows and shoulders leave their rest."""
    rests = _rests(body, calm, 0, high, still)
    if not rests:
        return None
    first, last = _at_address(body, rests)
    return _leaving_s(body, calm, slice(first, None), last - first)


def _at_address(body: Swinger, rests: list[tuple[int, int]]) -> tuple[int, int]:
    """Tell the last rest at address from lulls of a slow takeaway.

    It is the last one that lasts, or a shorter one after it in the same place.
    """
    time = body.time_s
    places = [np.median(body.upper[a:b], axis=0) for a, b in rests]
    lasting = [
        i for i, (a, b) in enumerate(rests) if time[b - 1] - time[a] >= _LASTING_S
    ]
    found = lasting[-1] if lasting else len(rests) - 1
    for later in range(found + 1, len(rests)):
        if _mean_length(places[later] - places[found]) <= _STRAY_BH:
            found = later
    return rests[found]


def _rests(
    body: Swinger, calm: Array, first: int, last: int, still: float
) -> list[tuple[int, int]]:
    """List the ranges of frames in which the arms are still for long enough."""
    time = body.time_s
    found = [(first + a, first + b) for a, b in runs(calm[first:last] < still)]
    return [(a, b) for a, b in found if time[b - 1] - time[a] >= _STILL_S]


def _leaving_s(body: Swinger, calm: Array, frames: slice, last: int) -> float:
    """Find when the arms leave the place where the first `last` frames rest.

    The place is that of the quieter half of the last second there. A straight line
    through their first way is followed back to it: that asks for no threshold above
    the noise. Frames may run backwards in time.
    """
    upper, time, calm = body.upper[frames], body.time_s[frames], calm[frames]
    near = np.flatnonzero(np.abs(time[:last] - time[last - 1]) <= _HOME_S)
    home = near[calm[near] <= np.median(calm[near])]
    away = upper - np.median(upper[home], axis=0)
    gone = np.flatnonzero(_mean_length(away[last:]) > _WAY_BH[1])
    if not len(gone):
        return float(time[last - 1])
    end = last + int(gone[0]) + 1
    heading = away[end - 1] / np.linalg.norm(away[end - 1])
    way = (away[:end] * heading).sum(axis=(1, 2)) / np.sqrt(upper.shape[1])
    begin = int(np.flatnonzero(way < _WAY_BH[0])[-1]) + 1
    if end - begin < 3:
        return float(time[begin - 1])
    since_s = time[begin:end] - time[begin]
    pace, at_begin = np.polyfit(since_s, way[begin:], 1)
    back_s = np.clip(at_begin / pace, -_LASTING_S, _LASTING_S)
    return float(time[begin] - back_s)


def _mean_length(vectors: Array) -> Array:
    mean: Array = np.linalg.norm(vectors, axis=-1).mean(axis=-1)
    return mean


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
    body: Swinger, calm: Array, arm_down_s: float, impact_s: float, still: float
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
    rests = _rests(body, calm, impact, len(time), still)
    if rests:
        first, last = rests[0]
        back = slice(last - 1, impact - 1 if impact else None, -1)
        at_s = _leaving_s(body, calm, back, last - first)
        sd_s = _REST_SD_FRAMES * body.interval_s
        found.append(Found("finish", at_s, sd_s, _SEEN))
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
