"""Swings: their events and phases, for golf, bat, racket and throw."""

import warnings
from collections.abc import Iterator
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, to_array
from biomech.blocks import each_track
from biomech.errors import ConfigError, did_you_mean
from biomech.kernels.geometry import angle_between
from biomech.kernels.windows import bridge
from biomech.schema import EVENTS, POSES, SWINGS, TRACK, Events, Poses
from biomech.swing.golf import EVENTS_OF_GOLF, Found, golf_swings, swinger
from biomech.swing.strikes import striker, strikes, striking_hand

Array = NDArray[np.float64]
Hand = Literal["auto", "left", "right"]

#: Sport -> how it meets or leaves the ball; golf has its own eight events.
SPORTS = {
    "golf": "impact",
    "baseball": "contact",
    "tennis": "contact",
    "throw": "release",
}
_OTHER = {"left": "right", "right": "left"}


def swing_events(
    poses: Poses,
    /,
    *,
    sport: str = "golf",
    handedness: Hand = "auto",
) -> Events:
    """Find the events of every swing, strike or throw of every track.

    Golf has the eight events of GolfDB: address, toe_up (shaft level), mid_backswing
    (lead arm level), top, mid_downswing (lead arm level), impact, mid_follow_through
    (shaft level), finish. The others have foot_contact (front foot), launch, contact or
    release, follow_through.

    Parameters
    ----------
    poses
        A `poses` table in pixels or metres, 2D or 3D, cleaned.
    sport
        ``"golf"``, ``"baseball"``, ``"tennis"`` (serve or stroke) or ``"throw"``; it
        cannot be guessed from the body, for throws and strokes look alike.
    handedness
        ``"right"`` or ``"left"`` player, or ``"auto"``: in golf the lead arm is the
        straighter one at the top, elsewhere the hand that has the ball, or the faster.

    Returns
    -------
    An `events` table. ``side`` is the lead side in golf (left for a right-hander) and
    the striking hand elsewhere. Events that the clip cuts off are missing; a clip
    without a swing gives no rows. Without a tracked club, toe_up and mid_follow_through
    are placed by the usual rhythm, with the spread of that rhythm as ``time_sd_s`` and
    confidence 0.4.

    Raises
    ------
    SchemaError
        If `poses` is no poses table.
    SkeletonError
        If it lacks shoulders, elbows, wrists, hips, knees or ankles.
    ConfigError
        If sport or handedness is unknown.

    Warns
    -----
    UserWarning
        If the handedness given contradicts what is seen.

    Notes
    -----
    Golf: the hands are followed relative to the hips, so a slowly moving camera does no
    harm. Impact is their lowest point, with a club the return of its head to the ball
    (half a frame late on synthetic swings at 60 Hz). Address and finish are where a
    line through the first (last) 3 cm of the way of hands, elbows and shoulders leaves
    their rest: to a frame or two on synthetic swings with noise of 4 px, 2 to 6 frames
    late through the demonstration model, which follows a slow takeaway late. Times of
    the level shaft without a club: address + 0.74 of the time to mid_backswing, and
    impact + 0.67 of the time since mid_downswing, medians of 1,400 swings; some golfers
    cock their wrists much earlier (toe_up 7 frames late on one real clip).

    Strikes and throws: where the keypoint ``ball`` is tracked, contact is when it is
    nearest to the implement, and release when it leaves the hand. Else contact is the
    fastest moment of the tip (18 ms off on synthetic swings) or the wrist, overhead the
    highest of the wrist (37 ms off on a synthetic serve), and release
    that of the end of the hand, a hand's length beyond the wrist (11 to 13 ms before
    the release that was published for two pitches); ``time_sd_s`` says so. The front
    foot lands when its last fall is half braked: 2 ms after 100 % of body weight on
    the plate in those pitches, 15 ms after 20 N in a third.

    References
    ----------
    McNally W. et al. (2019) GolfDB: a video database for golf swing sequencing.
    CVPR Workshops, arXiv:1903.06528.
    """
    POSES.check(poses)
    _check_choices(sport, handedness)
    parts = [EVENTS.empty()]
    for key, part in each_track(poses):
        array = to_array(part)
        seen = _lead_side(array) if sport == "golf" else striking_hand(array)
        side = _side(sport, handedness, seen, key)
        found = [e for s in _swings_of(array, sport, side) for e in s]
        parts.append(_table(found, array, key, side))
    return pl.concat(parts).sort(*TRACK, "time_s")


def _check_choices(sport: str, handedness: str) -> None:
    if sport not in SPORTS:
        msg = f"unknown sport {sport!r}" + did_you_mean(sport, SPORTS)
        raise ConfigError(msg)
    hands = ("auto", "left", "right")
    if handedness not in hands:
        msg = f"unknown handedness {handedness!r}; known are {hands}"
        raise ConfigError(msg)


def _swings_of(array: PoseArray, sport: str, side: str) -> list[list[Found]]:
    if sport == "golf":
        body = swinger(array, side)
        return [] if body is None else golf_swings(body)
    striking = striker(array, sport=sport, side=side)
    if striking is None:
        return []
    return strikes(striking, contact=SPORTS[sport])


