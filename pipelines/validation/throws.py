"""Pitches of the OpenBiomechanics Project against their published values."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import polars as pl

import biomech as bm
from biomech.io.pitches import read_pitches
from biomech.io.registry import Reading
from biomech.schema import Poses
from pipelines.validation.study import Recording, Row, Study
from pipelines.validation.trials import Skipped
from pipelines.validation.truth import THRESHOLD_N

#: Peaks of the sequence are sought from this long before the foot lands to this long
#: after release.
_BEFORE_S, _AFTER_S = 0.3, 0.05
#: The cut-off of the publishers is 20 Hz.
_CUTOFF_HZ = 20.0
#: Ours -> the published value of the same pitch.
_METRICS = {
    "elbow_extension_speed": "max_elbow_extension_velo",
    "hip_shoulder_separation": "max_rotation_hip_shoulder_separation",
}
_PEAKS = {
    "pelvis": "max_pelvis_rotational_velo",
    "thorax": "max_torso_rotational_velo",
}
_LAG = "timing_peak_torso_to_peak_pelvis_rot_velo"
#: Ours -> the published time. The foot counts as landed at full body weight.
_TIMES = {"foot_contact": "fp_100_time", "release": "BR_time"}
_TRUTH = "published"


def throw_studies(folder: Path, /) -> Iterator[Study | Skipped]:
    """Measure the pitches of a folder with ``*poi_metrics*.csv``.

    They are CSV files of landmarks, with the published times of every pitch, and C3D
    files that ``*metadata*.csv`` names, with force plates.

    Parameters
    ----------
    folder
        Of one laboratory.

    Yields
    ------
    Studies, and files that were left out.
    """
    published = _published(folder)
    if not published:
        return
    for path in sorted(folder.glob("*landmarks*.csv")):
        times = pl.read_csv(path, infer_schema_length=None).group_by("session_pitch")
        moments = {str(name): rows.row(0, named=True) for (name,), rows in times}
        for (clip,), poses in read_pitches(path, Reading()).group_by("clip_id"):
            values, name = published.get(str(clip)), f"{folder.name}/{clip}"
            if values is None:
                yield Skipped(name, "no published values")
                continue
            true = {e: float(moments[str(clip)][t]) for e, t in _TIMES.items()}
            yield _study(name, poses, values, true)
    for path in sorted(folder.glob("*.c3d")):
        name, values = f"{folder.name}/{path.name}", published.get(path.name)
        if values is None:
            yield Skipped(name, "no published values")
            continue
        poses = bm.to_poses(bm.read_markers(path))
        yield _study(name, poses, values, _plate_contact(path))


def _published(folder: Path) -> dict[str, Mapping[str, float]]:
    """Read the published values by pitch, and by the name of its file."""
    found: dict[str, Mapping[str, float]] = {}
    for path in sorted(folder.glob("*poi_metrics*.csv")):
        table = pl.read_csv(path, infer_schema_length=None)
        if _LAG in table.columns:
            found |= {row["session_pitch"]: row for row in table.iter_rows(named=True)}
    for path in sorted(folder.glob("*metadata*.csv")):
        table = pl.read_csv(path, infer_schema_length=None)
        if {"session_pitch", "filename_new"} <= set(table.columns):
            pairs = table.select("filename_new", "session_pitch").iter_rows()
            found |= {file: found[pitch] for file, pitch in pairs if pitch in found}
    return found


def _plate_contact(path: Path) -> dict[str, float]:
    """Tell when the front foot lands: the last plate on which somebody steps."""
    forces = bm.read_forces(path)
    time = forces["time_s"].to_numpy()
    vertical = forces.select(pl.col("^.*_force_y_n$").fill_null(0.0)).to_numpy()
    loaded = vertical > THRESHOLD_N
    rises = [np.flatnonzero(~p[:-1] & p[1:]) for p in loaded.T]
    last = [int(r[-1]) for r in rises if len(r)]
    return {"foot_contact": float(time[max(last)])} if last else {}


def _study(
    name: str, poses: Poses, values: Mapping[str, float], true_s: Mapping[str, float]
) -> Study:
    about = Recording.of(poses, name=name, activity="throw", truth=_TRUTH)
    smooth = bm.smooth(poses, method="butterworth", cutoff_hz=_CUTOFF_HZ)
    events = bm.swing_events(smooth, sport="throw")
    measured = bm.swing_metrics(smooth, events=events, sport="throw")
    rows = [
        about.metric("3D", ours, float(values[theirs]), measured)
        for ours, theirs in _METRICS.items()
    ]
    return about.study(
        [about.event("3D", event, at_s, events) for event, at_s in true_s.items()],
        rows + _peaks(about, smooth, bm.swings(events), values),
    )


def _peaks(
    about: Recording, poses: Poses, swings: pl.DataFrame, values: Mapping[str, float]
) -> list[Row]:
    """Compare peaks of the kinematic sequence, and the lag between them."""
    last = swings.row(-1, named=True) if swings.height else {}
    if not last or last["foot_contact_s"] is None:
        return []
    window = (last["foot_contact_s"] - _BEFORE_S, last["release_s"] + _AFTER_S)
    found = bm.kinematic_sequence(poses, window)
    rows = {row["segment"]: row for row in found.iter_rows(named=True)}
    peaks = [
        about.value(
            "3D", f"peak_speed_{s}", float(values[theirs]), rows[s]["peak_deg_s"]
        )
        for s, theirs in _PEAKS.items()
    ]
    lag_s = rows["thorax"]["peak_time_s"] - rows["pelvis"]["peak_time_s"]
    is_ordered = rows["pelvis"]["order"] <= rows["thorax"]["order"]
    return [
        *peaks,
        about.value("3D", "lag_pelvis_thorax", float(values[_LAG]), lag_s),
        about.value("3D", "order_pelvis_thorax", 1.0, float(is_ordered)),
    ]
