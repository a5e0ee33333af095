"""Metrics of walking: times, lengths, symmetry and variability, each with its error."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.body import LEG_SHARE
from biomech.footfall import METHOD_SHARED_S, METHOD_STRIDE_S
from biomech.gait_events import gait_events
from biomech.locomotion import FOOT_POINTS, SIDES, Locomotion, tracks_of
from biomech.metrics import Estimate, Metric, estimate, metric, metrics_table, refused
from biomech.quality import Grade, grade_of
from biomech.schema import EVENTS, METRICS, POSES, Events, Metrics, Poses, Strides
from biomech.strides import strides

Array = NDArray[np.float64]
View = Literal["sagittal", "frontal", "oblique"]

#: Below this, one frame is a third of double support (0.12 s): phases are refused.
LEAST_RATE_HZ = 24.0
#: Below this, one frame is more than the error of the method.
GOOD_RATE_HZ = 50.0
#: Fewer strides than this of a side are an anecdote.
GOOD_STRIDES = 3
#: Fewer strides than this have no variability to speak of.
LEAST_STRIDES_CV = 5
#: Below this, feet were hidden, uncertain, or the cues disagreed.
GOOD_CONFIDENCE = 0.6
#: Feet seen in fewer frames than this cannot be read.
_LEAST_SEEN = 0.3
#: Shoulders wider than this share of the trunk: the camera looks from front or back.
_FRONTAL = 0.5
#: Relative error of a length: metres as given; a body height in the picture (posture
#: 2 %, leg share 3 %, perspective 2 %); an unknown yaw up to 15 degrees (3.4 %, half of
#: it as standard deviation).
_SCALE_ERROR = 0.005
_HEIGHT_ERROR = 0.04
_YAW_ERROR = 0.017


class _Timing(NamedTuple):
    """A metric of time: column of strides, events it lies between, share of stride."""

    metric: str
    column: str
    n_events: int
    shared: float
    of_stride: bool = False
    phase: bool = True
    both: bool = False


#: How many events enter each value, and how much of the shared error of contact and
#: toe-off remains: none between two contacts, that of both between contact and toe-off.
_TIMINGS = (
    _Timing("stride_time", "stride_time_s", 2, 0.0, phase=False, both=True),
    _Timing("step_time", "step_time_s", 2, 0.0, phase=False, both=True),
    _Timing("stance_time", "stance_time_s", 2, 1.4),
    _Timing("swing_time", "swing_time_s", 2, 1.4),
    _Timing(
        "double_support", "double_support_time_s", 4, 2.8, of_stride=True, both=True
    ),
    _Timing("single_support", "single_support_time_s", 2, 1.4, of_stride=True),
)
#: Lengths: metric, column without unit, whether both sides are pooled too.
_LENGTHS = (
    ("stride_length", "stride_length", True),
    ("step_length", "step_length", True),
    ("foot_clearance", "foot_clearance", False),
)
_SYMMETRIES = ("step_time", "step_length", "stance_time", "swing_time")
_NAMES = (
    "cadence",
    "stride_time_cv",
    "speed",
    "step_width",
    *(t.metric for t in _TIMINGS),
    *(name for name, _, _ in _LENGTHS),
    *(f"symmetry_{name}" for name in _SYMMETRIES),
)


class _Walk(NamedTuple):
    """One track, its strides, and what limits them."""

    track: Locomotion
    table: Strides
    weak: tuple[bool, ...]
    noise_s: float
    scale: float
    scale_error: float
    length_reason: str | None
    dims: int

    def values(self, column: str, side: str | None) -> Array:
        table = self.table if side is None else self.table.filter(side=side)
        if column not in table.columns:
            return np.zeros(0)
        found = table[column].cast(pl.Float64).to_numpy()
        return np.asarray(found[np.isfinite(found)])

    def grade(self, n: int, *more: bool) -> Grade:
        return grade_of(*self.weak, n < GOOD_STRIDES, *more)


def gait_metrics(
    poses: Poses,
    /,
    *,
    events: Events | None = None,
    height_m: float | None = None,
    view: View | None = None,
    cutoff_hz: float = 8.0,
) -> Metrics:
    """Measure walking: cadence, phases, lengths, speed, symmetry, variability.

    Parameters
    ----------
    poses
        A `poses` table in pixels or metres.
    events
        Events of the same tracks; by default those of `gait_events`.
    height_m
        Body height in metres, which gives pixels a scale. Not needed for metres.
    view
        Direction of the camera, if known. From the front, feet do not travel in the
        picture and nothing can be measured.
    cutoff_hz
        Cut-off of the low-pass filter, in Hz.

    Returns
    -------
    A `metrics` table: for every track all metrics of `biomech.definitions.gait` that
    belong to strides, left, right and (side null) both together. What cannot be
    measured is null with a reason.

    Raises
    ------
    SchemaError
        If `poses` or `events` is not such a table.

    Notes
    -----
    Intervals are of 90 %. They hold the spread between strides, keypoint noise and
    frame time through ``time_sd_s`` of the events, the error of the method (8 ms from
    stride to stride, 10 ms shared by all strides of a recording; the shared part
    cancels between two contacts) and of the scale (0.5 % in metres, 4 % from body
    height, 1.7 % for a camera not square to the walk). Grades lose one step each for
    less than 50 frames/s, ankles in place of heel and toes, confidence below 0.6, less
    than three strides, and for lengths a scale from body height.
    """
    POSES.check(poses)
    if events is None:
        events = gait_events(poses, cutoff_hz=cutoff_hz)
    EVENTS.check(events)
    table = strides(events, poses, cutoff_hz=cutoff_hz)
    parts = [
        metrics_table(
            _rows(track, table, events, height_m, view),
            clip_id=track.clip_id,
            track_id=track.track_id,
        )
        for track in tracks_of(poses, cutoff_hz=cutoff_hz)
    ]
    return pl.concat(parts) if parts else METRICS.empty()


def _rows(
    track: Locomotion,
    table: Strides,
    events: Events,
    height_m: float | None,
    view: View | None,
) -> list[Metric]:
    same = {"clip_id": track.clip_id, "track_id": track.track_id}
    table, events = table.filter(**same), events.filter(**same)
    reason = no_steps_reason(track, table, events, view)
    if reason is not None:
        return [refused(name, reason) for name in _NAMES]
    walk = _walk(track, table, height_m, view)
    return [
        *_cadence(walk),
        *_times(walk),
        *_variability(walk),
        *_lengths(walk),
        *_symmetries(walk),
    ]


def no_steps_reason(
    track: Locomotion, table: Strides, events: Events, view: View | None
) -> str | None:
    """Say why there is nothing to measure, or None if there is.

    Parameters
    ----------
    track
        One person.
    table, events
        Strides and events of this person.
    view
        Direction of the camera, if known.

    Returns
    -------
    A code of `biomech.quality.REASONS`.
    """
    if not table.is_empty():
        return None
    feet = [m for n, m in track.measured.items() if n.endswith(FOOT_POINTS)]
    if not feet:
        return "missing_keypoints"
    if not events.is_empty():
        return "too_few_cycles"
    if np.mean(feet) < _LEAST_SEEN:
        return "low_coverage"
    if track.dims == 2 and (view == "frontal" or _looks_frontal(track)):
        return "view_unsuitable"
    return "no_events"


def _looks_frontal(track: Locomotion) -> bool:
    names = [f"{s}_{p}" for s in SIDES for p in ("shoulder", "hip")]
    if not all(n in track.points for n in names):
        return False
    left, left_hip, right, right_hip = (track.points[n] for n in names)
    trunk = np.linalg.norm((left + right - left_hip - right_hip) / 2, axis=1)
    share = np.abs(left - right)[:, 0] / trunk
    share = share[np.isfinite(share)]
    return len(share) > 0 and float(np.median(share)) > _FRONTAL


def _walk(
    track: Locomotion, table: Strides, height_m: float | None, view: View | None
) -> _Walk:
    feet = [f"{s}_{p}" in track.points for s in SIDES for p in ("heel", "big_toe")]
    confidence = table["stride_confidence"].mean()
    sds = table.select(pl.col("start_sd_s", "end_sd_s", "toe_off_sd_s").median())
    known = [sd for sd in sds.row(0) if sd is not None]
    total = float(np.median(known)) if known else 0.0
    method = np.hypot(METHOD_SHARED_S, METHOD_STRIDE_S)
    scale, error, reason = _scale(track, height_m, view)
    return _Walk(
        track=track,
        table=table,
        weak=(
            track.rate_hz < GOOD_RATE_HZ,
            not all(feet),
            isinstance(confidence, float) and confidence < GOOD_CONFIDENCE,
        ),
        noise_s=float(np.hypot(METHOD_STRIDE_S, max(total**2 - method**2, 0.0) ** 0.5)),
        scale=scale,
        scale_error=error,
        length_reason=reason,
        dims=track.dims,
    )


def _scale(
    track: Locomotion, height_m: float | None, view: View | None
) -> tuple[float, float, str | None]:
    """Give metres per unit, its relative error, and why there is none."""
    if track.dims == 3:
        return 1.0, _SCALE_ERROR, None
    yaw = 0.0 if view == "sagittal" else _YAW_ERROR
    if view in ("frontal", "oblique"):
        return np.nan, 0.0, f"view_{'unsuitable' if view == 'frontal' else 'oblique'}"
    if track.unit == "m":
        return 1.0, float(np.hypot(_SCALE_ERROR, yaw)), None
    if height_m is None or not np.isfinite(track.leg):
        return np.nan, 0.0, "no_scale" if height_m is None else "missing_keypoints"
    scale = height_m * LEG_SHARE / track.leg
    return scale, float(np.hypot(_HEIGHT_ERROR, yaw)), None


def _cadence(walk: _Walk) -> Iterator[Metric]:
    times = walk.values("stride_time_s", None)
    found = estimate(times, error_sd=np.sqrt(2) * walk.noise_s)
    low, high = (120 / max(t, 1e-3) for t in (found.high, found.low))
    sd = None if found.sd is None else 120 / found.value**2 * found.sd
    spm = Estimate(120 / found.value, low, high, found.n, sd)
    yield metric("cadence", spm, grade=walk.grade(found.n))


def _times(walk: _Walk) -> Iterator[Metric]:
    for timing in _TIMINGS:
        for side in _sides(both=timing.both):
            yield _time(walk, timing, side)


def _time(walk: _Walk, timing: _Timing, side: str | None) -> Metric:
    if timing.phase and walk.track.rate_hz < LEAST_RATE_HZ:
        return refused(timing.metric, "rate_too_low", side=side)
    table = walk.table if side is None else walk.table.filter(side=side)
    value = pl.col(timing.column)
    if timing.of_stride:
        value = 100 * value / pl.col("stride_time_s")
    values = table.select(value.drop_nulls()).to_series().to_numpy()
    if not len(values):
        return refused(timing.metric, _no_value(timing, table), side=side)
    mean = table["stride_time_s"].mean()
    unit = 100 / mean if timing.of_stride and isinstance(mean, float) else 1.0
    found = estimate(
        values,
        error_sd=unit * np.sqrt(timing.n_events) * walk.noise_s,
        bias_sd=unit * timing.shared * METHOD_SHARED_S,
    )
    return metric(timing.metric, found, grade=walk.grade(found.n), side=side)


def _no_value(timing: _Timing, table: Strides) -> str:
    both = table.select(
        pl.all_horizontal(
            pl.col(
                "opposite_contact_s", "opposite_toe_off_s", "toe_off_s"
            ).is_not_null()
        ).any()
    )
    double = timing.metric in ("double_support", "single_support")
    return "no_double_support" if double and both.item() else "too_few_cycles"


def _variability(walk: _Walk) -> Iterator[Metric]:
    own = [walk.values("stride_time_s", side) for side in SIDES]
    n = sum(map(len, own))
    if n < LEAST_STRIDES_CV:
        yield refused("stride_time_cv", "too_few_cycles", n=n)
        return
    rest = np.concatenate([x - x.mean() for x in own if len(x)])
    freedom = n - sum(len(x) > 0 for x in own)
    sd = float(np.sqrt((rest**2).sum() / freedom))
    cv = 100 * sd / float(np.concatenate(own).mean())
    # What the events scatter by themselves makes the variability too large.
    own_error = 100 * np.sqrt(2) * walk.noise_s / float(np.concatenate(own).mean())
    half = 1.645 * cv / np.sqrt(2 * freedom)
    low = float(np.sqrt(max((cv - half) ** 2 - own_error**2, 0.0)))
    found = Estimate(cv, low, cv + half, n, None)
    yield metric("stride_time_cv", found, grade=walk.grade(n, n < 50))


def _lengths(walk: _Walk) -> Iterator[Metric]:
    for name, column, both in _LENGTHS:
        for side in _sides(both=both):
            yield _length(walk, name, column, side)
    yield _length(walk, "speed", "speed", None, per_second=True)
    if walk.dims == 3:
        yield _length(walk, "step_width", "step_width", None)
    else:
        yield refused("step_width", "needs_3d")


def _length(
    walk: _Walk, name: str, column: str, side: str | None, *, per_second: bool = False
) -> Metric:
    if walk.length_reason is not None:
        return refused(name, walk.length_reason, side=side)
    unit = f"{walk.track.unit}_s" if per_second else walk.track.unit
    values = walk.scale * walk.values(f"{column}_{unit}", side)
    if not len(values):
        toes = f"{side}_big_toe" in walk.track.points
        lacking = name == "foot_clearance" and not toes
        why = "missing_keypoints" if lacking else "low_coverage"
        return refused(name, why, side=side)
    noise = walk.scale * walk.track.noise
    if per_second:
        noise /= float(np.median(walk.values("stride_time_s", side)))
    bias = walk.scale_error * float(np.abs(values).mean())
    found = estimate(values, error_sd=noise, bias_sd=bias)
    rough = walk.track.unit == "px"
    return metric(name, found, grade=walk.grade(found.n, rough), side=side)


def _symmetries(walk: _Walk) -> Iterator[Metric]:
    units = {"step_length": walk.track.unit}
    for name in _SYMMETRIES:
        column = f"{name}_{units.get(name, 's')}"
        timing = next((t for t in _TIMINGS if t.metric == name), None)
        error = walk.noise_s * np.sqrt(2) if timing else walk.track.noise
        if timing and timing.phase and walk.track.rate_hz < LEAST_RATE_HZ:
            yield refused(f"symmetry_{name}", "rate_too_low")
            continue
        left, right = (
            estimate(walk.values(column, side), error_sd=float(error)) for side in SIDES
        )
        yield _symmetry(walk, f"symmetry_{name}", left, right)


def _symmetry(walk: _Walk, name: str, left: Estimate, right: Estimate) -> Metric:
    n = min(left.n, right.n)
    if n == 0:
        return refused(name, "too_few_cycles")
    mean = (left.value + right.value) / 2
    value = 100 * (right.value - left.value) / mean
    half = 100 / abs(mean) * np.hypot(left.high - left.value, right.high - right.value)
    found = Estimate(value, value - half, value + half, n, None)
    return metric(name, found, grade=walk.grade(n))


def _sides(*, both: bool) -> tuple[str | None, ...]:
    return (None, *SIDES) if both else SIDES
