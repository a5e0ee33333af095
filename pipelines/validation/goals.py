"""The goals of the project, and what was reached."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from pipelines.validation.statistics import agreement, coverage, f1_score
from pipelines.validation.tables import GOALS, MADE

#: Truth of real people that is independent of the markers.
_MEASURED = ~pl.col("source").is_in(["derived", MADE])


class Errors(NamedTuple):
    """The four tables of errors."""

    events: pl.DataFrame
    durations: pl.DataFrame
    metrics: pl.DataFrame
    angles: pl.DataFrame


class Reached(NamedTuple):
    """A figure and how many pairs are behind it."""

    value: float
    n: int


@dataclass(frozen=True)
class Goal:
    """One goal.

    Attributes
    ----------
    name
        Short, with activity and condition.
    statement
        For people.
    limit
        At most, or at least.
    unit
        Of the figure.
    measure
        Computes the figure.
    at_least
        Whether more is better.
    highest
        The upper end where the goal is a range from `limit` up.
    """

    name: str
    statement: str
    limit: float
    unit: str
    measure: Callable[[Errors], Reached]
    at_least: bool = False
    highest: float | None = None

    def is_met(self, value: float) -> bool:
        """Tell whether a figure reaches the goal."""
        if self.highest is not None:
            return self.limit <= value <= self.highest
        return value >= self.limit if self.at_least else value <= self.limit


def goals_table(errors: Errors, /, *, more: Iterable[Goal] = ()) -> pl.DataFrame:
    """Set what was reached against every goal of walking and running, and more.

    Parameters
    ----------
    errors
        The tables of a validation.
    more
        Goals for other movements.

    Returns
    -------
    A `goals` table; without data ``reached`` and ``is_met`` are null.
    """
    rows = []
    for goal in (*_goals(), *more):
        value, n = goal.measure(errors)
        rows.append(
            {
                "goal": goal.name,
                "statement": goal.statement,
                "limit": goal.limit,
                "highest": goal.highest,
                "unit": goal.unit,
                "reached": value if n else None,
                "n": n,
                "is_met": goal.is_met(value) if n else None,
            }
        )
    schema = {name: column.dtype for name, column in GOALS.columns.items()}
    return pl.DataFrame(rows, schema=schema)


def _goals() -> Iterator[Goal]:
    for condition in ("3D", "2D"):
        yield from _walking(condition)
        yield from _walking_metrics(condition)
    for noise in ("white", "correlated"):
        yield from _noisy(f"2D 7 px {noise}")
    yield from _noisy("2D 7 px, dropouts, swaps")
    for condition in ("3D", "2D 120/s"):
        yield from _running(condition)


def _walking(condition: str) -> Iterator[Goal]:
    for event, title in (("initial_contact", "contact"), ("toe_off", "toe-off")):
        for source, goal in (("force plate", "plates"), ("laboratory", "laboratories")):
            yield Goal(
                f"walk {condition} {event} {goal}",
                f"Walking, {condition}: mean absolute error of {title} against {goal}",
                *(17.0, "ms", _event_mae("walk", condition, event, source)),
            )
    yield _all_found("walk", condition, 0.99)
    for source, goal in (("force plate", "plates"), ("laboratory", "laboratories")):
        yield Goal(
            f"walk {condition} stride time {goal}",
            f"Walking, {condition}: mean absolute error of single stride times between "
            f"events of {goal} (their own floor: see strides that repeat)",
            *(10.0, "ms", _duration_mae("walk", condition, "stride_time", source)),
        )
    if condition == "3D":
        yield Goal(
            f"walk {condition} stride time repeats",
            "Walking, 3D: mean absolute difference between single stride times and "
            "the time after which the curves of the foot repeat",
            *(10.0, "ms", _repeat_mae),
        )


def _walking_metrics(condition: str) -> Iterator[Goal]:
    for metric, limit, unit, factor in (
        ("step_length", 2.0, "cm", 100.0),
        ("speed", 0.03, "m/s", 1.0),
        ("cadence", 1.0, "steps/min", 1.0),
    ):
        yield Goal(
            f"walk {condition} {metric}",
            f"Walking, {condition}: mean absolute error of {metric.replace('_', ' ')}",
            *(limit, unit, _metric_mae("walk", condition, metric, factor)),
        )
    for angle in ("knee_flexion", "hip_flexion"):
        yield Goal(
            f"walk {condition} {angle}",
            f"Walking, {condition}: {angle.replace('_', ' ')} against the laboratory's "
            "model, offset removed, mean of root mean square errors",
            *(5.0, "deg", _angle("walk", condition, angle)),
        )
    for kind, covered in (("event", _event_coverage), ("metric", _metric_coverage)):
        yield _intervals(condition, kind, covered)


def _noisy(condition: str) -> Iterator[Goal]:
    for event, title in (("initial_contact", "contact"), ("toe_off", "toe-off")):
        yield Goal(
            f"walk {condition} {event} noise",
            f"Walking, {condition}: standard deviation that noise adds to {title}, "
            "against the same picture without noise",
            *(10.0, "ms", _noise_sd("walk", condition, event)),
        )
    yield _all_found("walk", condition, 0.995)
    yield _intervals(condition, "event", _event_coverage)


def _running(condition: str) -> Iterator[Goal]:
    yield Goal(
        f"run {condition} speed",
        f"Running, {condition}: mean absolute error of speed",
        *(2.0, "%", _relative("run", condition, "speed")),
    )
    yield Goal(
        f"run {condition} contact time",
        f"Running, {condition}: mean absolute error of single contact times, recorded "
        "at 100 Hz or more",
        *(
            *(15.0, "ms"),
            _duration_mae("run", condition, "stance_time", least_hz=100.0),
        ),
    )
    yield Goal(
        f"run {condition} contact time, made",
        f"Running, {condition}: the same for made runners at 3.5 to 9.5 m/s who land "
        "on heel, midfoot and forefoot, 120 Hz",
        *(15.0, "ms", _duration_mae("run", condition, "stance_time", MADE)),
    )
    yield Goal(
        f"run {condition} contact time, slow",
        f"Running, {condition}: the same at any rate",
        *(25.0, "ms", _duration_mae("run", condition, "stance_time")),
    )
    yield _all_found("run", condition, 0.99)


_Measure = Callable[[Errors], Reached]


def _all_found(activity: str, condition: str, least: float) -> Goal:
    title = {"walk": "Walking", "run": "Running"}[activity]
    return Goal(
        f"{activity} {condition} F1",
        f"{title}, {condition}: F1 of contacts and toe-offs, within 100 ms",
        *(least, "", _f1(activity, condition)),
        at_least=True,
    )


def _intervals(
    condition: str, kind: str, covered: Callable[[str, str], _Measure]
) -> Goal:
    return Goal(
        f"walk {condition} {kind} intervals",
        f"Walking, {condition}: share of {kind}s within their 90 % intervals",
        *(85.0, "%", covered("walk", condition)),
        highest=95.0,
    )


def _event_mae(activity: str, condition: str, event: str, source: str) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = errors.events.filter(
            activity=activity, condition=condition, event=event, source=source
        )
        found = agreement(own["error_ms"].drop_nulls().to_numpy())
        return Reached(found.mae, found.n)

    return measure


def _f1(activity: str, condition: str) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = errors.events.filter(_MEASURED, activity=activity, condition=condition)
        counts = dict(own["kind"].value_counts().iter_rows())
        kinds = ("matched", "missed", "false")
        return Reached(f1_score(*(counts.get(k, 0) for k in kinds)), own.height)

    return measure


def _noise_sd(activity: str, condition: str, event: str) -> _Measure:
    """Compare with the exact picture at 60 frames/s from the same place."""

    def measure(errors: Errors) -> Reached:
        of = ["trial", "event", "side", "true_s"]
        own = errors.events.filter(activity=activity, event=event, kind="matched")
        clean = own.filter(condition="2D").select(*of, clean_ms="error_ms")
        noisy = own.filter(condition=condition)
        both = noisy.join(clean, on=of)
        found = agreement((both["error_ms"] - both["clean_ms"]).to_numpy())
        return Reached(found.sd, found.n)

    return measure


def _event_coverage(activity: str, condition: str) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = errors.events.filter(
            _MEASURED, activity=activity, condition=condition, kind="matched"
        ).drop_nulls("sd_ms")
        share = coverage(own["error_ms"].to_numpy(), own["sd_ms"].to_numpy())
        return Reached(100 * share, own.height)

    return measure


def _duration_mae(
    activity: str,
    condition: str,
    duration: str,
    source: str = "force plate",
    *,
    least_hz: float = 0.0,
) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = errors.durations.filter(
            pl.col("recorded_hz") > least_hz - 1.0,
            activity=activity,
            condition=condition,
            duration=duration,
            source=source,
        )
        found = agreement(own["error_ms"].drop_nulls().to_numpy())
        return Reached(found.mae, found.n)

    return measure


def _repeat_mae(errors: Errors) -> Reached:
    strides = errors.durations.filter(
        _MEASURED, activity="walk", duration="stride_time"
    ).drop_nulls("repeat_ms")
    found = strides["true_ms"] + strides["error_ms"] - strides["repeat_ms"]
    return Reached(agreement(found.to_numpy()).mae, strides.height)


def _metric_errors(
    errors: Errors, activity: str, condition: str, metric: str
) -> pl.DataFrame:
    """Take metrics of both sides together, which every trial has once."""
    own = errors.metrics.filter(
        _MEASURED, activity=activity, condition=condition, metric=metric
    )
    return own.filter(pl.col("side").is_null()).drop_nulls("error")


def _metric_mae(activity: str, condition: str, metric: str, factor: float) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = _metric_errors(errors, activity, condition, metric)
        found = agreement(own["error"].to_numpy() * factor)
        return Reached(found.mae, found.n)

    return measure


def _relative(activity: str, condition: str, metric: str) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = _metric_errors(errors, activity, condition, metric)
        found = agreement(100 * (own["error"] / own["true"]).to_numpy())
        return Reached(found.mae, found.n)

    return measure


def _metric_coverage(activity: str, condition: str) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = errors.metrics.filter(
            _MEASURED, activity=activity, condition=condition
        ).drop_nulls("inside")
        share = own["inside"].mean()
        return Reached(100 * float(str(share)) if own.height else 0.0, own.height)

    return measure


def _angle(activity: str, condition: str, angle: str) -> _Measure:
    def measure(errors: Errors) -> Reached:
        own = errors.angles.filter(activity=activity, condition=condition, angle=angle)
        found = agreement(own["rmse_offset_removed_deg"].to_numpy())
        return Reached(found.bias, found.n)

    return measure
