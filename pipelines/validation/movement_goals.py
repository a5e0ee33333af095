"""The goals for jumps, repetitions, throws and swings."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from pipelines.validation.goals import Errors, Goal, Reached
from pipelines.validation.statistics import agreement

_Figure = Callable[[pl.DataFrame], float]


def movement_goals() -> Iterator[Goal]:
    """List the goals.

    Yields
    ------
    Goals for `goals_table`.
    """
    yield from _jumps()
    yield from _squats()
    yield from _throws()
    yield from _swings()


def _jumps() -> Iterator[Goal]:
    for metric, title in (("com", "ballistic"), ("flight", "flight time")):
        yield Goal(
            f"jump 3D height, {title}",
            f"Jumps, markers at 100 Hz: mean absolute error of height, {title}, "
            "against the flight time of force plates",
            *(1.5, "cm", _metric("jump", "3D", f"jump_height_{metric}", _mae, 100.0)),
        )
    for kind in ("white", "correlated"):
        yield Goal(
            f"jump {kind} height",
            f"Made jump of 35 cm, 60 frames/s, 4 px {kind}: mean absolute error of "
            "ballistic height",
            *(1.0, "cm", _metric("jump", kind, "jump_height_com", _mae, 100.0)),
        )
    for event in ("take_off", "landing"):
        title = event.replace("_", "-")
        yield Goal(
            f"jump 3D {event}",
            f"Jumps, markers at 100 Hz: mean absolute error of {title} against plates",
            *(15.0, "ms", _event("jump", event)),
        )


def _squats() -> Iterator[Goal]:
    yield Goal(
        "squat 3D count",
        "Squats, markers: repetitions too many or too few",
        *(0.0, "", _metric("squat", "3D", "repetition_count", _mae)),
    )
    yield Goal(
        "squat 3D depth",
        "Squats, markers: largest error of depth against inverse kinematics, offset of "
        "the recording removed",
        *(2.0, "deg", _metric("squat", "3D", "repetition_depth", _largest_but_offset)),
    )


def _throws() -> Iterator[Goal]:
    for metric, title in (
        ("peak_speed_pelvis", "turning speed of the pelvis"),
        ("peak_speed_thorax", "turning speed of the shoulders"),
        ("elbow_extension_speed", "elbow extension speed"),
        ("hip_shoulder_separation", "hip-shoulder separation"),
    ):
        yield Goal(
            f"throw 3D {metric}",
            f"Pitches: largest error of {title} against the published values, peaks",
            *(10.0, "%", _metric("throw", "3D", metric, _largest_share, 100.0)),
        )
    yield Goal(
        "throw 3D order",
        "Pitches: pelvis and shoulders peak in the published order, or together",
        *(100.0, "%", _metric("throw", "3D", "order_pelvis_thorax", _share, 100.0)),
        at_least=True,
    )
    for event, title in (("foot_contact", "foot contact"), ("release", "release")):
        yield Goal(
            f"throw 3D {event}",
            f"Pitches: mean absolute error of {title}",
            *(20.0, "ms", _event("throw", event)),
        )


def _swings() -> Iterator[Goal]:
    for name in ("slope", "direction"):
        metric = f"swing_plane_{name}"
        yield Goal(
            f"golf arc {name}",
            f"Made arcs: largest error of the {name} of the swing plane",
            *(0.1, "deg", _metric("golf", "arc", metric, _largest)),
        )
        yield Goal(
            f"golf arc 2 cm {name}",
            f"Made arcs of 180 degrees, noise of 2 cm: error of the {name} of the "
            "swing plane, 95th percentile",
            *(1.5, "deg", _metric("golf", "arc 2 cm", metric, _p95)),
        )
    for kind in ("exact", "white", "correlated"):
        speed, time_ms = (2.0, 1000 * 0.5 / 240) if kind == "exact" else (6.0, 8.0)
        noise = "" if kind == "exact" else f", 7 px {kind}"
        yield Goal(
            f"golf sequence {kind} speed",
            f"Kinematic sequence, made swing{noise}: error of peak speeds",
            *(speed, "%", _metric("golf", kind, "peak_speed", _mean_share, 100.0)),
        )
        yield Goal(
            f"golf sequence {kind} time",
            f"Kinematic sequence, made swing{noise}: mean absolute error of peak times",
            *(time_ms, "ms", _metric("golf", kind, "peak_time", _mae, 1000.0)),
        )
        yield Goal(
            f"golf sequence {kind} order",
            f"Kinematic sequence, made swing{noise}: share in the order that was made",
            *(95.0, "%", _metric("golf", kind, "peak_order", _share, 100.0)),
            at_least=True,
        )
        yield Goal(
            f"golf sequence {kind} told order",
            f"Kinematic sequence, made swing{noise}: share in which the order told, "
            "ties included, is not wrong",
            *(95.0, "%", _metric("golf", kind, "told_order", _share, 100.0)),
            at_least=True,
        )


def _metric(
    activity: str, condition: str, metric: str, figure: _Figure, factor: float = 1.0
) -> Callable[[Errors], Reached]:
    def measure(errors: Errors) -> Reached:
        own = errors.metrics.filter(
            activity=activity, condition=condition, metric=metric
        ).drop_nulls("error")
        return Reached(factor * figure(own) if own.height else np.nan, own.height)

    return measure


def _event(activity: str, event: str) -> Callable[[Errors], Reached]:
    def measure(errors: Errors) -> Reached:
        own = errors.events.filter(activity=activity, condition="3D", event=event)
        found = agreement(own["error_ms"].drop_nulls().to_numpy())
        return Reached(found.mae, found.n)

    return measure


def _mae(own: pl.DataFrame) -> float:
    return float(own["error"].abs().to_numpy().mean())


def _largest(own: pl.DataFrame) -> float:
    return float(own["error"].abs().to_numpy().max())


def _p95(own: pl.DataFrame) -> float:
    return float(np.percentile(own["error"].abs().to_numpy(), 95))


def _shares(own: pl.DataFrame) -> pl.Series:
    return (own["error"] / own["true"]).abs()


def _mean_share(own: pl.DataFrame) -> float:
    return float(_shares(own).to_numpy().mean())


def _largest_share(own: pl.DataFrame) -> float:
    return float(_shares(own).to_numpy().max())


def _share(own: pl.DataFrame) -> float:
    """Give the share of rows that hit 1, the truth of all of them."""
    return float((own["error"] == 0.0).to_numpy().mean())


def _largest_but_offset(own: pl.DataFrame) -> float:
    centred = own["error"] - own.select(pl.col("error").mean().over("trial"))["error"]
    return float(centred.abs().to_numpy().max())
