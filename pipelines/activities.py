"""Which functions of the library measure which activity."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

import biomech as bm
from biomech.arrays import keypoints_of
from biomech.schema import (
    CYCLES,
    EVENTS,
    FRAME,
    JUMPS,
    METRICS,
    REPETITIONS,
    STRIDES,
    SWINGS,
    TRACK,
    Events,
    Metrics,
    Poses,
    Signals,
    Strides,
)
from biomech.swing.recognition import sport_of
from biomech.table import Column, TableSchema
from pipelines.config import Handedness, View

#: Without these nothing is recognised.
_LEGS = {
    f"{side}_{point}"
    for side in ("left", "right")
    for point in ("shoulder", "hip", "knee", "ankle")
}
_LEAST_STRIDES = 2
#: The legs of somebody who dips and lands look like a step or two.
_MOST_STRIDES_OF_A_JUMP = 3
#: Two half squats are a set: from 70 degrees on (Schoenfeld 2010,
#: doi:10.1519/JSC.0b013e3181bac2d7). Knees dip less before a throw: 37 to 61 degrees.
_HALF_SQUAT_DEG = 70.0
#: So are shallower ones, if there are three whose ranges are this near their median.
_ALIKE_SHARE = 0.25
#: Both legs in one place, or steps at a pace that nobody can keep.
_NO_STEPS = ("legs_together", "implausible")
#: Height of the hips over the lower foot, lowest to highest tenth: 0.55 to 0.66 in
#: squats, above 0.85 in walking and running.
_SUNK = 0.75
_LOCOMOTION = {"walking": "walk", "running": "run"}

#: The order in which segments reach their peak speeds, as `kinematic_sequence` has it.
SEQUENCES = TableSchema(
    name="sequences",
    version=1,
    columns={
        "clip_id": Column(pl.String, "the clip"),
        "track_id": Column(pl.Int32, "the person within the clip"),
        "swing_id": Column(pl.Int32, "as in swings"),
        "segment": Column(pl.String, "from pelvis to implement"),
    },
    key=(*TRACK, "swing_id", "segment"),
)

#: Schemas of the tables that an analysis may make, by folder; metrics come last.
TABLES: Mapping[str, TableSchema] = {
    schema.name: schema
    for schema in (
        *(EVENTS, STRIDES, CYCLES, SWINGS, SEQUENCES, JUMPS, REPETITIONS, METRICS),
    )
}


class Request(NamedTuple):
    """What is known before the analysis."""

    poses: Poses
    signals: Signals
    height_m: float | None
    view: View | None
    handedness: Handedness


Found = dict[str, pl.DataFrame]


def analyse(
    poses: Poses,
    signals: Signals,
    /,
    *,
    activity: str,
    height_m: float | None = None,
    view: View | None = None,
    handedness: Handedness = "auto",
) -> Found:
    """Find events and measure what an activity asks for.

    Parameters
    ----------
    poses
        A cleaned `poses` table.
    signals
        Its `signals`.
    activity
        What is done; ``none`` measures nothing.
    height_m
        Body height in metres, if known.
    view
        From where the camera looks, if known.
    handedness
        Of somebody who swings or throws.

    Returns
    -------
    Tables by name; ``metrics`` is always there.
    """
    request = Request(poses, signals, height_m, view, handedness)
    analysis = _ANALYSES.get(activity)
    found = analysis(request) if analysis and not poses.is_empty() else {}
    return {"metrics": METRICS.empty(), **found}


def recognise(poses: Poses, /) -> str:
    """Tell which activity poses show: walking, running, jumps, squats or a swing.

    Golf shows in the body, bats and rackets by their own points; throws and strokes
    look alike: they have to be named by the user.

    Parameters
    ----------
    poses
        A cleaned `poses` table.

    Returns
    -------
    ``jump`` if one was found between few strides; else ``walk`` or ``run``, whichever
    was done longer, if at least two strides were made; else ``squat`` if two deep ones
    or three alike were found; else ``golf``, ``baseball`` or ``tennis`` if that shows;
    else ``none``.
    """
    if poses.is_empty() or not set(keypoints_of(poses)) >= _LEGS:
        return "none"
    moving = bm.activity(poses).filter(pl.col("n_strides") >= _LEAST_STRIDES)
    jumps = bm.jumps(bm.jump_events(poses))
    if not jumps.is_empty() and moving["n_strides"].sum() <= _MOST_STRIDES_OF_A_JUMP:
        return "jump"
    seconds = moving.group_by(pl.col("activity").cast(pl.String)).agg(
        (pl.col("end_s") - pl.col("start_s")).sum()
    )
    lasting = {_LOCOMOTION[n]: s for n, s in seconds.iter_rows() if n in _LOCOMOTION}
    if lasting and not _sinks(poses):
        return max(lasting, key=lambda name: lasting[name])
    angles = bm.joint_angles(poses)
    if _is_set(bm.repetitions(angles)) and _knees_bend_together(angles):
        return "squat"
    return sport_of(poses) or "none"


def _is_set(squats: pl.DataFrame) -> bool:
    """Tell whether anybody squats again and again: twice deep, or three times alike."""
    bend, usual = pl.col("range_deg"), pl.col("range_deg").median()
    deep = (pl.col("depth_deg") >= _HALF_SQUAT_DEG).sum() >= 2
    alike = ((bend - usual).abs() <= _ALIKE_SHARE * usual).sum() >= 3
    sets = squats.group_by(TRACK).agg((deep | alike).alias("is_set"))
    return bool(sets["is_set"].any())


def _knees_bend_together(angles: Signals) -> bool:
    """Tell whether both knees bend at the same time, as in squats, or by turns."""
    knees = angles.select(cs.ends_with("knee_flexion_deg")).drop_nulls()
    together = knees.select(pl.corr(*knees.columns)).item()
    return together is not None and together > 0


def _sinks(poses: Poses) -> bool:
    """Tell whether the hips sink towards the feet as in no walk and no run.

    In the picture and in trunks, so that coming nearer to the camera is no sinking.
    """
    array = bm.to_array(poses)
    hips, shoulders = (
        (array.point(f"left_{name}") + array.point(f"right_{name}")) / 2
        for name in ("hip", "shoulder")
    )
    feet = np.stack([array.point("left_ankle"), array.point("right_ankle")])
    height = np.abs(feet - hips)[..., 1].max(axis=0)
    trunks = height / np.linalg.norm(hips - shoulders, axis=-1)
    both = np.stack([height, trunks])[:, np.isfinite(trunks)]
    if not both.size:
        return False
    low, high = np.quantile(both, (0.1, 0.9), axis=1)
    return bool((low < _SUNK * high).all())


def _walk(request: Request) -> Found:
    events = bm.gait_events(request.poses)
    strides = bm.strides(events, request.poses)
    metrics = bm.gait_metrics(
        request.poses, events=events, height_m=request.height_m, view=request.view
    )
    return _steps(request, events, strides, metrics)


def _run(request: Request) -> Found:
    events = bm.running_events(request.poses)
    strides = bm.strides(events, request.poses)
    metrics = bm.running_metrics(
        request.poses, events=events, height_m=request.height_m, view=request.view
    )
    return _steps(request, events, strides, metrics)


def _steps(
    request: Request, events: Events, strides: Strides, metrics: Metrics
) -> Found:
    """Gather what walking and running have in common.

    Where every metric was refused for such a reason, what was found are no steps.
    """
    no_steps = pl.col("reason").is_in(_NO_STEPS).fill_null(value=False).all()
    unread = metrics.group_by(TRACK).agg(no_steps).filter("reason").select(TRACK)
    events = events.join(unread, on=TRACK, how="anti", maintain_order="left")
    strides = strides.join(unread, on=TRACK, how="anti", maintain_order="left")
    angles = request.signals.select(*FRAME, "time_s", cs.ends_with("_deg", "_deg_s"))
    return {
        "events": events,
        "strides": strides,
        "cycles": bm.cycles(angles, strides),
        "metrics": metrics,
    }


def _swing(sport: str) -> Callable[[Request], Found]:
    def analysis(request: Request) -> Found:
        events = bm.swing_events(
            request.poses, sport=sport, handedness=request.handedness
        )
        metrics = bm.swing_metrics(
            request.poses, events=events, sport=sport, height_m=request.height_m
        )
        swings = bm.swings(events)
        # A golfer's trunk leans: its own axis is the one to turn about.
        axis: Literal["trunk", "vertical"] = "trunk" if sport == "golf" else "vertical"
        sequences = bm.kinematic_sequence(request.poses, swings, axis=axis)
        return {
            "events": events,
            "swings": swings,
            "sequences": sequences,
            "metrics": metrics,
        }

    return analysis


def _jump(request: Request) -> Found:
    events = bm.jump_events(request.poses)
    metrics = bm.jump_metrics(request.poses, events=events, height_m=request.height_m)
    return {"events": events, "jumps": bm.jumps(events), "metrics": metrics}


def _squat(request: Request) -> Found:
    repetitions = bm.repetitions(request.signals)
    metrics = bm.repetition_metrics(repetitions, signal=request.signals)
    events = bm.repetition_events(repetitions, request.signals)
    return {"events": events, "repetitions": repetitions, "metrics": metrics}


_ANALYSES: Mapping[str, Callable[[Request], Found]] = {
    "walk": _walk,
    "run": _run,
    "golf": _swing("golf"),
    "baseball": _swing("baseball"),
    "tennis": _swing("tennis"),
    "throw": _swing("throw"),
    "jump": _jump,
    "squat": _squat,
}
