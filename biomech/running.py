"""Metrics of running: contact, flight, bounce, posture at contact, stiffness."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.anthropometry import centre_of_mass
from biomech.body import SIDES, mean_of
from biomech.errors import ConfigError
from biomech.kernels.runs import LONGEST_STEP
from biomech.kernels.signal import lowpass, resample
from biomech.metrics import Estimate, Metric, estimate, metric, refused
from biomech.quality import worst
from biomech.running_events import running_events
from biomech.schema import POSES, Events, Metrics, Poses, Signals
from biomech.steps.footage import View
from biomech.steps.footfalls import METHOD_SHARED_S
from biomech.steps.locomotion import Locomotion
from biomech.steps.measures import (
    Limits,
    Person,
    Timing,
    duration,
    frequency,
    length,
    length_noise,
    symmetry,
)
from biomech.steps.summary import steps_metrics
from biomech.units import GRAVITY_M_S2

Array = NDArray[np.float64]

#: Below 50 Hz one frame is a tenth of a contact of 0.2 s; from 100 Hz on it is no more
#: than the error of the method.
LIMITS = Limits(least_hz=50.0, good_hz=100.0)
#: Length of the leg as a spring, over that of thigh and shank: hip height is 0.53 of
#: body height (Morin 2005), thigh and shank 0.491 (Winter 2009).
_SPRING_LEGS = 0.53 / 0.491
#: Error of a segment angle that all contacts share: keypoints miss the joint centres.
_ANGLE_ERROR_DEG = 2.0
#: Where the foot lies flat, as shares of the contact.
_FLAT = np.linspace(0.2, 0.45, 6)

_POOLED = (
    Timing("stride_time", "stride_time_s", 2, 0.0, phase=False),
    Timing("step_time", "step_time_s", 2, 0.0, phase=False),
    Timing("contact_time", "stance_time_s", 2, 1.4),
    Timing("flight_time", "flight_time_s", 2, 1.4),
    Timing("duty_factor", "stance_time_s", 2, 1.4, of_stride=1.0),
)
_VIEW_REASONS = ("view_oblique", "view_unsuitable")
_POSTURE = ("shin_angle_at_contact", "foot_strike_angle", "overstride")
_NAMES = (
    "step_frequency",
    *(timing.metric for timing in _POOLED),
    "symmetry_contact_time",
    "stride_length",
    "step_length",
    "speed",
    "vertical_oscillation",
    "trunk_lean_at_contact",
    *_POSTURE,
    "vertical_stiffness",
    "leg_stiffness",
)


def running_metrics(
    poses: Poses,
    /,
    *,
    events: Events | None = None,
    height_m: float | None = None,
    mass_kg: float | None = None,
    view: View | None = None,
    cutoff_hz: float = 12.0,
) -> Metrics:
    """Measure running: contact, flight, speed, bounce, posture at contact, stiffness.

    Parameters
    ----------
    poses
        A `poses` table in pixels or metres.
    events
        Events of the same tracks; by default those of `running_events`.
    height_m
        Body height in metres, which gives pixels a scale. Not needed for metres.
    mass_kg
        Body mass in kilograms, for stiffness.
    view
        Direction of the camera, if known.
    cutoff_hz
        Cut-off of the low-pass filter, in Hz.

    Returns
    -------
    A `metrics` table: for every track all metrics of `biomech.definitions.running`,
    contact and flight time, lengths and speed; left, right and (side null) both
    together. What cannot be measured is null with a reason.

    Raises
    ------
    SchemaError
        If `poses` or `events` is not such a table.
    ConfigError
        If height, mass or view are impossible.

    Notes
    -----
    Intervals and grades as in `gait_metrics`; the frame rate is good from 100 Hz on,
    and phases are refused below 50 Hz. Stiffness carries the shared error of contact
    and toe-off (10 ms each) through its formula, which makes its interval wide.
    """
    POSES.check(poses)
    if events is None:
        events = running_events(poses, cutoff_hz=cutoff_hz)
    if mass_kg is not None and not 0 < mass_kg < np.inf:
        msg = f"mass_kg is {mass_kg}, but must be more than 0"
        raise ConfigError(msg)
    mass = centre_of_mass(poses)

    def rows(who: Person) -> Iterator[Metric]:
        track = who.track
        own = mass.filter(clip_id=track.clip_id, track_id=track.track_id)
        return _rows(who, _body(track, own), mass_kg)

    return steps_metrics(
        poses,
        events,
        names=_NAMES,
        rows=rows,
        limits=LIMITS,
        height_m=height_m,
        view=view,
        cutoff_hz=cutoff_hz,
    )


class _Body(NamedTuple):
    """What stands for the body: its centre of mass, or the hips."""

    position: Array
    whole: bool


def _body(track: Locomotion, mass: Signals) -> _Body:
    columns = [c for c in mass.columns if c.startswith("centre_of_mass")]
    centre = mass.select(pl.col(columns).cast(pl.Float64)).to_numpy().astype(float)
    if np.isfinite(centre).all(axis=1).mean() < 0.5:
        return _Body(track.hips(), whole=False)
    if track.unit == "px":
        centre[:, 1] *= -1
    time = mass["time_s"].cast(pl.Float64).to_numpy()
    smooth = lowpass(centre, time, cutoff_hz=track.cutoff_hz)
    fine = resample(smooth, time, track.time, max_gap_s=LONGEST_STEP / track.camera_hz)
    return _Body(fine, whole=True)


def _rows(who: Person, body: _Body, mass_kg: float | None) -> Iterator[Metric]:
    pace = frequency(who, "step_frequency")
    if pace.reason == "implausible":  # then the steps are not steps
        yield from (refused(name, "implausible") for name in _NAMES)
        return
    yield pace
    for timing in _POOLED:
        for side in (None, *SIDES):
            yield duration(who, timing, side=side)
    yield symmetry(who, "symmetry_contact_time", "stance_time_s", phase=True)
    for name in ("stride_length", "step_length"):
        for side in (None, *SIDES):
            yield length(who, name, side=side)
    yield _speed(who, body)
    yield _oscillation(who, body)
    yield _measured(who, "trunk_lean_at_contact", _trunk(who.track), None)
    for side in SIDES:
        values = _shin(who.track, side)
        yield _measured(who, "shin_angle_at_contact", values, side)
        yield _foot_strike(who, side)
        yield _overstride(who, body, side)
    yield from _stiffness(who, body, mass_kg)


def _speed(who: Person, body: _Body) -> Metric:
    """Measure how far the body goes in each stride, over its time."""
    if who.scale.reason is not None:
        return refused("speed", who.scale.reason)
    values = who.scale.factor * _speeds(who, body)
    values = values[np.isfinite(values)]
    if not len(values):
        return refused("speed", "missing_keypoints")
    time = float(np.median(who.values("stride_time_s")))
    found = estimate(
        values,
        error_sd=who.scale.factor * length_noise(who.track) / time,
        bias_sd=who.scale.error * float(values.mean()),
    )
    weak = who.track.unit == "px", not who.scale.is_view_known
    return metric("speed", found, grade=who.grade(found.n, *weak))


def _speeds(who: Person, body: _Body) -> Array:
    """Give the speed of the body in every stride, in units of the track."""
    start, end = (_clock(who, name) for name in ("start_s", "end_s"))
    track = who.track
    way = _at(track, body.position, end) - _at(track, body.position, start)
    heading = _at(track, track.heading, (start + end) / 2)
    ground = float(np.median(track.ground))
    return np.asarray(np.einsum("sd,sd->s", way, heading) / (end - start) - ground)


def _usual_speed_m_s(who: Person, body: _Body) -> float:
    """Give the median speed of the strides; NaN without a body."""
    speeds = _speeds(who, body)
    seen = speeds[np.isfinite(speeds)]
    return who.scale.factor * float(np.median(seen)) if len(seen) else np.nan


def _clock(who: Person, column: str, side: str | None = None) -> Array:
    return who.of(side)[column].cast(pl.Float64).to_numpy().astype(float)


def _at(track: Locomotion, values: Array, times: Array) -> Array:
    """Read a series, or several side by side, at any times of the clip."""
    columns = values.T if values.ndim == 2 else values[None]
    read = [np.interp(times, track.time, c) for c in columns]
    return np.stack(read, axis=-1) if values.ndim == 2 else read[0]


def _oscillation(who: Person, body: _Body) -> Metric:
    """Measure highest minus lowest from each contact to the next, any foot."""
    name = "vertical_oscillation"
    if who.scale.reason is not None:
        return refused(name, who.scale.reason)
    contacts = np.unique(np.concatenate([_clock(who, "start_s"), _clock(who, "end_s")]))
    longest = 0.75 * float(np.median(who.values("stride_time_s")))
    short = np.diff(contacts) < longest
    first, last = contacts[:-1][short], contacts[1:][short]
    if not len(first):
        return refused(name, "too_few_cycles")
    height = _at(who.track, body.position[:, 1], np.linspace(first, last, 41))
    found = estimate(
        who.scale.factor * np.ptp(height, axis=0),
        error_sd=who.scale.factor * who.track.noise,
        bias_sd=0.05 * who.scale.factor * float(np.median(np.ptp(height, axis=0))),
    )
    weak = not body.whole or who.track.unit == "px"
    return metric(name, found, grade=who.grade(found.n, weak))


def _trunk(track: Locomotion) -> Array | None:
    shoulders = [
        p for s in SIDES if (p := track.points.get(f"{s}_shoulder")) is not None
    ]
    if not shoulders:
        return None
    up = mean_of(shoulders) - track.hips()
    return _degrees(np.einsum("fd,fd->f", up, track.heading), up[:, 1])


def _shin(track: Locomotion, side: str) -> Array | None:
    knee, ankle = (track.points.get(f"{side}_{p}") for p in ("knee", "ankle"))
    if knee is None or ankle is None:
        return None
    down = ankle - knee
    return _degrees(np.einsum("fd,fd->f", down, track.heading), -down[:, 1])


def _degrees(forward: Array, upright: Array) -> Array:
    return np.asarray(np.degrees(np.arctan2(forward, upright)))


def _measured(who: Person, name: str, values: Array | None, side: str | None) -> Metric:
    """Average an angle at the contacts of one side, or both."""
    if values is None:
        return refused(name, "missing_keypoints", side=side)
    if who.scale.reason in _VIEW_REASONS:
        return refused(name, str(who.scale.reason), side=side)
    times = _clock(who, "start_s", side)
    if not len(times):
        return refused(name, "too_few_cycles", side=side)
    found = estimate(_at(who.track, values, times), bias_sd=_ANGLE_ERROR_DEG)
    weak = who.track.camera_hz < LIMITS.least_hz
    return metric(name, found, grade=who.grade(found.n, weak), side=side)


def _foot_strike(who: Person, side: str) -> Metric:
    name, track = "foot_strike_angle", who.track
    heel, toe = (track.points.get(f"{side}_{p}") for p in ("heel", "big_toe"))
    if heel is None or toe is None:
        return refused(name, "missing_keypoints", side=side)
    ahead = toe - heel
    pitch = _degrees(ahead[:, 1], np.einsum("fd,fd->f", ahead, track.heading))
    start = _clock(who, "start_s", side)
    stance = who.of(side)["stance_time_s"].cast(pl.Float64).to_numpy().astype(float)
    flat = _at(track, pitch, start[:, None] + _FLAT * stance[:, None])
    flat = flat[np.isfinite(stance)]
    if not flat.size:
        return refused(name, "too_few_cycles", side=side)
    return _measured(who, name, pitch - float(np.nanmedian(flat)), side)


def _overstride(who: Person, body: _Body, side: str) -> Metric:
    name, track = "overstride", who.track
    ankle = track.points.get(f"{side}_ankle")
    if ankle is None:
        return refused(name, "missing_keypoints", side=side)
    if who.scale.reason is not None:
        return refused(name, who.scale.reason, side=side)
    ahead = np.einsum("fd,fd->f", ankle - body.position, track.heading)
    values = who.scale.factor * _at(track, ahead, _clock(who, "start_s", side))
    speed = _usual_speed_m_s(who, body)
    found = estimate(
        values,
        error_sd=float(np.hypot(who.scale.factor * track.noise, speed * who.noise_s)),
        bias_sd=float(np.hypot(0.02, speed * METHOD_SHARED_S)),
    )
    weak = not body.whole or track.unit == "px"
    return metric(name, found, grade=who.grade(found.n, weak), side=side)


def _stiffness(who: Person, body: _Body, mass_kg: float | None) -> Iterator[Metric]:
    names = ("vertical_stiffness", "leg_stiffness")
    contact, flight = (who.values(f"{n}_time_s") for n in ("stance", "flight"))
    reason = None
    if mass_kg is None:
        reason = "no_mass"
    elif who.track.camera_hz < LIMITS.least_hz:
        reason = "rate_too_low"
    elif not len(contact) or not len(flight):
        reason = "no_flight"
    if reason is not None or mass_kg is None:
        yield from (refused(name, reason or "no_mass") for name in names)
        return
    speed = _usual_speed_m_s(who, body)
    leg = who.scale.factor * who.track.leg * _SPRING_LEGS
    times = float(contact.mean()), float(flight.mean())
    error = np.hypot(1.4 * METHOD_SHARED_S, who.noise_s * np.sqrt(2 / len(contact)))
    # A later toe-off makes the contact longer and the flight shorter by the same time.
    tries = [
        _springs(
            times[0] + d, times[1] - d, mass_kg=mass_kg, leg_m=leg, speed_m_s=speed
        )
        for d in (0.0, 1.645 * error, -1.645 * error)
    ]
    for name, (value, low, high) in zip(names, zip(*tries, strict=True), strict=True):
        if not np.isfinite(value):
            yield refused(name, who.scale.reason or "implausible")
            continue
        found = Estimate(value, low, high, len(contact), None)
        # A model, not a measurement: never better than B.
        yield metric(name, found, grade=worst("B", who.grade(len(contact))))


def _springs(
    contact_s: float, flight_s: float, *, mass_kg: float, leg_m: float, speed_m_s: float
) -> tuple[float, float]:
    """Give vertical and leg stiffness in kN/m, after Morin (2005)."""
    force = mass_kg * GRAVITY_M_S2 * (np.pi / 2) * (flight_s / contact_s + 1)
    drop = force * contact_s**2 / (mass_kg * np.pi**2) - GRAVITY_M_S2 * contact_s**2 / 8
    sweep = (speed_m_s * contact_s / 2) ** 2
    squeeze = leg_m - np.sqrt(max(leg_m**2 - sweep, 0.0)) + drop
    whole = leg_m**2 > sweep and flight_s > 0 and drop > 0
    vertical = force / drop / 1000 if drop > 0 and flight_s > 0 else np.nan
    return float(vertical), float(force / squeeze / 1000) if whole else np.nan
