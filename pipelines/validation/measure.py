"""Measure trials under conditions and set what comes out against the truth."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

import biomech as bm
from biomech.schema import Events, Metrics, Poses
from pipelines.validation.conditions import Condition, Seen, seen
from pipelines.validation.repeats import FootCurves
from pipelines.validation.statistics import match
from pipelines.validation.tables import MADE
from pipelines.validation.trials import Trial

Array = NDArray[np.float64]

#: Found and true events further apart are different events (methods, section 1.1).
TOLERANCE_S = 0.1
#: From a contact to the next of the same foot, and to its toe-off, no more time passes.
LONGEST_STRIDE_S, LONGEST_STANCE_S = 2.5, 2.0
_SAME = ["event", "side"]
#: Events that count.
_SURE = ~pl.col("source").is_in(["ambiguous", "edge"])

#: Metrics compared with those of the true events on the markers, by activity.
_METRICS = {
    "walk": (
        *("cadence", "stride_time", "step_time", "stance_time", "swing_time"),
        *("double_support", "single_support"),
        *("stride_length", "step_length", "speed"),
    ),
    "run": (
        *("cadence", "stride_time", "contact_time", "flight_time", "duty_factor"),
        *("stride_length", "step_length", "speed"),
    ),
}
_ANGLES = tuple(
    f"{side}_{joint}_deg"
    for joint in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion")
    for side in ("left", "right")
)


class Rows(NamedTuple):
    """What one trial under one condition gives, as rows of four tables."""

    events: list[dict[str, Any]]
    durations: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    angles: list[dict[str, Any]]


def measure(trial: Trial, condition: Condition, /, *, seed: int = 0) -> Rows:
    """Run a trial through the library as a video would be, and compare.

    Pictures are cleaned as the pipeline does; markers in space are taken as they are.

    Parameters
    ----------
    trial
        With its truth.
    condition
        How it is seen.
    seed
        Of the noise.

    Returns
    -------
    Rows with ``trial, laboratory, activity, condition, recorded_hz`` in front.
    """
    view = seen(trial, condition, seed=seed)
    poses = view.poses
    if condition.distance_m is not None:
        poses = bm.clean(poses, activity=trial.activity)
    found = _events(trial.activity, poses)
    pairs = _paired(trial, found)
    key = {
        "trial": trial.name,
        "laboratory": trial.laboratory,
        "activity": trial.activity,
        "condition": condition.name,
        "recorded_hz": recorded_hz(trial.poses),
    }
    metric_poses = _in_metres(poses, view)
    curves = FootCurves(trial.poses) if condition.distance_m is None else None
    rows = Rows(
        list(_event_rows(trial, found, pairs)),
        list(_duration_rows(pairs, curves)),
        list(_metric_rows(trial, metric_poses, found, pairs)),
        list(_angle_rows(trial, poses)),
    )
    return Rows(*([key | row for row in part] for part in rows))


def recorded_hz(poses: Poses, /) -> float:
    """Tell the frame rate of a recording.

    Parameters
    ----------
    poses
        Of one track.

    Returns
    -------
    Frames per second, from the median step.
    """
    step = np.median(np.diff(poses["time_s"].to_numpy()))
    return float(1.0 / step)


def _events(activity: str, poses: Poses) -> Events:
    return bm.running_events(poses) if activity == "run" else bm.gait_events(poses)


def _metrics(activity: str, poses: Poses, events: Events) -> Metrics:
    if activity == "run":
        return bm.running_metrics(poses, events=events)
    return bm.gait_metrics(poses, events=events)


def _in_metres(poses: Poses, view: Seen) -> Poses:
    """Scale a picture by what the camera is known to be; x right, y up."""
    array = bm.to_array(poses)
    if array.unit == "m":
        return poses
    xyz = array.xyz * view.metres_per_px * [1.0, -1.0]
    return bm.from_array(
        array.frames,
        xyz=xyz,
        keypoints=array.keypoints,
        unit="m",
        confidence=array.confidence if np.isfinite(array.confidence).any() else None,
    )


def _paired(trial: Trial, found: Events) -> pl.DataFrame:
    """Put to every true event the found one, with its place in `found`."""
    parts = []
    indexed = found.with_row_index("place")
    for (event, side), true in trial.events.group_by(_SAME, maintain_order=True):
        own = indexed.filter(event=event, side=side)
        pairs = match(
            true["time_s"].to_numpy(), own["time_s"].to_numpy(), tolerance_s=TOLERANCE_S
        )
        places = [own["place"][int(i)] if i >= 0 else None for i in pairs]
        columns = ("event", "side", "time_s", "laboratory_s", "source")
        part = true.select(columns).with_columns(
            pl.Series("place", places, dtype=pl.Int64)
        )
        parts.append(part)
    if not parts:
        texts = dict.fromkeys(("event", "side", "source"), pl.String)
        names = ("time_s", "laboratory_s", "found_s", "sd_s")
        numbers = dict.fromkeys(names, pl.Float64)
        return pl.DataFrame(schema={**texts, **numbers, "place": pl.Int64})
    times = indexed.select(
        place=pl.col("place").cast(pl.Int64), found_s="time_s", sd_s="time_sd_s"
    )
    joined = pl.concat(parts).join(times, on="place", how="left")
    return joined.sort("side", "time_s")


def _event_rows(
    trial: Trial, found: Events, pairs: pl.DataFrame
) -> Iterator[dict[str, Any]]:
    """Give a row to every true event, found or missed, and to every false one."""
    for row in pairs.filter(_SURE).iter_rows(named=True):
        found_s, sd_s = row["found_s"], row["sd_s"]
        error = None if found_s is None else 1000 * (found_s - row["time_s"])
        yield {
            "event": row["event"],
            "side": row["side"],
            "source": row["source"],
            "kind": "missed" if error is None else "matched",
            "true_s": row["time_s"],
            "error_ms": error,
            "sd_ms": None if sd_s is None else 1000 * sd_s,
        }
    used = set(pairs["place"].drop_nulls().to_list())
    derived = (trial.events["source"] == "derived").any()
    for place, row in enumerate(found.iter_rows(named=True)):
        if place not in used and _is_known(trial, row["side"], row["time_s"]):
            yield {
                "event": row["event"],
                "side": row["side"],
                "source": "derived" if derived else "none",
                "kind": "false",
                "true_s": None,
                "error_ms": None,
                "sd_ms": None,
            }


def _is_known(trial: Trial, side: str, time_s: float) -> bool:
    """Whether all true events of a foot around this time are known."""
    return any(s == side and start <= time_s <= end for s, start, end in trial.windows)


def _duration_rows(
    pairs: pl.DataFrame, curves: FootCurves | None
) -> Iterator[dict[str, Any]]:
    """Compare strides and contacts whose both ends were found and are sure."""
    sure = pairs.filter(_SURE, pl.col("found_s").is_not_null())
    for (side,), own in sure.group_by(["side"], maintain_order=True):
        contacts = own.filter(event="initial_contact").sort("time_s")
        lifts = own.filter(event="toe_off").sort("time_s")
        yield from _spans("stance_time", side, contacts, lifts, LONGEST_STANCE_S)
        for row in _spans("stride_time", side, contacts, contacts, LONGEST_STRIDE_S):
            yield row | {"repeat_ms": _repeat_ms(row, curves)}


def _repeat_ms(row: dict[str, Any], curves: FootCurves | None) -> float | None:
    """Tell after how long a foot repeats, where a stride is marked."""
    if curves is None:
        return None
    start_s, true_s = row["start_s"], row["true_ms"] / 1000
    repeat_s = curves.repeat_s(row["side"], start_s, start_s + true_s)
    return None if repeat_s is None else 1000 * repeat_s


def _spans(
    name: str, side: object, starts: pl.DataFrame, ends: pl.DataFrame, longest_s: float
) -> Iterator[dict[str, Any]]:
    for start in starts.iter_rows(named=True):
        after = ends.filter(pl.col("time_s") > start["time_s"]).head(1)
        for end in after.iter_rows(named=True):
            source, true = _span(start, end)
            if source is None or true > longest_s:
                continue
            found = end["found_s"] - start["found_s"]
            yield {
                "duration": name,
                "side": side,
                "source": source,
                "start_s": start["time_s"],
                "true_ms": 1000 * true,
                "error_ms": 1000 * (found - true),
            }


def _span(start: dict[str, Any], end: dict[str, Any]) -> tuple[str | None, float]:
    """Tell who measured a duration, and its length; nobody mixes plates and eyes."""
    if start["source"] == end["source"]:
        return str(start["source"]), float(end["time_s"] - start["time_s"])
    seen = start["laboratory_s"], end["laboratory_s"]
    return (None, 0.0) if None in seen else ("laboratory", float(seen[1] - seen[0]))


def _metric_rows(
    trial: Trial, poses: Poses, found: Events, pairs: pl.DataFrame
) -> Iterator[dict[str, Any]]:
    """Compare metrics of the matched events with those of the true ones."""
    columns = ["metric", "side", "value", "low", "high", "grade", "reason"]
    if trial.speed_m_s is not None:
        speed = _metrics(trial.activity, poses, found).filter(metric="speed")
        for row in speed.select(columns).iter_rows(named=True):
            yield _metric_row(row, trial.speed_m_s, "known speed")
        return
    source, sure = _best_known(pairs.filter(_SURE).drop_nulls("place"))
    if sure.is_empty():
        return
    matched = found[sure["place"].to_list()].sort("time_s")
    true_events = matched.with_columns(sure.sort("found_s")["time_s"])
    true = _metrics(trial.activity, trial.poses, true_events)
    seen_ = _metrics(trial.activity, poses, matched)
    both = seen_.select(columns).join(
        true.select("metric", "side", true="value"),
        on=["metric", "side"],
        nulls_equal=True,
    )
    wanted = pl.col("metric").is_in(_METRICS[trial.activity])
    for row in both.filter(wanted & pl.col("true").is_not_null()).iter_rows(named=True):
        yield _metric_row(row, row["true"], source)


def _best_known(pairs: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Take the kind of truth that knows most of the events, and its times."""
    plates = pairs.filter(source="force plate")
    marked = pairs.drop_nulls("laboratory_s").with_columns(time_s="laboratory_s")
    exact = {kind: pairs.filter(source=kind) for kind in ("derived", MADE)}
    kinds = {"force plate": plates, "laboratory": marked, **exact}
    return max(kinds.items(), key=lambda kind: kind[1].height)


