"""Jumps: when the feet leave and touch the ground, and how high the body rose."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, to_array
from biomech.blocks import each_track
from biomech.body import SIDES, mean_of, point_of, stature_of
from biomech.kernels.flight import Edge, Flight, flights
from biomech.kernels.windows import runs, slope
from biomech.schema import EVENTS, POSES, TRACK, Events, Poses
from biomech.units import GRAVITY_M_S2

Array = NDArray[np.float64]

#: Shorter flights (5 cm) are steps of running, not jumps.
_MIN_FLIGHT_S = 0.2
#: In a jump the hips rise after take-off and sink before landing, by a bit less than in
#: a jump of 5 cm, in body heights. Stepping off a box they do not rise; in a swing that
#: ends on the toes they do not sink.
_MIN_RISE_BH = 0.015
#: Feet land as high as they left, but for the shape of the foot; off a box they do not.
_LEVEL_BH = 0.05
#: Gravity is 5 to 9 body heights per second squared, for an adult and a small child;
#: slow motion makes it seem weaker, but hips that fall faster are misplaced.
_MAX_GRAVITY_BH_S2 = 15.0
#: A drop jump touches the ground at most this long before it takes off again.
_MAX_CONTACT_S = 1.2
#: The hips stand still below this speed, in body heights per second ...
_STILL_BH_S = 0.06
#: ... and the push takes no longer than this.
_MAX_PUSH_S = 2.5
#: Who holds still this long before the push makes a squat jump: protocols ask for 1 to
#: 3 s, and countermovements turn round within 0.3 s.
_HOLD_S = 0.5
#: A countermovement lowers the hips by at least this much, in body heights.
_MIN_DEPTH_BH = 0.02
#: When ankles show the toes leave and land depends on how the foot points.
_ANKLE_CONFIDENCE = 0.5
#: What an edge of a flight is off by against force plates: toes are marked behind their
#: tip, so take-off is seen 4 to 9 ms early and landing 9 to 14 ms late (two jumps).
_EDGE_SD_S = 0.010
#: Toes are used unless they are seen in this much less of the frames than ankles.
_ENOUGH_TOES = 0.95


class Feet(NamedTuple):
    """What the detection needs of one track; lengths in body heights, y up."""

    time_s: Array
    frame: NDArray[np.int64]
    feet: Array
    hips: Array
    has_toes: bool


class _Event(NamedTuple):
    event: str
    time_s: float
    time_sd_s: float


def jump_events(poses: Poses, /) -> Events:
    """Find the jumps of every track: onset, lowest point, take-off and landing.

    A jump is a flight of at least 0.2 s in which both feet are higher than where they
    last rested and will rest next, by 2 % of body height (ankles: by 6 %), in which the
    hips rise and sink again, by 1.5 % of it and no faster than gravity allows, and
    which ends within 5 % of it as high as it began. The landing before a drop jump is
    an event as well.

    Parameters
    ----------
    poses
        A `poses` table in pixels or metres, 2D or 3D, cleaned, from a camera that
        stands still. Toes are used where the skeleton has them, else ankles.

    Returns
    -------
    An `events` table with ``movement_onset`` and ``lowest`` (jumps from the floor),
    ``take_off`` and ``landing``, without side. ``time_sd_s`` holds frame quantisation,
    noise and the shape of the foot; where the feet were hidden, how long. Confidence is
    1, with ankles 0.5. No rows without jumps.

    Raises
    ------
    SchemaError
        If `poses` is no poses table.
    SkeletonError
        If it has no hips, knees and ankles.

    Notes
    -----
    Edges of the flight lie where the vertical speed of the toes passes 0.6 of its peak
    at take-off, 0.55 at landing; ankles pass their height on tiptoe there (see
    `biomech.kernels.flight.flights`). Feet that leave or land within 30 ms of each
    other count as together, with the mean of their times; otherwise the last to leave
    and the first to land count. Movement onset is the last moment at which the hips
    stand still before take-off, ``lowest`` their lowest point in between.

    Against the force plates of two jumps with markers at 100 Hz, take-off is 4 to 9 ms
    early and landing 9 to 14 ms late, for soles give way and markers are not at the tip
    of the toes: the flight is 13 to 23 ms too long, its height 2 cm too high. By ankles
    alone take-off is off by -6 and 13 ms, landing by 0 and -15. ``time_sd_s`` holds
    that.
    """
    POSES.check(poses)
    parts = [EVENTS.empty()]
    for key, part in each_track(poses):
        track = track_of(to_array(part))
        if track is not None:
            parts.append(_table(_events(track), track, key))
    return pl.concat(parts).sort(*TRACK, "time_s")


def track_of(array: PoseArray, /) -> Feet | None:
    """Reduce a track to heights in body heights.

    Parameters
    ----------
    array
        The poses of one track, sorted by frame.

    Returns
    -------
    Feet and hips; None if too little of them is visible.

    Raises
    ------
    SkeletonError
        If hips, knees or ankles are not in the skeleton.
    """
    array = array.upright()
    stature = stature_of(array)
    feet, has_toes = _feet(array)
    hips = (array.point("left_hip") + array.point("right_hip"))[:, 1] / 2
    known = np.isfinite(feet).all(axis=1) & np.isfinite(hips)
    if known.sum() < 5 or not stature > 0:
        return None
    return Feet(
        time_s=array.time_s[known],
        frame=array.frames["frame"].to_numpy()[known].astype(np.int64),
        feet=feet[known] / stature,
        hips=hips[known] / stature,
        has_toes=has_toes,
    )


def _feet(array: PoseArray) -> tuple[Array, bool]:
    """Give the height of both feet, by toes, or by ankles where those are seen more."""
    ankles, toes = _heights(array, "ankle"), _heights(array, "big_toe", "small_toe")
    seen = [np.isfinite(feet).all(axis=1).mean() for feet in (ankles, toes)]
    has_toes = bool(seen[1] > 0 and seen[1] >= _ENOUGH_TOES * seen[0])
    return toes if has_toes else ankles, has_toes


def _heights(array: PoseArray, *parts: str) -> Array:
    """Give the mean height of the parts of each foot: the lowest is noisier."""
    feet = [
        mean_of(point_of(array, f"{side}_{part}")[:, 1] for part in parts)
        for side in SIDES
    ]
    return np.stack(feet, axis=1)


def _events(track: Feet) -> list[_Event]:
    """List the events of all jumps of one track."""
    found: list[_Event] = []
    previous_landing: Flight | None = None
    for flight in flights_of(track):
        if _is_jump(track, flight):
            found += _before(track, flight, previous_landing)
            found.append(_edge("take_off", flight.take_off))
            found.append(_edge("landing", flight.landing))
        previous_landing = flight
    return found


def flights_of(track: Feet, /) -> list[Flight]:
    """Find all flights of a track, jumps and others."""
    return flights(track.feet, track.time_s, by_ankles=not track.has_toes)


def _edge(event: str, edge: Edge) -> _Event:
    return _Event(event, edge.time_s, float(np.hypot(edge.sd_s, _EDGE_SD_S)))


def _is_jump(track: Feet, flight: Flight) -> bool:
    """Tell a jump by its hips, which fly a parabola, from all else that lifts feet."""
    off_s, on_s = flight.take_off.time_s, flight.landing.time_s
    flight_s = on_s - off_s
    if not flight_s >= _MIN_FLIGHT_S:  # nor if it began before the clip
        return False
    flying = (track.time_s >= off_s) & (track.time_s <= on_s)
    edges = np.interp([off_s, on_s], track.time_s, track.hips)
    top = track.hips[flying].max(initial=-np.inf)
    gravity = 8 * (top - edges.mean()) / flight_s**2
    before, after = np.searchsorted(track.time_s, [off_s, on_s]) - [1, 0]
    step_bh = float(np.mean(track.feet[after] - track.feet[before]))
    return bool(
        top - edges.max() >= _MIN_RISE_BH
        and gravity <= _MAX_GRAVITY_BH_S2
        and abs(step_bh) <= _LEVEL_BH
    )


def _before(track: Feet, flight: Flight, previous: Flight | None) -> list[_Event]:
    """List what precedes a take-off: a landing, or onset and lowest point."""
    take_off_s = flight.take_off.time_s
    if previous is None or take_off_s - previous.landing.time_s > _MAX_CONTACT_S:
        return _push(track, take_off_s)
    repeats = _is_jump(track, previous)
    return [] if repeats else [_edge("landing", previous.landing)]


def _push(track: Feet, take_off_s: float) -> list[_Event]:
    """Find movement onset and lowest point of the hips before a take-off."""
    window = (track.time_s >= take_off_s - _MAX_PUSH_S) & (track.time_s < take_off_s)
    where = np.flatnonzero(window)
    if len(where) < 5:
        return []
    time, hips = track.time_s[where], track.hips[where]
    speed = slope(hips, time, window_s=0.1)
    rising = runs(speed > _STILL_BH_S)
    if not rising:
        return []
    bottom = rising[-1][0]
    still = np.flatnonzero(np.abs(speed[: bottom + 1]) < _STILL_BH_S)
    sd = float(np.median(np.diff(time)))
    lowest = int(np.argmin(hips[: bottom + 1])) if bottom else 0
    sinking = np.flatnonzero(speed[:lowest] < -_STILL_BH_S)
    fell = len(sinking) and hips[:lowest].max() - hips[lowest] >= _MIN_DEPTH_BH
    rest_s = time[bottom] - time[_first_of_last_run(np.append(still, bottom))]
    if not fell or rest_s >= _HOLD_S:
        # A squat jump begins when the hips rise, unless the clip begins later.
        onset = still[-1:]
        return [_Event("movement_onset", float(t), sd) for t in time[onset[onset > 0]]]
    earlier = still[still < _first_of_last_run(sinking)]
    if not len(earlier):
        return [_Event("lowest", float(time[lowest]), sd)]
    return [
        _Event("movement_onset", float(time[earlier[-1]]), sd),
        _Event("lowest", float(time[lowest]), sd),
    ]


def _first_of_last_run(frames: NDArray[np.intp]) -> int:
    """Give the begin of the last run of frames, bridging gaps of two."""
    breaks = np.flatnonzero(np.diff(frames) > 3)
    return int(frames[breaks[-1] + 1] if len(breaks) else frames[0])


def _table(rows: list[_Event], track: Feet, key: tuple[object, ...]) -> Events:
    time = np.array([r.time_s for r in rows])
    nearest = np.abs(track.time_s[:, None] - time[None, :]).argmin(axis=0)
    n = len(rows)
    return pl.DataFrame(
        {
            "clip_id": [key[0]] * n,
            "track_id": [key[1]] * n,
            "event": [r.event for r in rows],
            "side": [None] * n,
            "frame": track.frame[nearest] if n else [],
            "time_s": time,
            "time_sd_s": [r.time_sd_s for r in rows],
            "confidence": [1.0 if track.has_toes else _ANKLE_CONFIDENCE] * n,
        },
        schema={name: column.dtype for name, column in EVENTS.columns.items()},
    )


_JUMP_EVENTS = ("movement_onset", "lowest", "take_off", "landing")


def jumps(events: Events, /) -> pl.DataFrame:
    """Tabulate the jumps: one row each, with its kind and its times.

    Parameters
    ----------
    events
        From `jump_events`; other events are ignored.

    Returns
    -------
    A `jumps` table: ``kind`` (``"drop"`` after a landing, ``"counter_movement"`` with
    a lowest point, ``"squat"`` from rest, with an onset only, null where the push began
    before the clip or followed another jump at once), ``start_s`` (onset, or the
    landing of a drop jump, or take-off where neither is known), ``end_s`` (landing),
    ``take_off_s``, ``landing_s``, ``flight_time_s``, ``height_flight_m``,
    ``contact_time_s`` (drop jumps), ``time_to_take_off_s`` (others), and the standard
    deviation ``flight_time_sd_s``.

    Raises
    ------
    SchemaError
        If `events` is no events table.

    References
    ----------
    Bosco C. et al. (1983) A simple method for measurement of mechanical power in
    jumping. Eur. J. Appl. Physiol. 50:273, doi:10.1007/BF00422166.
    """
    EVENTS.check(events)
    parts = [_no_jumps()]
    mine = events.filter(pl.col("event").cast(pl.String).is_in(_JUMP_EVENTS))
    for key, part in mine.sort("time_s").group_by(TRACK, maintain_order=True):
        rows = _jumps_of(part.select("event", "time_s", "time_sd_s").rows())
        parts.append(_number(rows, key))
    return pl.concat(parts).sort(*TRACK, "jump_id")


_JUMP_FLOATS = (
    *("start_s", "end_s", "take_off_s", "landing_s", "lowest_s"),
    *("flight_time_s", "flight_time_sd_s", "height_flight_m"),
    *("contact_time_s", "time_to_take_off_s"),
)


def _jumps_of(events: list[tuple[str, float, float | None]]) -> list[dict[str, object]]:
    """Walk through the events of one track and close a jump at every landing."""
    rows: list[dict[str, object]] = []
    open_: dict[str, float] = {}
    sd: dict[str, float] = {}
    for name, time_s, time_sd_s in events:
        if name == "landing" and "take_off" in open_:
            rows.append(_jump(open_, sd, time_s, time_sd_s or 0.0))
            open_, sd = {"landing": time_s}, {}
        else:
            open_[name], sd[name] = time_s, time_sd_s or 0.0
    return rows


def _jump(
    before: dict[str, float],
    sd: dict[str, float],
    landing_s: float,
    landing_sd_s: float,
) -> dict[str, object]:
    from_s, take_off_s = before.get("landing"), before["take_off"]
    onset_s, lowest_s = before.get("movement_onset"), before.get("lowest")
    is_drop = (
        from_s is not None and onset_s is None and take_off_s - from_s <= _MAX_CONTACT_S
    )
    begin_s = from_s if is_drop else onset_s
    flight_s = landing_s - take_off_s
    push_s = None if begin_s is None else take_off_s - begin_s
    from_floor = "squat" if lowest_s is None else "counter_movement"
    has_push = onset_s is not None or lowest_s is not None
    return {
        "kind": "drop" if is_drop else from_floor if has_push else None,
        "start_s": take_off_s if begin_s is None else begin_s,
        "end_s": landing_s,
        "take_off_s": take_off_s,
        "landing_s": landing_s,
        "lowest_s": lowest_s,
        "flight_time_s": flight_s,
        # Both edges err outwards, together: their errors add.
        "flight_time_sd_s": sd["take_off"] + landing_sd_s,
        "height_flight_m": GRAVITY_M_S2 * flight_s**2 / 8,
        "contact_time_s": push_s if is_drop else None,
        "time_to_take_off_s": None if is_drop else push_s,
    }


def _no_jumps() -> pl.DataFrame:
    return _number([], ("", 0))


def _number(rows: list[dict[str, object]], key: tuple[object, ...]) -> pl.DataFrame:
    floats = dict.fromkeys(_JUMP_FLOATS, pl.Float64)
    table = pl.DataFrame(rows, schema={"kind": pl.String, **floats})
    return table.select(
        pl.lit(key[0]).cast(pl.String).alias("clip_id"),
        pl.lit(key[1]).cast(pl.Int32).alias("track_id"),
        pl.int_range(pl.len(), dtype=pl.Int32).alias("jump_id"),
        "kind",
        *_JUMP_FLOATS,
    )