def _side(sport: str, handedness: Hand, seen: str, key: tuple[object, ...]) -> str:
    """Decide the side to follow, and say when the eye disagrees with the user."""
    if handedness == "auto":
        return seen
    wanted = _OTHER[handedness] if sport == "golf" else handedness
    if wanted != seen:
        looks = _OTHER[seen] if sport == "golf" else seen
        warnings.warn(
            f"track {key[1]} of clip {key[0]!r} looks {looks}-handed, but "
            f"handedness={handedness!r} was given and is used",
            stacklevel=3,
        )
    return wanted


def _lead_side(array: PoseArray) -> str:
    """Tell the lead side of a golfer: the straighter arm while the hands are up."""
    flex = {s: _elbow_flexion(array, s) for s in ("left", "right")}
    hands = {}
    for side in flex:
        body = swinger(array, side)
        swings = [] if body is None else golf_swings(body)
        tops = [f.time_s for s in swings for f in s if f.event == "top"]
        time = array.time_s
        near = [abs(time - top) <= 0.05 for top in tops]
        here = np.any(near, axis=0) if near else np.zeros(len(time), dtype=bool)
        other = _OTHER[side]
        hands[side] = np.mean(flex[other][here] - flex[side][here]) if here.any() else 0
    return "right" if hands["right"] > max(hands["left"], 0) else "left"


def _elbow_flexion(array: PoseArray, side: str) -> Array:
    shoulder, elbow, wrist = (
        array.point(f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist")
    )
    return bridge(angle_between(elbow - shoulder, wrist - elbow))


def _table(
    found: list[Found], array: PoseArray, key: tuple[object, ...], side: str
) -> Events:
    time = np.array([f.time_s for f in found])
    all_s = array.time_s
    nearest = np.abs(all_s[:, None] - time[None, :]).argmin(axis=0) if found else []
    n = len(found)
    return pl.DataFrame(
        {
            "clip_id": [key[0]] * n,
            "track_id": [key[1]] * n,
            "event": [f.event for f in found],
            "side": [side] * n,
            "frame": array.frames["frame"].to_numpy()[nearest] if n else [],
            "time_s": time,
            "time_sd_s": [f.sd_s for f in found],
            "confidence": [f.confidence for f in found],
        },
        schema={name: column.dtype for name, column in EVENTS.columns.items()},
    )


#: Rank in a strike: the hand may be launched before the foot lands.
_STRIKE_ORDER = {
    "foot_contact": 0,
    "launch": 0,
    "contact": 1,
    "release": 1,
    "follow_through": 2,
}


def swings(events: Events, /) -> pl.DataFrame:
    """Tabulate the swings: one row each, with its events and phase times.

    Parameters
    ----------
    events
        From `swing_events`; events of gait and jumps are ignored.

    Returns
    -------
    A `swings` table: ``start_s`` and ``end_s`` (first and last event seen), the time of
    every event as ``<event>_s`` (null where the clip does not show it), and for golf
    ``backswing_time_s, downswing_time_s, tempo_ratio``; ``is_complete`` says whether
    all events of the sport were seen.

    Raises
    ------
    SchemaError
        If `events` is no events table.
    """
    EVENTS.check(events)
    names = (*EVENTS_OF_GOLF, *_STRIKE_ORDER)
    mine = events.filter(pl.col("event").cast(pl.String).is_in(names))
    rows = [
        {**dict(zip(TRACK, key, strict=True)), "swing_id": i, **swing}
        for key, part in mine.sort("time_s").group_by(TRACK, maintain_order=True)
        for i, swing in enumerate(_group(part.select("event", "time_s").rows()))
    ]
    fixed = {n: c.dtype for n, c in SWINGS.columns.items()}
    times = {f"{name}_s": pl.Float64 for name in names}
    table = pl.DataFrame(rows, schema={**fixed, **times, "is_complete": pl.Boolean})
    back = (pl.col("top_s") - pl.col("address_s")).alias("backswing_time_s")
    down = (pl.col("impact_s") - pl.col("top_s")).alias("downswing_time_s")
    return table.with_columns(back, down, (back / down).alias("tempo_ratio")).sort(
        *TRACK, "swing_id"
    )


def _group(events: list[tuple[str, float]]) -> Iterator[dict[str, object]]:
    """Cut the events of one track into swings, at every event out of order."""
    order = {n: i for i, n in enumerate(EVENTS_OF_GOLF)}
    order |= _STRIKE_ORDER
    group: dict[str, float] = {}
    last = -1
    for name, time_s in events:
        if group and (order[name] < last or name in group):
            yield _swing_row(group)
            group = {}
        group[name], last = time_s, order[name]
    if group:
        yield _swing_row(group)


def _swing_row(group: dict[str, float]) -> dict[str, object]:
    is_golf = "impact" in group or "top" in group
    n_events = len(EVENTS_OF_GOLF) if is_golf else len(_STRIKE_ORDER) - 1
    return {
        "start_s": min(group.values()),
        "end_s": max(group.values()),
        **{f"{name}_s": time_s for name, time_s in group.items()},
        "is_complete": len(group) == n_events,
    }
