"""TRC, the marker files of Motion Analysis, OpenSim, Pose2Sim and Sports2D."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.errors import FormatError, SchemaError, UnitError
from biomech.io.registry import Reading, reads
from biomech.io.source import clip_id_of, numbers, read_text
from biomech.markers import (
    MarkerArray,
    Markers,
    key_columns,
    marker_array,
    marker_table,
)
from biomech.schema import TRACK, Poses

Array = NDArray[np.float64]

#: Metres in one unit of length; pixels stay pixels.
LENGTHS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001}
#: Markers on one person, or on the way of one, are spread over lengths within this.
_PLAUSIBLE_SPREAD_M = (0.02, 15.0)
#: A printed time this close to the regular one, in frames, is its rounding.
_ROUNDING_FRAMES = 0.1


class _Header(NamedTuple):
    rate_hz: float
    unit: str
    names: list[str]
    origin: str
    first_row: int


def _is_trc(_path: Path, head: bytes) -> bool:
    return head.lstrip()[:12].lower() == b"pathfiletype"


@reads("markers", name="trc", suffixes=(".trc",), sniff=_is_trc)
def _read(path: Path, how: Reading) -> Markers:
    return read_trc(path, unit=how.unit)


def read_trc(path: str | Path, /, *, unit: str | None = None) -> Markers:
    """Read the markers of a TRC file, in the axes of the file.

    Header cells may be shifted, rows may have any line ends, empty cells and NaN in any
    spelling are missing. The times of the file are taken, unless they are those of a
    regular clock rounded for printing: then the exact ones. Files of Sports2D in
    pixels, whose header says metres, are recognised by their name.

    Parameters
    ----------
    path
        The file.
    unit
        ``"m"``, ``"cm"``, ``"mm"`` or ``"px"``, instead of what the header says.

    Returns
    -------
    A marker table in metres or pixels, one track; null where missing. Pixels keep x
    and y, y downwards.

    Raises
    ------
    FormatError
        If the file is missing, is not TRC, is cut, or its times do not increase.
    UnitError
        If the unit is unknown, or the size of the body contradicts it.

    References
    ----------
    OpenSim documentation, "Marker (.trc) Files".
    """
    path = Path(path)
    lines = read_text(path).split("\n")
    header = _header(lines, path)
    rows = [line for line in lines[header.first_row :] if line.strip()]
    cells = numbers(rows, columns=2 + 3 * len(header.names), where=str(path))
    time = _times(cells, header.rate_hz, path)
    xyz = cells[:, 2:].reshape(len(cells), -1, 3)
    length = unit or _unit_of(header, xyz, path)
    if length != "px" and length not in LENGTHS_M:
        msg = f"{path}: unknown unit {length!r}; allowed are m, cm, mm, px"
        raise UnitError(msg)
    xyz = xyz * LENGTHS_M.get(length, 1.0)
    frames = key_columns(clip_id_of(path), time)
    kind = "px" if length == "px" else "m"
    return marker_table(frames, names=header.names, xyz=xyz, unit=kind)


def _header(lines: list[str], path: Path) -> _Header:
    if len(lines) < 6 or not lines[0].lower().startswith("pathfiletype"):
        msg = f"{path} is not a TRC file, or is cut within the header"
        raise FormatError(msg)
    keys, values = lines[1].split(), lines[2].split()
    given = dict(zip((k.lower() for k in keys), values, strict=False))
    labels = [cell.strip() for cell in lines[3].split("\t")]
    names = [cell for cell in labels if cell][2:]
    if len(values) < len(keys) or not {"datarate", "units"} <= given.keys():
        msg = f"{path}: the third line should hold {keys}, found {values}"
        raise FormatError(msg)
    if not names or not labels[0].lower().startswith("frame"):
        msg = f"{path}: the fourth line should be 'Frame#, Time' and marker names"
        raise FormatError(msg)
    try:
        rate = float(given["datarate"])
    except ValueError as error:
        msg = f"{path}: DataRate is {given['datarate']!r}, not a number"
        raise FormatError(msg) from error
    return _Header(rate, given["units"].lower(), names, lines[0], 5)


def _times(cells: Array, rate_hz: float, path: Path) -> Array:
    """Check the clock, and undo the rounding of a regular one."""
    frame, time = cells[:, 0], cells[:, 1]
    if not np.isfinite(time).all():
        row = int(np.flatnonzero(~np.isfinite(time))[0]) + 1
        msg = f"{path}: row {row} has no time"
        raise FormatError(msg)
    if (np.diff(time) <= 0).any():
        row = int(np.flatnonzero(np.diff(time) <= 0)[0]) + 2
        msg = f"{path}: time does not increase at row {row} ({time[row - 1]} s)"
        raise FormatError(msg)
    if not rate_hz > 0 or not np.isfinite(frame).all():
        return time
    regular = (frame - frame[0]) / rate_hz
    regular += np.median(time - regular)
    rounded = np.abs(time - regular).max() <= _ROUNDING_FRAMES / rate_hz
    return regular if rounded else time


def _unit_of(header: _Header, xyz: Array, path: Path) -> str:
    """Take the unit of the header if the size of the body agrees with it."""
    spread = _spread(xyz)
    scale = LENGTHS_M.get(header.unit)
    low, high = _PLAUSIBLE_SPREAD_M
    if scale is None or not np.isfinite(spread) or low <= spread * scale <= high:
        return header.unit
    if "_px" in path.name or "_px_" in header.origin:
        warnings.warn(
            f"{path}: the header says {header.unit}, the name says pixels; "
            "read as pixels (say unit='px' to silence this)",
            stacklevel=4,
        )
        return "px"
    msg = (
        f"{path}: the header says {header.unit}, but the markers spread over "
        f"{spread:.4g} of them; say what they are: unit='px', 'mm', 'cm' or 'm'"
    )
    raise UnitError(msg)


def _spread(xyz: Array) -> float:
    """Measure the longest side of the box around the markers, median over frames."""
    seen = xyz[:, np.isfinite(xyz).all(axis=(0, 2))]
    if seen.shape[1] < 2:
        return np.nan
    return float(np.median(np.ptp(seen, axis=1).max(axis=1)))


#: Keypoints as Pose2Sim and Sports2D name them in their TRC files, which their OpenSim
#: set-up files expect.
POSE2SIM_NAMES = {
    "nose": "Nose",
    "head_top": "Head",
    "neck": "Neck",
    "mid_hip": "Hip",
    **{
        f"{side}_{part}": side[0].upper() + part.title().replace("_", "")
        for side in ("left", "right")
        for part in (
            *("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"),
            *("heel", "big_toe", "small_toe"),
        )
    },
}


def write_trc(
    table: Poses | Markers,
    path: str | Path,
    /,
    *,
    unit: str | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Write one track of poses or markers as TRC.

    Missing values become empty cells; two-dimensional coordinates get a z of 0.

    Parameters
    ----------
    table
        A `poses` or a marker table with one track.
    path
        Where to.
    unit
        ``"m"`` or ``"mm"`` for tables in metres; pixels are always written as ``px``.
    names
        How to call keypoints or markers; by default those of a `poses` table as
        Pose2Sim and its OpenSim set-ups call them, others unchanged.

    Raises
    ------
    SchemaError
        If the table has no rows, or several tracks.
    UnitError
        If the unit does not fit the table.
    FormatError
        If the file cannot be written.
    """
    path = Path(path)
    points = _points(table)
    if points.frames.select(TRACK).n_unique() != 1:
        n = points.frames.select(TRACK).n_unique()
        msg = f"a TRC file holds one track, this table has {n}"
        raise SchemaError(msg)
    allowed = ("px",) if points.unit == "px" else tuple(LENGTHS_M)
    length = unit or points.unit
    if length not in allowed:
        msg = f"cannot write {points.unit} as {length!r}; allowed are {allowed}"
        raise UnitError(msg)
    spelled = POSE2SIM_NAMES if names is None else names
    labels = [spelled.get(name, name) for name in points.names]
    xyz = np.zeros((*points.xyz.shape[:2], 3))
    xyz[:, :, : points.xyz.shape[2]] = points.xyz / LENGTHS_M.get(length, 1.0)
    xyz[np.isnan(xyz).any(axis=2)] = np.nan
    time = points.frames["time_s"].to_numpy()
    text = _trc_text(labels, xyz, time, length, path.name)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise FormatError(msg) from error


