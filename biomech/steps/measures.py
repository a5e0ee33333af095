"""From strides to metrics: means with their errors, grades and refusals."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.body import SIDES
from biomech.metrics import Estimate, Metric, estimate, metric, refused
from biomech.quality import Grade, grade_of
from biomech.schema import Strides
from biomech.steps.footage import Scale
from biomech.steps.footfalls import METHOD_SHARED_S, METHOD_STRIDE_S
from biomech.steps.locomotion import Locomotion
from biomech.strides import USUAL

Array = NDArray[np.float64]

#: Fewer strides than this of a side are an anecdote.
GOOD_STRIDES = 3
#: Spread of stride time over its mean above which nothing is more than an indication.
IRREGULAR = 0.15
#: Slower than this, in legs per second (0.8 m/s for an adult), an ankle alone moves
#: ahead long before toe-off.
SLOW_LEGS_S = 1.0
#: Below this, feet were hidden, uncertain, or the cues disagreed.
GOOD_CONFIDENCE = 0.6


#: Error of one step or stride length, in legs: 1 cm for an adult, as measured on six
#: strides of two laboratories against Plug-in-Gait.
LENGTH_ERROR_LEGS = 0.012
#: Phases that a way of moving may lack.
_NO_PHASE = {
    "double_support": "no_double_support",
    "single_support": "no_double_support",
    "flight_time": "no_flight",
}


class Limits(NamedTuple):
    """Frame rates that a movement asks for.

    Attributes
    ----------
    least_hz
        Below it, phases between contact and toe-off are refused.
    good_hz
        Below it, one frame is more than the error of the method.
    """

    least_hz: float
    good_hz: float


class Timing(NamedTuple):
    """A metric of time.

    Attributes
    ----------
    metric
        Its id.
    column
        Its column in `strides`.
    n_events
        How many events enter each value.
    shared
        How much of the error that all events of a recording share remains: none
        between contacts of one foot, half of the variance between those of both, that
        of two events between contact and toe-off.
    of_stride
        100 for a percentage of the stride, 1 for a ratio, 0 for seconds.
    phase
        Whether it needs toe-offs, and so a higher frame rate.
    """

    metric: str
    column: str
    n_events: int
    shared: float
    of_stride: float = 0.0
    phase: bool = True


class Person(NamedTuple):
    """One track, its strides, and what limits them."""

    track: Locomotion
    table: Strides
    limits: Limits
    scale: Scale
    noise_s: float
    weak: tuple[bool, ...]

    def values(self, column: str, side: str | None = None) -> Array:
        """Give a column of the strides of one side, or both, without nulls."""
        table = self.of(side)
        if column not in table.columns:
            return np.zeros(0)
        found = table[column].cast(pl.Float64).to_numpy()
        return np.asarray(found[np.isfinite(found)])

    def of(self, side: str | None) -> Strides:
        """Give the strides of one side, or both."""
        return self.table if side is None else self.table.filter(side=side)

    def grade(self, n: int, *more: bool) -> Grade:
        """Grade a metric made of n strides."""
        return grade_of(*self.weak, n < GOOD_STRIDES, *more)


def person(
    track: Locomotion,
    table: Strides,
    /,
    *,
    limits: Limits,
    scale: Scale,
) -> Person:
    """Look at what a track can support.

    Parameters
    ----------
    track
        One person.
    table
        The strides of this person.
    limits
        Frame rates that the movement asks for.
    scale
        Metres per unit.

    Returns
    -------
    Everything that the metrics need.
    """
    feet = [f"{s}_{p}" in track.points for s in SIDES for p in ("heel", "big_toe")]
    confidence = table["stride_confidence"].mean()
    uncertain = isinstance(confidence, float) and confidence < GOOD_CONFIDENCE
    return Person(
        track=track,
        table=table,
        limits=limits,
        scale=scale,
        noise_s=_noise(table),
        weak=(
            track.camera_hz < limits.good_hz,
            not all(feet),
            not all(feet) and _is_slow(track),
            uncertain,
            *2 * (_is_irregular(table),),
        ),
    )


def _is_slow(track: Locomotion) -> bool:
    seen = track.speed[np.isfinite(track.speed)]
    return len(seen) > 0 and float(np.median(seen)) < SLOW_LEGS_S * track.leg


def _is_irregular(table: Strides) -> bool:
    """Whether strides differ more than any steady gait: then legs were mixed up.

    Healthy walkers vary by 2 to 3 %, patients hardly by more than 10 %.
    """
    seconds = (table["end_s"] - table["start_s"]).to_numpy()
    if len(seconds) < 3:
        return False
    return float(seconds.std(ddof=1) / seconds.mean()) > IRREGULAR


def _noise(table: Strides) -> float:
    """Give the error of one event that differs from stride to stride."""
    sds = table.select("start_sd_s", "end_sd_s", "toe_off_sd_s").median().row(0)
    known = [sd for sd in sds if sd is not None]
    total = float(np.median(known)) if known else 0.0
    method = np.hypot(METHOD_SHARED_S, METHOD_STRIDE_S)
    return float(np.hypot(METHOD_STRIDE_S, np.sqrt(max(total**2 - method**2, 0.0))))


def frequency(who: Person, name: str, /) -> Metric:
    """Give steps per minute: 120 over the mean stride time.

    A stride is timed from contact to contact and from toe-off to toe-off, which halves
    the error of a short clip.

    Parameters
    ----------
    who
        One person.
    name
        The metric's id.

    Returns
    -------
    The row.
    """
    strides = who.values("stride_time_s")
    times = np.concatenate([strides, _between_toe_offs(who.table, strides)])
    found = estimate(times, error_sd=np.sqrt(2) * who.noise_s)
    sd = None if found.sd is None else 120 / found.value**2 * found.sd
    low, high = 120 / found.high, 120 / max(found.low, 1e-3)
    spm = Estimate(120 / found.value, low, high, len(strides), sd)
    return metric(name, spm, grade=who.grade(len(strides)))


def _between_toe_offs(table: Strides, strides: Array) -> Array:
    """Time strides from one toe-off of a foot to its next."""
    own = table.select("side", lift_s="toe_off_s")
    flip = pl.col("side").replace({"left": "right", "right": "left"})
    other = table.select(flip, lift_s="opposite_toe_off_s")
    lifts = pl.concat([own, other]).drop_nulls().unique().sort("side", "lift_s")
    times = lifts.select(pl.col("lift_s").diff().over("side")).drop_nulls()
    found = times.to_series().to_numpy()
    share = found / np.median(strides)
    return np.asarray(found[(share > USUAL[0]) & (share < USUAL[1])])


def duration(who: Person, timing: Timing, /, *, side: str | None = None) -> Metric:
    """Average a time or a share of the stride.

    Parameters
    ----------
    who
        One person.
    timing
        Which.
    side
        One side, or both.

    Returns
    -------
    The row; refused where frames are too few for it, or nothing was seen.
    """
    if timing.phase and who.track.camera_hz < who.limits.least_hz:
        return refused(timing.metric, "rate_too_low", side=side)
    table, unit = who.of(side), 1.0
    value = pl.col(timing.column)
    if timing.of_stride:
        value = timing.of_stride * value / pl.col("stride_time_s")
        unit = timing.of_stride / float(np.mean(who.values("stride_time_s")))
    values = table.select(value.drop_nulls()).to_series().to_numpy()
    if not len(values):
        return refused(timing.metric, _no_value(timing, table), side=side)
    found = estimate(
        values,
        error_sd=float(unit * np.sqrt(timing.n_events) * who.noise_s),
        bias_sd=unit * timing.shared * METHOD_SHARED_S,
    )
    return metric(timing.metric, found, grade=who.grade(found.n), side=side)


def _no_value(timing: Timing, table: Strides) -> str:
    """Tell a phase that does not exist from one that was not seen."""
    events = pl.col("opposite_contact_s", "opposite_toe_off_s", "toe_off_s")
    whole = table.select(pl.all_horizontal(events.is_not_null()).any()).item()
    return _NO_PHASE.get(timing.metric, "too_few_cycles") if whole else "too_few_cycles"


def length(who: Person, name: str, /, *, side: str | None = None) -> Metric:
    """Average a length or a speed of the strides.

    Parameters
    ----------
    who
        One person.
    name
        Id of the metric, and column of `strides` without unit.
    side
        One side, or both.

    Returns
    -------
    The row in metres; refused without a scale.
    """
    if who.scale.reason is not None:
        return refused(name, who.scale.reason, side=side)
    unit, noise = who.track.unit, who.scale.factor * length_noise(who.track)
    if name == "speed":
        unit, noise = f"{unit}_s", noise / float(np.median(who.values("stride_time_s")))
    values = who.scale.factor * who.values(f"{name}_{unit}", side)
    if not len(values):
        toes = f"{side}_big_toe" in who.track.points or name != "foot_clearance"
        return refused(name, "low_coverage" if toes else "missing_keypoints", side=side)
    bias = who.scale.error * float(np.abs(values).mean())
    found = estimate(values, error_sd=noise, bias_sd=bias)
    weak = who.track.unit == "px", not who.scale.is_view_known
    return metric(name, found, grade=who.grade(found.n, *weak), side=side)


def length_noise(track: Locomotion) -> float:
    """Give the error of one length, in the unit of the track.

    Parameters
    ----------
    track
        One person.

    Returns
    -------
    A standard deviation: that of the method and that of the keypoints.
    """
    return float(np.hypot(track.noise, LENGTH_ERROR_LEGS * np.nan_to_num(track.leg)))


def symmetry(who: Person, name: str, column: str, /, *, phase: bool) -> Metric:
    """Compare the sides: 100 (right - left) / (0.5 (right + left)).

    Parameters
    ----------
    who
        One person.
    name
        Id of the metric.
    column
        Column of `strides`.
    phase
        Whether it needs toe-offs.

    Returns
    -------
    The row; any unit serves, since it cancels.
    """
    if phase and who.track.camera_hz < who.limits.least_hz:
        return refused(name, "rate_too_low")
    timed = column.endswith("_time_s")
    error = np.sqrt(2) * who.noise_s if timed else length_noise(who.track)
    # Each foot has a bias of its own, which enters both of its events.
    bias = np.sqrt(2) * METHOD_SHARED_S if timed else 0.0
    left, right = (
        estimate(who.values(column, side), error_sd=float(error), bias_sd=float(bias))
        for side in SIDES
    )
    n = min(left.n, right.n)
    if n == 0:
        return refused(name, "too_few_cycles")
    mean = (left.value + right.value) / 2
    value = 100 * (right.value - left.value) / mean
    halves = left.high - left.value, right.high - right.value
    # A foot set down too far ahead makes the steps of one side longer and those of the
    # other shorter: errors of the two add up. Those of times are mostly the method's.
    half = sum(halves) if column.startswith("step_length") else np.hypot(*halves)
    half = 100 / abs(mean) * float(half)
    found = Estimate(value, value - half, value + half, n, None)
    return metric(name, found, grade=who.grade(n))
