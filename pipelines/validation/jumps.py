"""Jumps on force plates: take-off, landing and height."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

import biomech as bm
from biomech.body import SIDES, stature_of
from biomech.io.mot import read_mot_forces
from biomech.kernels.windows import runs
from biomech.markers import key_columns
from biomech.schema import EVENTS, Poses
from biomech.units import GRAVITY_M_S2
from pipelines.validation.conditions import Condition, seen
from pipelines.validation.study import Recording, Row, Study
from pipelines.validation.trials import Skipped, Trial
from pipelines.validation.truth import THRESHOLD_N

Array = NDArray[np.float64]

#: Shorter times off the plates are steps of running.
LEAST_FLIGHT_S = 0.2
#: After a landing the feet may leave again within this time: a drop jump.
LONGEST_CONTACT_S = 1.2
#: In net forces, without the weight, a flight is within this of minus the weight.
_NET_TOLERANCE_N = 45.0
#: Sheets count frames of 100 Hz, and forces tenths of a frame beside them; their column
#: 3 points up.
_FRAMES_HZ, _PARTS, _UP = 100.0, 10, 3
#: Their joint centres follow the frame and its part: forward and up of each.
_FIRST, _LAST = 2, 18
_JOINTS = tuple(
    f"{side}_{part}" for side in SIDES for part in ("hip", "knee", "ankle", "big_toe")
)


def jump_studies(folder: Path, /) -> Iterator[Study | Skipped]:
    """Measure the jumps of a folder.

    Those are TRC files of markers with ``<name>_grf.mot`` beside them, in which nobody
    touches a plate for 0.2 s or more between two contacts, and a pair of Excel sheets
    ``*GRF*.xlsx`` (net force) and ``*Gelenk*.xlsx`` (joint centres of both legs).

    Parameters
    ----------
    folder
        Of one laboratory.

    Yields
    ------
    Studies, and files that were left out.
    """
    for path in sorted(folder.glob("*.trc")):
        forces = path.with_name(f"{path.stem}_grf.mot")
        if forces.exists():
            time, total = _total_force(forces)
            if flights := _flights(time, total - THRESHOLD_N):
                poses = bm.to_poses(bm.read_markers(path))
                name = f"{folder.name}/{path.name}"
                landed_s = float(time[np.argmax(total > THRESHOLD_N)])
                yield _study(name, poses, _truth(flights, landed_s))
    for path in sorted(folder.glob("*GRF*.xlsx")):
        yield _from_sheets(path)


def _total_force(path: Path) -> tuple[Array, Array]:
    """Sum the vertical forces of all plates."""
    forces = read_mot_forces(path)
    parts = forces.select(pl.col("^.*_force_y_n$").fill_null(0.0))
    return forces["time_s"].to_numpy(), parts.sum_horizontal().to_numpy()


def _flights(time: Array, above: Array) -> list[tuple[float, float]]:
    """List the times off the plates that begin and end in the recording.

    ``above`` is the force less the threshold; its zeros are found between samples.
    """
    return [
        (_zero(time, above, first - 1), _zero(time, above, last - 1))
        for first, last in runs(above <= 0)
        if first > 0 and last < len(time) and time[last] - time[first] >= LEAST_FLIGHT_S
    ]


def _zero(time: Array, x: Array, i: int) -> float:
    """Interpolate where a series passes zero between frames i and i + 1."""
    return float(time[i] - x[i] * (time[i + 1] - time[i]) / (x[i + 1] - x[i]))


def _conditions() -> Iterator[Condition]:
    yield Condition("3D")
    yield Condition("2D", 60.0, 8.0)
    yield Condition("2D 120/s", 120.0, 8.0)
    yield Condition("2D 4 px white", 60.0, 8.0, noise_px=4.0)
    yield Condition("2D 4 px correlated", 60.0, 8.0, noise_px=4.0, correlated=True)


class _Truth(NamedTuple):
    """What the plates tell: times of the flights, and means over the jumps."""

    flights: list[tuple[float, float]]
    metrics: dict[str, float]


def _truth(flights: list[tuple[float, float]], landed_s: float | None) -> _Truth:
    """Average over the jumps.

    ``landed_s`` is the first contact with a plate; None for a body without its trunk,
    which has no centre of mass to compare with.
    """
    flight_s = np.array([on_s - off_s for off_s, on_s in flights])
    height_m = float((GRAVITY_M_S2 * flight_s**2 / 8).mean())
    found = {"flight_time": float(flight_s.mean()), "jump_height_flight": height_m}
    if landed_s is None:
        return _Truth(flights, found)
    contact_s = flights[0][0] - landed_s
    if len(flights) == 1 and contact_s < LONGEST_CONTACT_S:
        found["contact_time"] = contact_s
    return _Truth(flights, found | {"jump_height_com": height_m})


def _study(name: str, poses: Poses, truth: _Truth) -> Study:
    about = Recording.of(poses, name=name, activity="jump", truth="force plate")
    height_m = float(stature_of(bm.to_array(poses)))
    trial = Trial(name, "", "jump", poses, EVENTS.empty(), (), height_m)
    is_whole = "left_shoulder" in bm.keypoints_of(poses)
    events: list[Row] = []
    metrics: list[Row] = []
    for condition in _conditions() if is_whole else (Condition("3D"),):
        cleaned, known = seen(trial, condition).poses, None
        if condition.distance_m is not None:
            cleaned, known = bm.clean(cleaned, activity="jump"), height_m
        found = bm.jump_events(cleaned)
        measured = bm.jump_metrics(cleaned, events=found, height_m=known)
        events += [
            about.event(condition.name, event, time_s, found)
            for flight in truth.flights
            for event, time_s in zip(("take_off", "landing"), flight, strict=True)
        ]
        metrics += [
            about.metric(condition.name, metric, true, measured)
            for metric, true in truth.metrics.items()
        ]
    return about.study(events, metrics)


def _from_sheets(path: Path) -> Study | Skipped:
    """Measure a jump whose force and joint centres are Excel sheets, in mm and N."""
    name = f"{path.parent.name}/{path.name}"
    joints = sorted(path.parent.glob("*Gelenk*.xlsx"))
    if importlib.util.find_spec("fastexcel") is None:
        return Skipped(name, "Excel sheets need the package fastexcel")
    if not joints:
        return Skipped(name, "no joint centres beside the forces")
    force, legs = _sheet(path), _sheet(joints[0])
    start = legs[0, 0]
    time = (force[:, 0] - start + force[:, 1] / _PARTS) / _FRAMES_HZ
    net = force[:, _UP]
    flights = _flights(time, net - np.quantile(net, 0.1) - _NET_TOLERANCE_N)
    if not flights:
        return Skipped(name, "nobody leaves the plate")
    poses = bm.from_array(
        key_columns(path.stem, (legs[:, 0] - start) / _FRAMES_HZ),
        xyz=legs[:, _FIRST:_LAST].reshape(len(legs), len(_JOINTS), 2) / 1000.0,
        keypoints=_JOINTS,
        unit="m",
    )
    return _study(name, poses, _truth(flights, None))


def _sheet(path: Path) -> Array:
    """Read the numbers of a sheet whose first three rows are titles."""
    table = pl.read_excel(
        path, has_header=False, read_options={"dtypes": "string", "skip_rows": 3}
    )
    return table.select(pl.all().cast(pl.Float64, strict=False)).to_numpy()