def _points(table: Poses | Markers) -> MarkerArray:
    """See poses as markers, so that one writer serves both."""
    try:
        poses = to_array(table)
    except SchemaError:
        return marker_array(table)
    if not poses.keypoints:
        return marker_array(table)
    return MarkerArray(poses.frames, poses.keypoints, poses.xyz, poses.unit)


_HEADER_KEYS = (
    *("DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units"),
    *("OrigDataRate", "OrigDataStartFrame", "OrigNumFrames"),
)


def _trc_text(
    labels: list[str], xyz: Array, time: Array, unit: str, file_name: str
) -> str:
    n, markers = xyz.shape[:2]
    rate = 1.0 / float(np.median(np.diff(time))) if n > 1 else 0.0
    head = [
        f"PathFileType\t4\t(X/Y/Z)\t{file_name}",
        "\t".join(_HEADER_KEYS),
        f"{rate:.6f}\t{rate:.6f}\t{n}\t{markers}\t{unit}\t{rate:.6f}\t1\t{n}",
        "Frame#\tTime\t" + "\t\t\t".join(labels) + "\t\t",
        "\t\t" + "\t".join(f"{a}{i}" for i in range(1, markers + 1) for a in "XYZ"),
        "",
    ]
    columns = {f"{i}": column for i, column in enumerate(xyz.reshape(n, -1).T)}
    body = pl.DataFrame(
        {"frame": np.arange(1, n + 1), "time": time, **columns}
    ).with_columns(pl.col(list(columns)).fill_nan(None))
    rows = body.write_csv(separator="\t", include_header=False, null_value="")
    return "\n".join(head) + "\n" + rows
