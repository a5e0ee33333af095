"""True events: from force plates, by a stated rule, and from laboratories.

A foot is on a plate while the vertical force is above `THRESHOLD_N` for at least
`LEAST_CONTACT_S`. A contact is left out if it begins or ends outside the recording, if
its peak is below `LEAST_LOAD` of the highest of all plates (a foot half on the plate),
or if the centre of pressure is not under one foot throughout (two feet on one plate).

Forces that somebody smoothed rise too early: those of B07, B08, B11 and one file of B01
take 20 ms from 20 to 100 N, others 5 ms, and put contacts some 20 ms before where ours
are found relative to the other plates. They are kept as they are, and count.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.schema import EVENTS, Events, Poses, Signals

Array = NDArray[np.float64]

THRESHOLD_N = 20.0
LEAST_CONTACT_S = 0.05
#: Peaks of a person's steps differ by some 10 %.
LEAST_LOAD = 0.8
#: The centre of pressure is within a shoe, which is at most 0.35 m long.
FARTHEST_M = 0.25
#: A walking contact is under 1 s, crutches up to 2 s; longer ones are standing.
LONGEST_CONTACT_S = 2.5


class Contact(NamedTuple):
    """One foot on one plate.

    Attributes
    ----------
    plate
        Its name in the forces table.
    side
        The foot.
    start_s, end_s
        When the force rises above the threshold and falls below it.
    """

    plate: str
    side: str
    start_s: float
    end_s: float


class _Load(NamedTuple):
    start: int
    end: int
    peak_n: float


def plate_contacts(forces: Signals, poses: Poses, /) -> list[Contact]:
    """Find the contacts of both feet with force plates.

    Parameters
    ----------
    forces
        From `biomech.read_forces`, in the axes of `poses`.
    poses
        Where the feet are, in metres: the side of a plate that has none is that of the
        foot nearest to the centre of pressure.

    Returns
    -------
    In the order of time.
    """
    time = forces["time_s"].to_numpy()
    force = {
        plate: forces[f"{plate}_force_y_n"].fill_null(0.0).to_numpy()
        for plate in _plates(forces)
    }
    loads = [(p, load) for p, f in force.items() for load in _loads(f, time)]
    highest = max((load.peak_n for _, load in loads), default=0.0)
    found = []
    for plate, load in loads:
        side = _side(forces, plate, load, poses)
        if side is not None and load.peak_n >= LEAST_LOAD * highest:
            start, end = _crossings(force[plate], time, load)
            found.append(Contact(plate, side, start, end))
    return sorted(found, key=lambda c: c.start_s)


def _plates(forces: Signals) -> list[str]:
    end = "_force_y_n"
    return [c.removesuffix(end) for c in forces.columns if c.endswith(end)]


def _loads(force: Array, time: Array) -> Iterator[_Load]:
    """List the stretches above the threshold that begin and end in the recording."""
    edges = np.flatnonzero(np.diff((force > THRESHOLD_N).astype(np.int8)))
    rises = [int(e) for e in edges if force[e + 1] > THRESHOLD_N]
    falls = [int(e) for e in edges if force[e] > THRESHOLD_N]
    for rise in rises:
        fall = next((f for f in falls if f > rise), None)
        if fall is None:
            continue
        duration = time[fall] - time[rise]
        if LEAST_CONTACT_S <= duration <= LONGEST_CONTACT_S:
            yield _Load(rise, fall, float(force[rise : fall + 1].max()))


def _crossings(force: Array, time: Array, load: _Load) -> tuple[float, float]:
    """Interpolate when the force crosses the threshold."""

    def crossing(i: int) -> float:
        part = (THRESHOLD_N - force[i]) / (force[i + 1] - force[i])
        return float(time[i] + part * (time[i + 1] - time[i]))

    return crossing(load.start), crossing(load.end)


def _side(forces: Signals, plate: str, load: _Load, poses: Poses) -> str | None:
    """Tell which foot stays near the centre of pressure; None if neither does."""
    columns = [f"{plate}_cop_x_m", f"{plate}_cop_z_m"]
    named = plate if plate in ("left", "right") else None
    if not set(columns) <= set(forces.columns):
        return named
    # Near both ends the force is small and its point of application uncertain.
    fifth = (load.end - load.start) // 5
    middle = forces[load.start + fifth : load.end - fifth + 1]
    pressure = middle[columns].to_numpy().astype(np.float64)
    time = middle["time_s"].to_numpy()
    far = {
        side: np.nanpercentile(np.linalg.norm(foot - pressure, axis=1), 80)
        for side in ("left", "right")
        if np.isfinite((foot := _foot(poses, side, time)) - pressure).any()
    }
    if not far:
        return named
    side = min(far, key=lambda s: far[s])
    return side if far[side] <= FARTHEST_M and named in (None, side) else None


def _foot(poses: Poses, side: str, time_s: Array) -> Array:
    """Follow the middle of a foot on the ground; shape (times, 2)."""
    array = to_array(poses)
    sets = (("heel", "big_toe"), ("heel", "small_toe"), ("ankle",))
    wanted = [[f"{side}_{part}" for part in parts] for parts in sets]
    names = next((n for n in wanted if set(n) <= set(array.keypoints)), [])
    if not names:
        return np.full((len(time_s), 2), np.nan)
    middle = np.mean([array.point(name) for name in names], axis=0)[:, [0, 2]]
    clock = array.time_s
    return np.column_stack([np.interp(time_s, clock, axis) for axis in middle.T])


def contact_events(contacts: list[Contact], poses: Poses, /) -> Events:
    """Make an events table of contacts.

    Parameters
    ----------
    contacts
        From `plate_contacts`.
    poses
        Whose clip and frames they belong to.

    Returns
    -------
    An `events` table: an initial contact and a toe-off each.
    """
    clock = poses.select("clip_id", "track_id", "frame", "time_s").sort("time_s")
    time = clock["time_s"].to_numpy()
    rows = [
        {
            "clip_id": clock["clip_id"][0],
            "track_id": clock["track_id"][0],
            "event": event,
            "side": contact.side,
            "frame": int(clock["frame"][int(np.argmin(np.abs(time - at)))]),
            "time_s": at,
            "time_sd_s": None,
            "confidence": None,
        }
        for contact in contacts
        for event, at in (
            ("initial_contact", contact.start_s),
            ("toe_off", contact.end_s),
        )
    ]
    schema = {name: column.dtype for name, column in EVENTS.columns.items()}
    return pl.DataFrame(rows, schema=schema).sort("time_s")
