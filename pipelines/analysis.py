"""The stages between poses and pages: clean, kinematics, metrics."""

import warnings
from dataclasses import asdict
from typing import Any

import polars as pl
import polars.selectors as cs

import biomech as bm
from biomech.arrays import unit_of_poses
from biomech.cleaning import cleaning
from biomech.schema import (
    FRAME,
    GRADE,
    POSES,
    SIGNALS,
    Metrics,
    Poses,
    Signals,
)
from pipelines.activities import TABLES, analyse, recognise
from pipelines.athletes import choose_athletes
from pipelines.ground import ground_points
from pipelines.tasks import Task
from pipelines.track_edits import edit_tracks, read_track_edits

_KEY = [*FRAME, "time_s"]
#: What metrics are made of: velocities of keypoints are most of the signals.
_MEASURED = (
    cs.by_name(_KEY) | cs.ends_with("_deg", "_deg_s") | cs.starts_with("ground_")
)
#: Said where the activity was to be recognised and was not.
_UNNAMED = (
    "no activity was recognised: a walk or run needs two strides, squats are two deep "
    "ones or three alike; name it with --activity"
)
#: Less of a clip than this is worth a word.
_LEAST_SEEN = 0.1


def clean(task: Task) -> str | None:
    """Mend tracks as the user says, choose the athlete, clean; write ``poses``.

    Parameters
    ----------
    task
        The stage to run.

    Returns
    -------
    A remark if nobody was found, or in few frames, or no activity; else None.
    """
    job = task.job
    chosen = _chosen(task)
    activity: str = job.clip.activity
    if activity == "auto":
        activity = recognise(bm.clean(chosen))
    cleaned = cleaning(chosen, activity=activity, **asdict(job.config.clean))
    task.write(
        "poses",
        cleaned.poses,
        POSES,
        activity=activity,
        steps=cleaned.footer(),
        swaps=cleaned.swaps.to_dicts(),
        **_origin(task, "poses_raw"),
    )
    counts = task.footer("poses_raw").get("frames", {})
    remark = _remark(chosen, n_frames=counts.get("n_frames", 0))
    is_unnamed = activity == "none" and job.clip.activity == "auto"
    return remark or (_UNNAMED if is_unnamed else None)


def _chosen(task: Task) -> Poses:
    """Read the raw poses of who is to be measured."""
    job = task.job
    raw = task.read("poses_raw", POSES)
    edits = job.out.tracks(job.clip_id)
    if edits.exists():
        raw = edit_tracks(raw, read_track_edits(edits))
    return choose_athletes(raw, athlete=job.clip.track)


def _remark(chosen: Poses, *, n_frames: int) -> str | None:
    """Say if there is hardly anything to measure."""
    if chosen.is_empty():
        return "nobody was found"
    n_seen = chosen["frame"].n_unique()
    if n_seen < _LEAST_SEEN * n_frames:
        return f"people were seen in {n_seen} of {n_frames} frames only"
    return None


def kinematics(task: Task) -> None:
    """Measure angles and velocities in every frame; write ``signals``.

    Parameters
    ----------
    task
        The stage to run.
    """
    poses = task.read("poses", POSES)
    clip = task.job.clip
    signals = signals_of(poses, height_m=clip.height_m)
    if clip.ground:
        places = bm.ground_positions(poses, ground_points(clip.ground))
        speeds = bm.ground_speed(places)
        signals = signals.join(speeds, on=_KEY, how="left", maintain_order="left")
    task.write("signals", signals, SIGNALS, **_origin(task, "poses"))


def signals_of(poses: Poses, /, *, height_m: float | None = None) -> Signals:
    """Measure everything that can be measured frame by frame.

    Parameters
    ----------
    poses
        A cleaned `poses` table.
    height_m
        Body height in metres, if known.

    Returns
    -------
    A `signals` table: angles of joints and segments, their velocities, the velocities
    of the keypoints and the centre of mass. With a height, those of pixels are in
    metres, with X to the right and Y up from the ground.
    """
    angles = _side_by_side(bm.joint_angles(poses), bm.segment_angles(poses))
    rates = bm.angular_velocities(angles)
    return _side_by_side(angles, rates, *_movement(poses, height_m))


def _movement(poses: Poses, height_m: float | None) -> tuple[Signals, Signals]:
    """Measure the velocities of the keypoints and the centre of mass."""
    if height_m and unit_of_poses(poses) == "px":
        poses = bm.to_metres(poses, height_m=height_m)
    return bm.keypoint_velocities(poses), bm.centre_of_mass(poses)


def metrics(task: Task) -> str | None:
    """Find events and measure what the activity asks for; write its tables.

    Parameters
    ----------
    task
        The stage to run.

    Returns
    -------
    A remark if what is known of the athlete contradicts what is seen; else None.
    """
    job = task.job
    poses = task.read("poses", POSES)
    signals = task.read("signals", SIGNALS).select(_MEASURED)
    activity = task.footer("poses")["activity"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        found = analyse(
            poses,
            signals,
            activity=activity,
            height_m=job.clip.height_m,
            view=job.clip.view,
            handedness=job.clip.handedness,
        )
    if job.clip.ground:
        found["metrics"] = pl.concat([found["metrics"], bm.ground_metrics(signals)])
    others = [name for name in TABLES if name in found and name != "metrics"]
    for name in TABLES:
        if name not in found:
            task.drop(name)
    footer: dict[str, Any] = {"activity": activity, **_origin(task, "poses")}
    if footer.get("model", {}).get("warning"):
        found["metrics"] = _as_indications(found["metrics"])
    for name in (*others, "metrics"):
        task.write(name, found[name], TABLES[name], tables=others, **footer)
    return "; ".join(dict.fromkeys(str(w.message) for w in caught)) or None


def _as_indications(metrics: Metrics) -> Metrics:
    """Grade every value C: no value of a demonstration model is more."""
    grade = pl.col("grade")
    return metrics.with_columns(
        pl.when(grade.is_not_null()).then(pl.lit("C")).cast(GRADE).alias("grade")
    )


def _origin(task: Task, table: str) -> dict[str, Any]:
    """Hand on what a footer says about the model."""
    meta = task.footer(table)
    return {key: meta[key] for key in ("model", "skeleton") if key in meta}


def _side_by_side(first: Signals, *others: Signals) -> Signals:
    """Put signals of the same frames, in the same order, into one table."""
    tables = [first, *(other.drop(_KEY) for other in others)]
    return pl.concat(tables, how="horizontal")
