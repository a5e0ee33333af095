"""Metrics of jumps: two heights and their disagreement, push, landing, gravity."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.anthropometry import Sex, centre_of_mass
from biomech.arrays import to_array, unit_of_poses
from biomech.blocks import each_track
from biomech.calibration import to_metres
from biomech.jump.events import flights_of, jump_events, jumps, track_of
from biomech.kernels.flight import Flight, fit_parabola
from biomech.kernels.geometry import angle_between
from biomech.kernels.windows import bridge
from biomech.metrics import Metric, estimate, metric, metrics_table, refused
from biomech.quality import grade_of
from biomech.schema import (
    EVENTS,
    METRICS,
    POSES,
    Events,
    Metrics,
    Poses,
    Signals,
)
from biomech.units import GRAVITY_M_S2

Array = NDArray[np.float64]
#: A row of the jumps table; some times are null.
_Row = Mapping[str, Any]

#: The flight is fitted without its first and last part, which smoothing bends.
_MARGIN_S = 0.03
_MIN_FRAMES = 5
#: The whole body is seen in this share of the flight, or its centre is not fitted.
_LEAST_SEEN = 0.5
#: A fit of gravity outside this band of 9.81 means a wrong scale or slow motion.
_GRAVITY_TOLERANCE = 0.10
#: Below this rate a flight of 0.5 s is uncertain by more than 5 cm a frame.
_MIN_RATE_HZ = 24.0
#: A flight known no better, as when the feet were hidden at its edge, has no height: it
#: would be uncertain by 6 cm, one standard deviation.
_VAGUE_S = 0.05
#: Who is hidden for so long, as above the picture, may have jumped unseen.
_HIDDEN_S = 0.2
#: How long after landing the knee may still bend.
_GIVE_S = 0.4
#: The centre of mass of another segment table lies this far away; it moves alike.
_MODEL_SD_M = 0.003
#: The begin of a push is uncertain by this much: it grows slowly.
_ONSET_SD_S = 0.05
#: How uncertain the way of the hips down is, scale aside, and a knee angle in one
#: landing; joint centres put the knee wrong by the last in all of them.
_DEPTH_SD_M, _KNEE_SD_DEG, _KNEE_BIAS_DEG = 0.01, 2.0, 3.0
#: No fit of gravity is surer than this share of it.
_GRAVITY_SD = 0.01
#: Two take-offs closer than this are the same.
_SAME_S = 0.02
#: Build differs from the average by 3.6 %: the error of a scale from body height.
_SCALE_SD = 0.036
#: What cannot be believed when the body does not fall as it must.
_NEEDS_GRAVITY = {
    *("jump_height_flight", "jump_height_com", "jump_height_disagreement"),
    *("rsi", "rsi_modified", "countermovement_depth"),
}

#: What hangs on when exactly the feet leave and land.
_NEEDS_EDGES = (
    *("jump_height_flight", "jump_height_com", "jump_height_disagreement"),
    *("flight_time", "contact_time", "rsi", "rsi_modified"),
    *("landing_knee_flexion", "landing_knee_flexion_range"),
    *("take_off_asymmetry", "landing_asymmetry"),
)

METRIC_NAMES = (
    *("jump_height_flight", "jump_height_com", "jump_height_disagreement"),
    *("flight_time", "contact_time", "rsi", "rsi_modified", "time_to_take_off"),
    *("countermovement_depth", "landing_knee_flexion", "landing_knee_flexion_range"),
    *("take_off_asymmetry", "landing_asymmetry", "jump_gravity"),
)


class _Value(NamedTuple):
    """One value, its own random error, and the error that all jumps share."""

    value: float
    sd: float
    shared_sd: float = 0.0


class _Jumper(NamedTuple):
    """One track: time, height of the centre of mass and hips in metres, knees."""

    time_s: Array
    mass_m: Array | None
    hips_m: Array | None
    knee_deg: Array | None
    flights: list[Flight]
    has_toes: bool
    is_seen: bool
    rate_hz: float
    scale_sd: float


def jump_metrics(
    poses: Poses,
    /,
    *,
    events: Events | None = None,
    height_m: float | None = None,
    sex: Sex = "unknown",
) -> Metrics:
    """Measure the jumps of every track.

    Parameters
    ----------
    poses
        A `poses` table, cleaned, from a camera that stands still.
    events
        From `jump_events`; found here if not given.
    height_m
        Body height; gives pixels a scale. Metres need none.
    sex
        Whose segment masses: ``"male"``, ``"female"`` or the mean of both.

    Returns
    -------
    A `metrics` table with all jump metrics of every track, averaged over its jumps, and
    refused with a reason where the footage does not support them: ``no_events`` without
    jumps (``low_coverage`` if one may have gone unseen), ``no_scale``,
    ``low_coverage``, ``rate_too_low``, and ``gravity_mismatch`` for heights and depths
    in metres when the body does not fall at 9.81 m/s².

    Raises
    ------
    SchemaError
        If a table is not what it should be.
    SkeletonError
        If hips, knees or ankles are not in the skeleton.
    ConfigError
        If the height is impossible or the sex unknown.

    Notes
    -----
    The parabola of the centre of mass is fitted with g fixed between take-off + 30 ms
    and landing - 30 ms; its speed at take-off gives the height. A second fit with g
    free tells what gravity the clip shows. If that is off by more than 10 %, scale,
    height or the capture rate is wrong (a 120 Hz video played at 30 shows 0.6 m/s²),
    and lengths are refused; the height from flight time is refused as well, because a
    wrong clock is the likelier cause of so large an error.

    References
    ----------
    Linthorne N. (2001) Analysis of standing vertical jumps using a force platform.
    Am. J. Phys. 69:1198, doi:10.1119/1.1397460.
    """
    POSES.check(poses)
    if events is None:
        events = jump_events(poses)
    EVENTS.check(events)
    table = jumps(events)
    scaled = _in_metres(poses, height_m)
    parts = [METRICS.empty()]
    for key, part in each_track(poses):
        of_track = (pl.col("clip_id") == key[0]) & (pl.col("track_id") == key[1])
        metres = None if scaled is None else scaled.filter(of_track)
        has_scale = unit_of_poses(poses) == "m"
        who = _jumper(part, metres, sex, 0.0 if has_scale else _SCALE_SD)
        rows = _rows(who, table.filter(of_track))
        parts.append(metrics_table(rows, clip_id=key[0], track_id=key[1]))
    return pl.concat(parts)


def _in_metres(poses: Poses, height_m: float | None) -> Poses | None:
    if unit_of_poses(poses) == "m":
        return poses
    return None if height_m is None else to_metres(poses, height_m=height_m)


def _jumper(part: Poses, metres: Poses | None, sex: Sex, scale_sd: float) -> _Jumper:
    """Lay out what the metrics of one track need."""
    array = to_array(part)
    time = array.time_s
    knees = []
    for side in ("left", "right"):
        knee = array.point(f"{side}_knee")
        thigh = knee - array.point(f"{side}_hip")
        knees.append(angle_between(thigh, array.point(f"{side}_ankle") - knee))
    flexion = _known(np.mean(knees, axis=0))
    mass = hips = None
    if metres is not None and metres.height:
        mass = _whole_body(centre_of_mass(metres, sex=sex))
        body = to_array(metres, keypoints=["left_hip", "right_hip"])
        hips = _known(body.xyz[:, :, 1].mean(axis=1))
    interval_s = float(np.median(np.diff(time))) if len(time) > 1 else np.inf
    feet = track_of(array)
    return _Jumper(
        time_s=time,
        mass_m=mass,
        hips_m=hips,
        knee_deg=flexion,
        flights=[] if feet is None else flights_of(feet),
        has_toes=feet is not None and feet.has_toes,
        is_seen=feet is not None and np.diff(feet.time_s).max() < _HIDDEN_S,
        rate_hz=1.0 / interval_s,
        scale_sd=scale_sd,
    )


def _whole_body(mass: Signals) -> Array | None:
    """Give the height of the centre of mass; NaN where less of the body is seen.

    It would jump when a head or an arm leaves the picture.
    """
    is_whole = pl.col("mass_seen_pct") > pl.col("mass_seen_pct").max() - 0.1
    height = mass.select(pl.when(is_whole).then("centre_of_mass_y_m")).to_series()
    return None if height.null_count() == len(height) else height.to_numpy()


def _known(x: Array) -> Array | None:
    bridged = bridge(np.asarray(x, dtype=np.float64))
    return bridged if len(bridged) and np.isfinite(bridged).all() else None


def _rows(who: _Jumper, mine: pl.DataFrame) -> list[Metric]:
    """Measure every jump, then average each metric."""
    if mine.is_empty():
        reason = "no_events" if who.is_seen else "low_coverage"
        return [refused(name, reason) for name in METRIC_NAMES]
    if who.rate_hz < _MIN_RATE_HZ:
        return [refused(name, "rate_too_low", n=mine.height) for name in METRIC_NAMES]
    each = [_measure(who, jump) for jump in mine.iter_rows(named=True)]
    gravity = [one["jump_gravity"] for one in each]
    wrong = [
        abs(g.value / GRAVITY_M_S2 - 1)
        > max(_GRAVITY_TOLERANCE, 2 * g.sd / GRAVITY_M_S2)
        for g in gravity
        if isinstance(g, _Value)
    ]
    mismatch = bool(wrong) and np.mean(wrong) > 0.5
    rows = []
    for name in METRIC_NAMES:
        values = [one[name] for one in each]
        if mismatch and name in _NEEDS_GRAVITY:
            rows.append(refused(name, "gravity_mismatch", n=mine.height))
        else:
            rows.append(_summary(name, values, who))
    return rows


def _summary(name: str, values: list[_Value | str], who: _Jumper) -> Metric:
    measured = [v for v in values if isinstance(v, _Value)]
    if not measured:
        reasons = [v for v in values if isinstance(v, str)]
        return refused(name, reasons[0], n=len(values))
    found = estimate(
        [v.value for v in measured],
        error_sd=max(v.sd for v in measured),
        bias_sd=max(v.shared_sd for v in measured),
    )
    coarse = who.rate_hz < 100.0 and name not in ("jump_height_com", "jump_gravity")
    scaled = who.scale_sd > 0 and name in ("jump_height_com", "countermovement_depth")
    by_ankles = not who.has_toes and name in _NEEDS_EDGES
    grade = grade_of(coarse, scaled, by_ankles, len(measured) < len(values))
    return metric(name, found, grade=grade)


def _measure(who: _Jumper, jump: _Row) -> dict[str, _Value | str]:
    """Measure one jump: every metric is a value or a reason."""
    found = {
        **_heights(who, jump),
        **_times(jump),
        "countermovement_depth": _depth(who, jump),
        **_landing(who, jump),
        **_asymmetry(who, jump),
    }
    if jump["flight_time_sd_s"] <= _VAGUE_S:
        return found
    return {
        name: "low_coverage" if isinstance(v, _Value) and name in _NEEDS_EDGES else v
        for name, v in found.items()
    }


_BALLISTIC = ("jump_height_com", "jump_height_disagreement", "jump_gravity")


def _heights(who: _Jumper, jump: _Row) -> dict[str, _Value | str]:
    flight_s, flight_sd_s = jump["flight_time_s"], jump["flight_time_sd_s"]
    by_time = _Value(
        GRAVITY_M_S2 * flight_s**2 / 8, 0.0, GRAVITY_M_S2 * flight_s / 4 * flight_sd_s
    )
    return {"jump_height_flight": by_time} | _ballistic(who, jump, by_time)


def _ballistic(who: _Jumper, jump: _Row, by_time: _Value) -> dict[str, _Value | str]:
    """Fit the parabola of the centre of mass."""
    if who.mass_m is None:
        reason = "no_scale" if who.hips_m is None else "low_coverage"
        return dict.fromkeys(_BALLISTIC, reason)
    inside = (who.time_s >= jump["take_off_s"] + _MARGIN_S) & (
        who.time_s <= jump["landing_s"] - _MARGIN_S
    )
    seen = inside & np.isfinite(who.mass_m)
    if seen.sum() < max(_MIN_FRAMES, _LEAST_SEEN * inside.sum()):
        reason = "rate_too_low" if inside.sum() < _MIN_FRAMES else "low_coverage"
        return dict.fromkeys(_BALLISTIC, reason)
    fit = fit_parabola(
        who.mass_m[seen],
        who.time_s[seen],
        take_off_s=jump["take_off_s"],
        gravity=GRAVITY_M_S2,
    )
    speed = fit.speed_at_take_off
    height_m = speed * abs(speed) / (2 * GRAVITY_M_S2)
    scale_sd = 2 * who.scale_sd * height_m + _MODEL_SD_M
    # A late take-off by dt costs g dt of speed, and so v dt of height.
    edge_sd = abs(speed) * jump["flight_time_sd_s"] / 2
    own = float(speed / GRAVITY_M_S2 * fit.speed_sd)
    by_mass = _Value(height_m, own, float(np.hypot(scale_sd, edge_sd)))
    apart_sd = float(np.hypot(by_time.shared_sd, by_mass.shared_sd))
    gravity_sd = max(fit.gravity_sd, _GRAVITY_SD * GRAVITY_M_S2)
    return {
        "jump_height_com": by_mass,
        "jump_height_disagreement": _Value(by_time.value - height_m, own, apart_sd),
        "jump_gravity": _Value(fit.gravity, gravity_sd, who.scale_sd * GRAVITY_M_S2),
    }


def _times(jump: _Row) -> dict[str, _Value | str]:
    """Measure times, and the two indices of strength that are height over time."""
    flight_s, sd_s = jump["flight_time_s"], jump["flight_time_sd_s"]
    found: dict[str, _Value | str] = {"flight_time": _Value(flight_s, 0.0, sd_s)}
    height_m = jump["height_flight_m"]
    for time, index, reason in (
        ("contact_time", "rsi", "no_drop"),
        ("time_to_take_off", "rsi_modified", "no_push"),
    ):
        seconds = jump[f"{time}_s"]
        if not seconds:
            found[time] = found[index] = reason
            continue
        time_sd = sd_s if time == "contact_time" else _ONSET_SD_S
        share = np.hypot(2 * sd_s / flight_s, time_sd / seconds)
        found[time] = _Value(seconds, time_sd)
        found[index] = _Value(height_m / seconds, float(height_m / seconds * share))
    return found


def _depth(who: _Jumper, jump: _Row) -> _Value | str:
    if jump["lowest_s"] is None:
        return "no_push"
    if who.hips_m is None:
        return "no_scale"
    start, low = np.interp([jump["start_s"], jump["lowest_s"]], who.time_s, who.hips_m)
    depth_m = float(start - low)
    return _Value(depth_m, _DEPTH_SD_M, who.scale_sd * depth_m)


def _landing(who: _Jumper, jump: _Row) -> dict[str, _Value | str]:
    names = ("landing_knee_flexion", "landing_knee_flexion_range")
    if who.knee_deg is None:
        return dict.fromkeys(names, "low_coverage")
    landing_s = jump["landing_s"]
    touch = float(np.interp(landing_s, who.time_s, who.knee_deg))
    bending = np.interp(landing_s, who.time_s, np.gradient(who.knee_deg, who.time_s))
    # The knee bends while the landing is uncertain.
    moved_deg = bending * jump["flight_time_sd_s"] / 2
    off_deg = float(np.hypot(_KNEE_BIAS_DEG, moved_deg))
    found: dict[str, _Value | str] = {names[0]: _Value(touch, _KNEE_SD_DEG, off_deg)}
    if who.time_s[-1] < landing_s + _GIVE_S / 2:
        return found | {names[1]: "cut_by_clip"}
    after = (who.time_s >= landing_s) & (who.time_s <= landing_s + _GIVE_S)
    give = float(who.knee_deg[after].max()) - touch
    return found | {names[1]: _Value(give, _KNEE_SD_DEG, off_deg)}


def _asymmetry(who: _Jumper, jump: _Row) -> dict[str, _Value | str]:
    """Compare the feet in the flight that this jump is."""
    names = ("take_off_asymmetry", "landing_asymmetry")
    for flight in who.flights:
        if abs(flight.take_off.time_s - jump["take_off_s"]) < _SAME_S:
            edges = (flight.take_off, flight.landing)
            return {
                name: _Value(1e3 * edge.asymmetry_s, 1e3 * np.sqrt(2) * edge.sd_s)
                for name, edge in zip(names, edges, strict=True)
            }
    return dict.fromkeys(names, "missing_keypoints")
