"""Trials: motion capture of walking and running, with its truth."""

import contextlib
import csv
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.axes import axes_matrix
from biomech.errors import BiomechError, FormatError
from biomech.io.c3d import read_c3d_forces
from biomech.io.formats import read_events, read_markers, read_signals
from biomech.io.mot import read_mot_forces
from biomech.marker_maps import marker_axes, to_poses
from biomech.markers import key_columns, marker_table
from biomech.schema import EVENTS, TRACK, Events, Poses, Signals
from pipelines.validation.truth import Contact, contact_events, plate_contacts

Array = NDArray[np.float64]

#: Nobody walks faster than this, nearly everybody runs.
WALK_RUN_M_S = 2.2
#: Standing hip height is this part of body height (Drillis and Contini 1966): the scale
#: of the picture for people whose height no file tells, some 5 % small in walking.
HIP_HEIGHT_BH = 0.530
_IMU_HZ = 204.8
#: Events nearer to an end of the recording count neither for nor against.
EDGE_S = 0.1


@dataclass(frozen=True)
class Trial:
    """One recording with its truth.

    Attributes
    ----------
    name
        Folder and file.
    laboratory
        The folder: people of one laboratory share markers and plates.
    activity
        ``"walk"`` or ``"run"``.
    poses
        In metres, X forward, Y up, Z right.
    events
        True events, with a column ``source``: ``"force plate"``, ``"laboratory"``, or
        ``"ambiguous"`` where these two disagree by more than 40 ms (a heel in front of
        the plate), ``"edge"`` within 0.1 s of an end of the recording, ``"derived"``
        where somebody computed them from the same markers. The last three count
        neither for nor against the goals. ``laboratory_s`` is when the laboratory says
        that the event was, also where a plate says so too; null without.
    windows
        Stretches in which all events of a side are known: side, start, end.
    height_m
        Body height, estimated from the hips.
    angles
        Reference joint angles as ``left_knee_flexion_deg`` and so on; None without.
    speed_m_s
        Known mean speed; None without.
    """

    name: str
    laboratory: str
    activity: str
    poses: Poses
    events: Events
    windows: tuple[tuple[str, float, float], ...]
    height_m: float
    angles: Signals | None = None
    speed_m_s: float | None = None


@dataclass(frozen=True)
class Skipped:
    """A file that is no trial, and why."""

    name: str
    reason: str


def load_trials(data: Path, /) -> Iterator[Trial | Skipped]:
    """Load every trial in a folder of folders.

    A C3D file is a trial if it names events or has force plates; a TRC file if a MOT
    file of forces or a known speed belongs to it; ``mocap_sample.csv`` beside
    ``stride_events_sample.csv`` is one of foot markers only.

    Parameters
    ----------
    data
        Holds one folder per laboratory (those whose names begin with B and two digits,
        if there are any).

    Yields
    ------
    Trials, and files that were left out with the reason.

    Raises
    ------
    FormatError
        If there is no such folder or it holds no folders.
    """
    if not data.is_dir():
        msg = f"no folder {data}"
        raise FormatError(msg)
    folders = sorted(p for p in data.iterdir() if p.is_dir())
    chosen = [p for p in folders if p.name[:1] == "B" and p.name[1:3].isdigit()]
    if not folders:
        msg = f"{data} holds no folders of trials"
        raise FormatError(msg)
    for folder in chosen or folders:
        for path in sorted(folder.iterdir()):
            loader = _LOADERS.get(path.suffix.lower())
            if loader is None or path.name.startswith("stride_"):
                continue
            try:
                yield loader(path)
            except BiomechError as error:
                yield Skipped(f"{folder.name}/{path.name}", str(error))


def _load_c3d(path: Path) -> Trial:
    """Take force plates for truth, else the events of the laboratory."""
    markers = read_markers(path)
    axes = marker_axes(markers)
    poses = to_poses(markers, axes=axes)
    contacts: list[Contact] = []
    with contextlib.suppress(FormatError):  # no plates: its own events remain
        contacts = plate_contacts(read_c3d_forces(path, axes=axes), poses)
    named = read_events(path)
    return _trial(path, poses, contacts, named, _model_angles(path))


def _load_trc(path: Path) -> Trial:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        markers = read_markers(path)
    axes = marker_axes(markers)
    poses = to_poses(markers, axes=axes)
    contacts: list[Contact] = []
    forces = _forces_beside(path)
    if forces is not None:
        contacts = plate_contacts(_turned(read_mot_forces(forces), axes), poses)
    return _trial(path, poses, contacts, EVENTS.empty(), _inverse_kinematics(path))


