"""Repetitions: squats found in markers, against inverse kinematics."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

import biomech as bm
from biomech.io.formats import read_signals
from biomech.schema import Signals
from pipelines.validation.study import Recording, Row, Study
from pipelines.validation.trials import Skipped

Array = NDArray[np.float64]

_KNEES = ("knee_angle_l_deg", "knee_angle_r_deg")
#: Both knees bend by this much in what the reference counts as a repetition; in walking
#: and running they do not do so together.
_LEAST_DEG = 50.0


def repetition_studies(folder: Path, /) -> Iterator[Study | Skipped]:
    """Measure the repetitions of a folder.

    Those are motion files of OpenSim in which both knees bend together twice or more
    by 50 degrees. Where markers lie beside them (``<name>.trc`` beside
    ``<name>_ik.mot``) the repetitions are found in those, else in the angles.

    Parameters
    ----------
    folder
        Of one laboratory.

    Yields
    ------
    Studies.
    """
    for path in sorted(folder.glob("*.mot")):
        if path.stem.endswith("_grf"):
            continue
        reference = read_signals(path)
        if not set(_KNEES) <= set(reference.columns):
            continue
        markers = path.with_name(f"{path.stem.removesuffix('_ik')}.trc")
        study = _study(f"{folder.name}/{path.name}", reference, markers)
        if study is not None:
            yield study


def _study(name: str, reference: Signals, markers: Path) -> Study | None:
    knees = reference.select(pl.mean_horizontal(_KNEES)).to_series().to_numpy()
    both = reference.select(pl.min_horizontal(_KNEES)).to_series().to_numpy()
    peaks, _ = scipy.signal.find_peaks(knees, prominence=_LEAST_DEG)
    if len(peaks) < 2 or (both[peaks] < _LEAST_DEG).any():
        return None
    deepest_s, depth_deg = reference["time_s"].to_numpy()[peaks], knees[peaks]
    about = Recording.of(
        reference, name=name, activity="squat", truth="inverse kinematics"
    )
    if markers.exists():
        condition = "3D"
        signals = bm.joint_angles(bm.to_poses(bm.read_markers(markers)))
        found = bm.repetitions(signals)
    else:
        condition = "angles"
        signals = reference.with_columns(knee_deg=pl.mean_horizontal(_KNEES))
        found = bm.repetitions(signals, column="knee_deg")
    events = bm.repetition_events(found, signals)
    count = about.value(condition, "repetition_count", len(peaks), found.height)
    return about.study(
        [about.event(condition, "deepest", t, events) for t in deepest_s],
        [count, *_depths(about, condition, deepest_s, depth_deg, found)],
    )


def _depths(
    about: Recording,
    condition: str,
    deepest_s: Array,
    depth_deg: Array,
    found: pl.DataFrame,
) -> Iterator[Row]:
    """Compare the depth of every repetition with that of the nearest one found."""
    at_s = found["deepest_s"].to_numpy()
    for time_s, true in zip(deepest_s, depth_deg, strict=True):
        nearest = int(np.argmin(np.abs(at_s - time_s))) if len(at_s) else None
        value = None if nearest is None else found["depth_deg"][nearest]
        yield about.value(condition, "repetition_depth", float(true), value)
