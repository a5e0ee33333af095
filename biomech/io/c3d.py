"""C3D, the files of motion-capture laboratories; needs the extra ``biomech[c3d]``.

Byte orders and integer or real storage are the matter of ezc3d; here the traps above
that: trial clock, events, placeholders, subject prefixes, modelled outputs among the
points, force plates.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.axes import axes_matrix
from biomech.errors import FormatError, UnitError
from biomech.io.c3d_structure import problem_with
from biomech.io.registry import Reading, reads
from biomech.io.source import clip_id_of, read_bytes
from biomech.io.trc import LENGTHS_M
from biomech.markers import Markers, key_columns, marker_table
from biomech.schema import EVENTS, Events, Signals

Array = NDArray[np.float64]

#: Groups of labels in POINT that are not places.
_NOT_PLACES = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "ANGLE", "FORCE")
#: The same by name, for files without such groups.
_NOT_PLACE = re.compile(
    r".*(angles?v?|forces?|moments?|powers?|grf|projections|cop)$", re.IGNORECASE
)
#: What laboratories call the events of gait, without side.
_EVENTS = {
    **dict.fromkeys(
        ("foot strike", "heel strike", "initial contact"), "initial_contact"
    ),
    **dict.fromkeys(("hs", "fs", "ic", "mfs"), "initial_contact"),
    **dict.fromkeys(("foot off", "toe off", "to", "fo", "tc", "mfo"), "toe_off"),
}
_SIDES = {"left": "left", "right": "right", "l": "left", "r": "right"}


class _Points(NamedTuple):
    """Points of a C3D file: labels, coordinates and clock."""

    labels: list[str]
    xyz: Array
    time_s: Array
    unit: str
    groups: set[str]


def _is_c3d(_path: Path, head: bytes) -> bool:
    return len(head) > 1 and head[1] == 0x50


@reads("markers", name="c3d", suffixes=(".c3d",), sniff=_is_c3d)
def _read_markers(path: Path, how: Reading) -> Markers:
    return read_c3d_markers(path, unit=how.unit)


@reads("events", name="c3d", suffixes=(".c3d",), sniff=_is_c3d)
def _read_events(path: Path, _how: Reading) -> Events:
    return read_c3d_events(path)


@reads("forces", name="c3d", suffixes=(".c3d",), sniff=_is_c3d)
def _read_forces(path: Path, how: Reading) -> Signals:
    return read_c3d_forces(path, axes="x,z,-y" if how.axes == "auto" else how.axes)


@reads("signals", name="c3d", suffixes=(".c3d",), sniff=_is_c3d)
def _read_signals(path: Path, _how: Reading) -> Signals:
    return read_c3d_angles(path)


def read_c3d_markers(path: str | Path, /, *, unit: str | None = None) -> Markers:
    """Read the markers of a C3D file, in the axes of the file.

    Times are those of the trial clock: the first frame of a trimmed file is not at 0.
    Points at exactly (0, 0, 0) are placeholders, so missing. Subjects, told apart by
    the prefix of their labels (``Derrick:LASI``), become tracks; labels without a
    prefix belong to the first. Unlabelled points (``*12``) and modelled angles, forces,
    moments and powers are left out; modelled points stay.

    Parameters
    ----------
    path
        The file.
    unit
        ``"m"``, ``"cm"`` or ``"mm"``, instead of what the file says.

    Returns
    -------
    A marker table in metres, one track per subject; null where missing.

    Raises
    ------
    FormatError
        If the file is missing, empty, damaged or no C3D, or ezc3d is not installed.
    UnitError
        If its unit of length is unknown.
    """
    path = Path(path)
    points = _points(_load(path), path)
    length = unit or points.unit
    if length not in LENGTHS_M:
        msg = f"{path}: unknown unit of length {length!r}; allowed are m, cm, mm"
        raise UnitError(msg)
    xyz = points.xyz * LENGTHS_M[length]
    subjects = _subjects(points)
    if not subjects:
        msg = f"{path} holds no markers; its points are {points.labels[:20]}"
        raise FormatError(msg)
    tables = []
    for track, columns in enumerate(subjects.values()):
        frames = key_columns(clip_id_of(path), points.time_s, track_id=track)
        names = [points.labels[i].rpartition(":")[2] for i in columns]
        part = marker_table(frames, names=names, xyz=xyz[:, columns], unit="m")
        tables.append(part)
    return pl.concat(tables, how="diagonal")


def _load(path: Path, *, plates: bool = False) -> Any:
    """Open a file with ezc3d, whose errors are OSError, ValueError and RuntimeError."""
    if not path.is_file():
        msg = f"cannot read {path}: no such file"
        raise FormatError(msg)
    try:
        import ezc3d
    except ImportError as error:
        msg = "reading C3D needs the package ezc3d: pip install 'biomech[c3d]'"
        raise FormatError(msg) from error
    if problem := problem_with(read_bytes(path)):
        msg = f"cannot read {path} as C3D: {problem}"
        raise FormatError(msg)
    try:
        document = ezc3d.c3d(str(path), extract_forceplat_data=plates)
    except (OSError, ValueError, RuntimeError, IndexError, MemoryError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = f"cannot read {path} as C3D: {why}"
        raise FormatError(msg) from error
    rate = document["header"]["points"]["frame_rate"]
    if "POINT" not in document["parameters"] or not 0 < rate < np.inf:
        msg = f"cannot read {path} as C3D: no points, or a frame rate of {rate}"
        raise FormatError(msg)
    return document


def _points(document: Any, path: Path) -> _Points:
    group = document["parameters"]["POINT"]
    values = np.asarray(document["data"]["points"], dtype=np.float64)
    xyz = np.moveaxis(values[:3], (0, 1, 2), (2, 1, 0))
    xyz[(xyz == 0).all(axis=2)] = np.nan
    labels = [_text(x) for key in _keys(group, "LABELS") for x in _list(group, key)]
    if xyz.size == 0 or not labels:
        msg = f"{path} holds no points"
        raise FormatError(msg)
    labels += [""] * (xyz.shape[1] - len(labels))
    units = _list(group, "UNITS")
    groups = {_text(x) for name in _NOT_PLACES for x in _list(group, name)} - {""}
    unit = _text(units[0]).lower() if units else "mm"
    return _Points(
        labels[: xyz.shape[1]], xyz, _clock(document, len(xyz)), unit, groups
    )


def _keys(group: Any, name: str) -> list[str]:
    """List LABELS, LABELS2, ...: a parameter holds at most 255 entries."""
    numbered = [f"{name}{i}" for i in range(2, 10)]
    return [key for key in (name, *numbered) if key in group]


def _list(group: Any, key: str) -> list[Any]:
    value = group.get(key, {}).get("value", [])
    return list(np.atleast_1d(value))


def _text(value: Any) -> str:
    """Read a text of a file whose letters may be of any age."""
    return str(value).encode("utf-8", "surrogateescape").decode("latin-1").strip()


def _clock(document: Any, n: int) -> Array:
    """Time of every frame on the trial clock, whose frame 1 is at 0 s."""
    points = document["header"]["points"]
    clock: Array = (points["first_frame"] + np.arange(n)) / points["frame_rate"]
    return clock


def _subjects(points: _Points) -> dict[str, list[int]]:
    """Sort the places among the points by subject, in order of appearance."""
    places = [
        i for i, label in enumerate(points.labels) if _is_place(label, points.groups)
    ]
    prefixes = [points.labels[i].rpartition(":")[0] for i in places]
    first = next((p for p in prefixes if p), "")
    subjects: dict[str, list[int]] = {}
    for i, prefix in zip(places, prefixes, strict=True):
        subjects.setdefault(prefix or first, []).append(i)
    return subjects


def _is_place(label: str, groups: set[str]) -> bool:
    name = label.rpartition(":")[2]
    unlabelled = name.startswith("*") or name in ("", "0")
    return not (unlabelled or label in groups or _NOT_PLACE.fullmatch(name))


def read_c3d_events(path: str | Path, /) -> Events:
    """Read the foot contacts and lift-offs that a C3D file names.

    Events on the trial clock; those at 0 s in a file that starts later, and those
    outside the file, are placeholders and left out. Names as laboratories write them:
    ``Foot Strike`` with context ``Left``, ``LHS``, ``RTO``, ``mFS`` (measured by plate;
    ``eFS`` is an estimate and left out). Other events are left out.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    An `events` table, sorted by time; no rows if the file names none.

    Raises
    ------
    FormatError
        If the file is missing, damaged or no C3D, or ezc3d is not installed.
    """
    path = Path(path)
    document = _load(path)
    points = document["header"]["points"]
    clock = _clock(document, points["last_frame"] - points["first_frame"] + 1)
    group = document["parameters"].get("EVENT", {})
    labels, contexts = _list(group, "LABELS"), _list(group, "CONTEXTS")
    contexts += [""] * (len(labels) - len(contexts))
    times = _event_times(group, len(labels))
    rows = []
    for label, context, time in zip(labels, contexts, times, strict=False):
        event, side = _event(str(label), str(context))
        inside = clock[0] - 1e-9 <= time <= clock[-1] + 1e-9 and time > 0
        if event and side and inside:
            rows.append((event, side, int(np.argmin(np.abs(clock - time))), time))
    return _events(rows, clip_id_of(path))


def _event_times(group: Any, n: int) -> Array:
    """Put minutes and seconds together; the shape of TIMES differs between writers."""
    times = np.asarray(group.get("TIMES", {}).get("value", []), dtype=np.float64)
    if times.size != 2 * n:
        return np.zeros(0)
    pairs = times if times.shape == (2, n) else times.reshape(n, 2).T
    seconds: Array = 60.0 * pairs[0] + pairs[1]
    return seconds


def _event(label: str, context: str) -> tuple[str | None, str | None]:
    """Tell event and side; the side from the context, or the letter before the name."""
    words = label.strip().lower()
    side = _SIDES.get(context.strip().lower())
    if words in _EVENTS:
        return _EVENTS[words], side
    for prefix in ("left ", "right ", "l", "r"):
        rest = words.removeprefix(prefix).strip()
        if rest != words and rest in _EVENTS:
            return _EVENTS[rest], _SIDES[prefix.strip()]
    return None, None


def _events(rows: Sequence[tuple[str, str, int, float]], clip_id: str) -> Events:
    names = ("event", "side", "frame", "time_s")
    columns = {n: [row[i] for row in rows] for i, n in enumerate(names)}
    table = pl.DataFrame(columns, schema_overrides={"time_s": pl.Float64}).with_columns(
        clip_id=pl.lit(clip_id),
        track_id=pl.lit(0),
        time_sd_s=pl.lit(None),
        confidence=pl.lit(None),
    )
    wanted = [pl.col(n).cast(c.dtype) for n, c in EVENTS.columns.items()]
    return table.select(wanted).unique(EVENTS.key, maintain_order=True).sort("time_s")


def read_c3d_forces(path: str | Path, /, *, axes: str = "x,z,-y") -> Signals:
    """Read the force plates of a C3D file: what the ground does to the body.

    Parameters
    ----------
    path
        The file.
    axes
        Which axes of the file are forward, up and right. By default those of a
        laboratory with Z up.

    Returns
    -------
    A `signals` table at the rate of the plates, on the trial clock: for every plate
    ``plate1_force_x_n, _y_n, _z_n`` (y up, positive when somebody stands on it) and the
    centre of pressure ``plate1_cop_x_m, _y_m, _z_m``, null where there is no load. No
    columns for plates whose calibration the file lacks.

    Raises
    ------
    FormatError
        If the file is missing, damaged or no C3D, holds no force plates, or ezc3d is
        not installed.
    """
    path = Path(path)
    document = _load(path, plates=True)
    platforms = [
        plate
        for plate in document["data"].get("platform", [])
        if np.ndim(plate.get("force")) == 2 and np.size(plate["force"])
    ]
    if not platforms:
        msg = f"{path} holds no force plates that are calibrated"
        raise FormatError(msg)
    matrix = axes_matrix(axes)
    points = document["header"]["points"]
    n = platforms[0]["force"].shape[1]
    n_frames = points["last_frame"] - points["first_frame"] + 1
    start = points["first_frame"] / points["frame_rate"]
    time = start + np.arange(n) * n_frames / (points["frame_rate"] * n)
    columns: dict[str, Array] = {}
    for i, plate in enumerate(platforms, start=1):
        force = matrix @ np.asarray(plate["force"], dtype=np.float64)
        scale = LENGTHS_M.get(str(plate.get("unit_position", "mm")).lower(), 0.001)
        cop = np.asarray(plate["center_of_pressure"], dtype=np.float64) * scale
        cop[:, ~np.isfinite(cop).all(axis=0)] = 0.0
        cop = matrix @ cop
        cop[:, np.abs(force[1]) < _LEAST_LOAD_N] = np.nan
        columns |= {f"plate{i}_force_{a}_n": force[k] for k, a in enumerate("xyz")}
        columns |= {f"plate{i}_cop_{a}_m": cop[k] for k, a in enumerate("xyz")}
    values = pl.DataFrame(columns).with_columns(pl.all().fill_nan(None))
    return pl.concat([key_columns(clip_id_of(path), time), values], how="horizontal")


#: A centre of pressure is force moments over force: below this it is noise.
_LEAST_LOAD_N = 10.0


def read_c3d_angles(path: str | Path, /) -> Signals:
    """Read the joint angles that the laboratory's own model wrote into a C3D file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    A `signals` table: for a label such as ``LKneeAngles`` the columns
    ``LKneeAngles_x_deg, _y_deg, _z_deg``, in the signs of that model; null outside the
    frames it modelled.

    Raises
    ------
    FormatError
        If the file is missing, damaged or no C3D, holds no angles, or ezc3d is not
        installed.
    """
    path = Path(path)
    document = _load(path)
    points = _points(document, path)
    group = document["parameters"]["POINT"]
    listed = {_text(x) for x in _list(group, "ANGLES")}
    chosen = [
        i
        for i, label in enumerate(points.labels)
        if label and (label in listed or re.fullmatch(r".*Angles?", label))
    ]
    if not chosen:
        msg = f"{path} holds no modelled angles"
        raise FormatError(msg)
    names = [points.labels[i].rpartition(":")[2] for i in chosen]
    columns = {
        f"{name}_{a}_deg": points.xyz[:, i, k]
        for name, i in zip(names, chosen, strict=True)
        for k, a in enumerate("xyz")
    }
    values = pl.DataFrame(columns).with_columns(pl.all().fill_nan(None))
    frames = key_columns(clip_id_of(path), points.time_s)
    return pl.concat([frames, values], how="horizontal")
