"""Which figures a page shows, by activity: what is there is drawn, no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from biomech.schema import Signals
from reports.data import ClipData
from reports.findings import metrics_of
from reports.plots import (
    plot_asymmetry,
    plot_cycles,
    plot_path,
    plot_sequence,
    plot_signals,
    to_svg,
)
from reports.plots.bars import asymmetries
from reports.plots.svg import span_of

#: Curves over time: joints, then what moves fastest.
_JOINTS = {
    "walk": ("knee_flexion", "hip_flexion", "ankle_dorsiflexion"),
    "run": ("knee_flexion", "hip_flexion", "ankle_dorsiflexion"),
    "jump": ("knee_flexion", "hip_flexion"),
    "squat": ("knee_flexion", "hip_flexion"),
    "golf": ("elbow_flexion", "knee_flexion"),
    "baseball": ("elbow_flexion", "shoulder_flexion"),
    "tennis": ("elbow_flexion", "shoulder_flexion"),
    "throw": ("elbow_flexion", "shoulder_flexion"),
}
_DEFAULT_JOINTS = ("knee_flexion", "hip_flexion", "elbow_flexion")
_PATHS = {
    "walk": ("left_ankle", "right_ankle"),
    "run": ("left_ankle", "right_ankle"),
    "golf": ("left_wrist", "right_wrist", "club_head"),
    "baseball": ("left_wrist", "right_wrist", "bat_tip"),
    "tennis": ("left_wrist", "right_wrist", "racket_head"),
    "throw": ("left_wrist", "right_wrist"),
}


@dataclass(frozen=True)
class Picture:
    """One figure of a page.

    Attributes
    ----------
    section
        ``"curves"``, ``"cycle"``, ``"sequence"``, ``"asymmetry"`` or ``"path"``.
    title
        What it shows.
    svg
        The figure.
    span
        For curves over time: seconds at the left and right edge of the axes, and those
        edges as shares of the width.
    """

    section: str
    title: str
    svg: str
    span: tuple[float, float, float, float] | None = None


def pictures(data: ClipData, track_id: int, /) -> list[Picture]:
    """Draw all figures that the tables of a clip allow.

    Parameters
    ----------
    data
        The clip.
    track_id
        The person.

    Returns
    -------
    Figures in the order of the page.
    """
    return [
        *_curves(data, track_id),
        *_cycles(data, track_id),
        *_sequence(data, track_id),
        *_asymmetry(data, track_id),
        *_path(data, track_id),
    ]


def _of_track(data: ClipData, name: str, track_id: int) -> pl.DataFrame | None:
    table = data.table(name)
    if table is None:
        return None
    mine = table.filter(pl.col("track_id") == track_id)
    return None if mine.is_empty() else mine


def _pair(table: pl.DataFrame, joint: str, suffix: str) -> list[str]:
    """List the left and right column of a joint that hold anything."""
    names = [f"{side}_{joint}_{suffix}" for side in ("left", "right")]
    return [n for n in names if n in table.columns and table[n].count() > 1]


def _title(joint: str, what: str) -> str:
    return f"{joint.replace('_', ' ').capitalize()}{what}"


def _curves(data: ClipData, track_id: int) -> Iterator[Picture]:
    signals = _of_track(data, "signals", track_id)
    if signals is None:
        return
    events = _of_track(data, "events", track_id)
    joints = _JOINTS.get(data.activity, _DEFAULT_JOINTS)
    for joint in joints:
        yield from _curve(signals, events, _pair(signals, joint, "deg"), joint, "")
    speed = f"{joints[0]}"
    columns = _pair(signals, speed, "deg_s")
    yield from _curve(signals, events, columns, speed, ", angular velocity")
    for point in ("wrist", "ankle"):
        for suffix in ("speed_m_s", "speed_px_s"):
            columns = _pair(signals, point, suffix)
            yield from _curve(signals, events, columns, point, ", speed")


def _curve(
    signals: Signals,
    events: pl.DataFrame | None,
    columns: Sequence[str],
    joint: str,
    what: str,
) -> Iterator[Picture]:
    if not columns:
        return
    axes = plot_signals(signals, columns=columns, events=events)
    title = _title(joint, what)
    svg = to_svg(
        axes, title=title, prefix=f"t{joint}{what}".replace(", ", "").replace(" ", "")
    )
    yield Picture("curves", title, svg, span_of(axes))


def _cycles(data: ClipData, track_id: int) -> Iterator[Picture]:
    cycles = _of_track(data, "cycles", track_id)
    if cycles is None:
        return
    for joint in ("hip_flexion", "knee_flexion", "ankle_dorsiflexion"):
        columns = _pair(cycles, joint, "deg")
        if columns:
            axes = plot_cycles(cycles, columns=columns)
            title = _title(joint, "")
            yield Picture("cycle", title, to_svg(axes, title=title, prefix=f"c{joint}"))


def _sequence(data: ClipData, track_id: int) -> Iterator[Picture]:
    sequences = _of_track(data, "sequences", track_id)
    if sequences is None:
        return
    first = sequences.filter(pl.col("swing_id").fill_null(0) == 0)
    if first["peak_time_s"].count() > 1:
        svg = to_svg(plot_sequence(first), title="Kinematic sequence", prefix="seq")
        yield Picture("sequence", "Kinematic sequence", svg)


def _asymmetry(data: ClipData, track_id: int) -> Iterator[Picture]:
    metrics = metrics_of(data, track_id)
    if metrics is not None and not asymmetries(metrics).is_empty():
        svg = to_svg(plot_asymmetry(metrics), title="Left against right", prefix="asy")
        yield Picture("asymmetry", "Left against right", svg)


def _path(data: ClipData, track_id: int) -> Iterator[Picture]:
    poses = _of_track(data, "poses", track_id)
    if poses is None:
        return
    wanted = _PATHS.get(data.activity, ("left_wrist", "right_wrist"))
    present = [k for k in wanted if _is_seen(poses, k)]
    if present:
        svg = to_svg(plot_path(poses, keypoints=present), title="Paths", prefix="path")
        yield Picture("path", "Paths", svg)


def _is_seen(poses: pl.DataFrame, keypoint: str) -> bool:
    names = [f"{keypoint}_x_{unit}" for unit in ("px", "m")]
    return any(n in poses.columns and poses[n].count() > 1 for n in names)