def _load_foot_csv(path: Path) -> Trial:
    """Load markers of the feet alone; two header rows, millimetres, 100 Hz, Z up."""
    events = path.with_name("stride_events_sample.csv")
    if not events.exists():
        msg = f"{path} has no events beside it"
        raise FormatError(msg)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    names = list(dict.fromkeys(rows[0][1:]))
    values = np.array([row[1:] for row in rows[2:]], dtype=np.float64) / 1000.0
    time = np.arange(len(values)) / 100.0
    frames = key_columns(path.stem, time)
    xyz = values.reshape(len(values), -1, 3)
    markers = marker_table(frames, names=names, xyz=xyz, unit="m")
    poses = to_poses(markers, mapping="ior", axes="x,z,-y")
    trial = _trial(path, poses, [], _imu_events(events, poses), None)
    derived = trial.events.with_columns(source=pl.lit("derived"))
    return replace(trial, events=derived)


_LOADERS = {".c3d": _load_c3d, ".trc": _load_trc, ".csv": _load_foot_csv}


def _imu_events(path: Path, poses: Poses) -> Events:
    """Read samples of contact and toe-off of a synchronised sensor."""
    with path.open(encoding="utf-8", newline="") as file:
        strides = list(csv.DictReader(file))
    time = poses["time_s"].to_numpy()
    rows = {
        (event, stride["foot"], float(stride[column]) / _IMU_HZ)
        for stride in strides
        for event, column in (("initial_contact", "ic"), ("toe_off", "tc"))
        if stride[column] not in ("", "nan")
    }
    table = [
        {
            "clip_id": poses["clip_id"][0],
            "track_id": 0,
            "event": event,
            "side": side,
            "frame": int(np.argmin(np.abs(time - at))),
            "time_s": at,
        }
        for event, side, at in sorted(rows, key=lambda row: row[2])
    ]
    schema = {name: column.dtype for name, column in EVENTS.columns.items()}
    return pl.DataFrame(table, schema=schema)


def _trial(
    path: Path,
    poses: Poses,
    contacts: list[Contact],
    named: Events,
    angles: Signals | None,
) -> Trial:
    known = _known_speed(path)
    merged = _merged(contact_events(contacts, poses), named)
    events = merged.with_columns(source=_at_the_edge(poses).otherwise("source"))
    if events.is_empty() and known is None:
        msg = f"{path.name}: no events, no force plates and no known speed"
        raise FormatError(msg)
    windows = (*_plate_windows(contacts), *_named_windows(named))
    return Trial(
        f"{path.parent.name}/{path.name}",
        path.parent.name,
        _activity(poses, events),
        poses,
        events,
        windows,
        _height_m(poses),
        angles,
        known,
    )


def _merged(plates: Events, named: Events) -> Events:
    """Take plates where they bore the foot, the laboratory for the other events."""
    of = [*TRACK, "event", "side"]
    both = plates.join(named.select(*of, laboratory_s="time_s"), on=of, how="inner")
    apart = (pl.col("laboratory_s") - pl.col("time_s")).abs()
    same = both.filter(apart <= _SAME_S).select(*of, "time_s", "laboratory_s")
    seen = plates.join(same, on=[*of, "time_s"], how="left").with_columns(
        source=pl.when(apart > _AGREE_S)
        .then(pl.lit("ambiguous"))
        .otherwise(pl.lit("force plate"))
    )
    taken = same.select(*of, time_s="laboratory_s")
    rest = named.join(taken, on=[*of, "time_s"], how="anti").with_columns(
        laboratory_s="time_s", source=pl.lit("laboratory")
    )
    return pl.concat([seen, rest]).sort("time_s")


def _at_the_edge(poses: Poses) -> pl.expr.whenthen.Then:
    """Mark events that no method can see: too little of the movement is recorded."""
    first, last = poses["time_s"].min(), poses["time_s"].max()
    inside = pl.col("time_s").is_between(pl.lit(first) + EDGE_S, pl.lit(last) - EDGE_S)
    return pl.when(~inside).then(pl.lit("edge"))


#: Events of a foot are at least a contact apart; within this they are the same one.
_SAME_S = 0.15
#: Laboratories mark events by eye on frames of 10 to 17 ms.
_AGREE_S = 0.04


def _plate_windows(contacts: list[Contact]) -> tuple[tuple[str, float, float], ...]:
    return tuple((c.side, c.start_s, c.end_s) for c in contacts)


def _named_windows(events: Events) -> tuple[tuple[str, float, float], ...]:
    """Take a laboratory to have named all events from its first to its last."""
    found = events.group_by("side", maintain_order=True).agg(
        start=pl.col("time_s").min(), end=pl.col("time_s").max()
    )
    return tuple((str(s), float(a), float(b)) for s, a, b in found.iter_rows())