def _metric_row(row: dict[str, Any], true: float, source: str) -> dict[str, Any]:
    value = row["value"]
    inside = None
    if value is not None and row["low"] is not None:
        inside = bool(row["low"] <= true <= row["high"])
    return {
        "metric": row["metric"],
        "side": row["side"],
        "source": source,
        "true": true,
        "error": None if value is None else value - true,
        "inside": inside,
        "grade": row["grade"],
        "reason": row["reason"],
    }


def _angle_rows(trial: Trial, poses: Poses) -> Iterator[dict[str, Any]]:
    """Compare joint angles with those of the laboratory's model, frame by frame."""
    if trial.angles is None:
        return
    wanted = [a for a in _ANGLES if a in trial.angles.columns]
    able = set(bm.keypoints_of(poses))
    wanted = [a for a in wanted if _is_measurable(a, able)]
    signals = bm.joint_angles(poses, angles=wanted)
    time = signals["time_s"].to_numpy()
    for name in wanted:
        reference = trial.angles.select("time_s", name).drop_nulls()
        values = signals[name].to_numpy()
        at = reference["time_s"].to_numpy()
        inside = (at >= time[0]) & (at <= time[-1])
        difference = (
            np.interp(at[inside], time, values) - reference[name].to_numpy()[inside]
        )
        difference = difference[np.isfinite(difference)]
        if len(difference) < 10:
            continue
        side, _, joint = name.removesuffix("_deg").partition("_")
        yield {
            "angle": joint,
            "side": side,
            "offset_deg": float(difference.mean()),
            "rmse_deg": float(np.sqrt((difference**2).mean())),
            "rmse_offset_removed_deg": float(difference.std()),
        }


def _is_measurable(angle: str, keypoints: set[str]) -> bool:
    side = angle.partition("_")[0]
    needed = {f"{side}_hip", f"{side}_knee", f"{side}_ankle"}
    if "ankle" in angle:
        needed |= {f"{side}_big_toe"}
    if "hip" in angle:
        needed |= {f"{s}_{p}" for s in ("left", "right") for p in ("hip", "shoulder")}
    return needed <= keypoints