def _activity(poses: Poses, events: Events) -> str:
    """Tell running by the speed of the hips, on a treadmill by the duty factor."""
    array = to_array(poses)
    if "mid_hip" not in array.keypoints:
        return "walk"
    hips = array.point("mid_hip")
    good = np.isfinite(hips).all(axis=1)
    way, time = hips[good][:, [0, 2]], array.time_s[good]
    speed = np.linalg.norm(way[-1] - way[0]) / (time[-1] - time[0])
    if speed > WALK_RUN_M_S:
        return "run"
    own = events.filter(side="left").sort("time_s")
    contacts, lifts = (
        own.filter(event=event)["time_s"].to_numpy()
        for event in ("initial_contact", "toe_off")
    )
    stances = [lifts[lifts > t].min() - t for t in contacts if (lifts > t).any()]
    if len(contacts) < 2 or not stances:
        return "walk"
    duty = np.median(stances) / np.median(np.diff(contacts))
    return "run" if duty < 0.5 else "walk"


def _height_m(poses: Poses) -> float:
    array = to_array(poses)
    if "mid_hip" not in array.keypoints:
        return 1.75
    hips = np.nanmedian(array.point("mid_hip")[:, 1])
    lowest = [
        np.nanpercentile(array.point(k)[:, 1], 5)
        for k in array.keypoints
        if k.endswith(("heel", "big_toe"))
    ]
    return float(hips - min(lowest, default=0.0)) / HIP_HEIGHT_BH


def _forces_beside(path: Path) -> Path | None:
    """Find the file of forces: as the truth file says, else by name."""
    for entry in _documents(path).values():
        if isinstance(entry, dict) and _ends(entry.get("marker_file"), path.name):
            return path.parent / Path(str(entry["grf_file"])).name
    last = path.stem.rpartition("_")[2]
    names = (f"{path.stem}_grf.mot", f"{path.stem}_forces.mot", f"grf_{last}.mot")
    return next((path.with_name(n) for n in names if path.with_name(n).exists()), None)


def _known_speed(path: Path) -> float | None:
    for key, entry in _documents(path).items():
        number = "".join(c for c in path.stem if c.isdigit())
        if isinstance(entry, dict) and number and number in key:
            speed = entry.get("sacrum_mean_forward_speed_m_s")
            if speed is not None:
                return float(speed)
    return None


def _documents(path: Path) -> dict[str, Any]:
    """Read the truth file of a folder, ``GROUND_TRUTH.json``."""
    file = path.with_name("GROUND_TRUTH.json")
    if not file.exists():
        return {}
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        msg = f"{file} is not JSON: {error}"
        raise FormatError(msg) from error
    return document if isinstance(document, dict) else {}


def _ends(value: object, name: str) -> bool:
    return isinstance(value, str) and Path(value).name == name


def _turned(forces: Signals, axes: str) -> Signals:
    """Turn forces and centres of pressure as the markers were turned."""
    matrix = axes_matrix(axes)
    columns: dict[str, pl.Expr] = {}
    for name in forces.columns:
        stem, _, unit = name.rpartition("_x_")
        if not stem:
            continue
        old = [pl.col(f"{stem}_{a}_{unit}") for a in "xyz"]
        for row, axis in zip(matrix, "xyz", strict=True):
            turned = sum(
                (float(w) * c for w, c in zip(row, old, strict=True) if w), pl.lit(0.0)
            )
            columns[f"{stem}_{axis}_{unit}"] = turned
    return forces.with_columns(**columns)


#: Our angle -> what OpenSim and Plug-in-Gait call it; {S} is R or L, {s} is r or l.
_ANGLES = {
    "hip_flexion": ("hip_flexion_{s}_deg", "{S}HipAngles_x_deg"),
    "knee_flexion": ("knee_angle_{s}_deg", "{S}KneeAngles_x_deg"),
    "ankle_dorsiflexion": ("ankle_angle_{s}_deg", "{S}AnkleAngles_x_deg"),
}


def _model_angles(path: Path) -> Signals | None:
    try:
        return _renamed(read_signals(path))
    except FormatError:
        return None


def _inverse_kinematics(path: Path) -> Signals | None:
    """Find the joint angles that OpenSim computed from the same markers."""
    for name in (f"{path.stem}_ik.mot", f"{path.stem}.mot"):
        if path.with_name(name).exists():
            return _renamed(read_signals(path.with_name(name)))
    return None


def _renamed(signals: Signals) -> Signals | None:
    names = {
        spelled.format(s=side[0], S=side[0].upper()): f"{side}_{ours}_deg"
        for ours, spellings in _ANGLES.items()
        for spelled in spellings
        for side in ("left", "right")
    }
    found = {k: v for k, v in names.items() if k in signals.columns}
    return (
        signals.select("time_s", **{v: k for k, v in found.items()}) if found else None
    )
