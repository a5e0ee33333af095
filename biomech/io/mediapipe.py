"""MediaPipe and BlazePose: the layouts people save its 33 landmarks in."""

import io
import re
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import FormatError
from biomech.io.detections import Person, poses_of
from biomech.io.registry import Reading, reads
from biomech.io.source import read_json, read_text
from biomech.keypoint_names import keypoint_named
from biomech.schema import Poses
from biomech.skeletons import BLAZEPOSE33

Array = NDArray[np.float64]

_N = len(BLAZEPOSE33)
_NESTED = re.compile(rb"^\s*\[\s*\[\s*\[\s*-?\d")
#: Columns of the wide layouts: ``0_x``, ``x0``, ``landmark_0_x``, ``left_knee_x``,
#: ``LEFT_KNEE_visibility``.
_WIDE = re.compile(
    r"(?:(?:landmark_?|lm_?)?(?P<number>\d+)_?(?P<axis>x|y|v|visibility)"
    r"|(?P<axis_2>x|y|v|visibility)_?(?P<number_2>\d+)"
    r"|(?P<name>[a-z_ ]+)[_. ](?P<axis_3>x|y|v|visibility))"
)
#: Columns of the long layouts, by what they may be called.
_LONG = {
    "frame": ("frame", "frame_id", "frame_number", "frame_idx", "image"),
    "landmark": ("landmarkid", "landmark_id", "landmark", "id", "joint", "keypoint"),
    "x": ("x",),
    "y": ("y",),
    "v": ("visibility", "v", "presence", "confidence"),
}
#: Fractions of the picture may lie a little outside of it.
_MOST_FRACTION = 4.0
#: Two hours at 60 frames/s: further apart, numbers are no frames.
_MOST_FRAMES = 432_000


def _is_nested(_path: Path, head: bytes) -> bool:
    return bool(_NESTED.search(head))


def _is_csv(_path: Path, head: bytes) -> bool:
    columns = _header(head.decode("utf-8", "replace"))
    return _long_columns(columns) is not None or len(_wide_columns(columns)) >= _N


def _header(text: str) -> list[str]:
    line = text.lstrip("\ufeff").splitlines()[0] if text.strip() else ""
    return [cell.strip().strip('"').lower() for cell in re.split("[,;\t]", line)]


@reads("poses", name="mediapipe", suffixes=(".json",), sniff=_is_nested)
def read_landmark_json(path: Path, how: Reading, /) -> Poses:
    """Read nested lists of landmarks: frames, 33 landmarks, then x, y and more.

    Parameters
    ----------
    path
        The file.
    how
        The frame rate, and the size of the picture where it holds fractions of it.

    Returns
    -------
    A `poses` table in pixels, without confidence: the third number is a depth.

    Raises
    ------
    FormatError
        If it is not 33 landmarks per frame.
    """
    try:
        values = np.array(read_json(path), dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{path} is not an array of numbers"
        raise FormatError(msg) from error
    if values.ndim != 3 or values.shape[1] != _N or values.shape[2] < 2:
        msg = f"{path} has shape {values.shape}, expected (frames, {_N}, 2 or more)"
        raise FormatError(msg)
    unknown = np.full((*values.shape[:2], 1), np.nan)
    return _poses(np.concatenate([values[..., :2], unknown], axis=2), path, how)


@reads("poses", name="mediapipe", suffixes=(".csv",), sniff=_is_csv)
def read_landmark_csv(path: Path, how: Reading, /) -> Poses:
    """Read a table of landmarks, long (a row per landmark) or wide (a row per frame).

    Parameters
    ----------
    path
        The file: long with columns such as ``Frame, LandmarkID, X, Y``, or wide with
        columns such as ``0_x``, ``x0`` or ``left_knee_x``.
    how
        The frame rate, and the size of the picture where it holds fractions of it.

    Returns
    -------
    A `poses` table in pixels; confidence is the visibility if the file has it.

    Raises
    ------
    FormatError
        If the columns are none of these.
    """
    text = read_text(path)
    columns = _header(text)
    separator = next((s for s in (",", ";", "\t") if s in text.splitlines()[0]), ",")
    try:
        table = pl.read_csv(
            io.BytesIO(text.encode()),
            separator=separator,
            infer_schema_length=None,
            null_values=["", "nan", "NaN", "None", "null"],
        )
    except pl.exceptions.PolarsError as error:
        msg = f"{path} is not a table: {str(error).splitlines()[0]}"
        raise FormatError(msg) from error
    table = table.rename(dict(zip(table.columns, columns, strict=True)))
    long = _long_columns(columns)
    return _poses(
        _unfolded(table, long, path) if long else _wide(table, path), path, how
    )


def _long_columns(columns: list[str]) -> dict[str, str] | None:
    found = {
        what: next((c for c in columns if c in names), "")
        for what, names in _LONG.items()
    }
    needed = (found["frame"], found["landmark"], found["x"], found["y"])
    return found if all(needed) else None


def _wide_columns(columns: list[str]) -> dict[str, tuple[int, str]]:
    """Tell landmark and axis of every column that has them."""
    found = {}
    for column in columns:
        match = _WIDE.fullmatch(column)
        if match is None:
            continue
        axis = match["axis"] or match["axis_2"] or match["axis_3"]
        name = keypoint_named(match["name"]) if match["name"] else None
        number = match["number"] or match["number_2"]
        place = (
            BLAZEPOSE33.keypoints.index(name) if name in BLAZEPOSE33.keypoints else -1
        )
        place = int(number) if number else place
        if 0 <= place <= _N:
            found[column] = (place, axis[0])
    return found


def _wide(table: pl.DataFrame, path: Path) -> Array:
    places = _wide_columns(table.columns)
    first = min((p for p, _ in places.values()), default=0)
    from_one = first == 1 and max(p for p, _ in places.values()) == _N
    values = np.full((table.height, _N, 3), np.nan)
    for column, (place, axis) in places.items():
        series = table[column].cast(pl.Float64, strict=False)
        if place - from_one < _N:
            values[:, place - from_one, "xyv".index(axis)] = series.to_numpy()
    if not np.isfinite(values[..., :2]).any():
        msg = f"{path} holds no numbers in its landmark columns"
        raise FormatError(msg)
    return values


def _unfolded(table: pl.DataFrame, columns: dict[str, str], path: Path) -> Array:
    """Spread a long table over frames and landmarks; frames left out stay missing."""
    frame, landmark = (
        table[columns[c]].cast(pl.Int64, strict=False) for c in ("frame", "landmark")
    )
    good = (frame.is_not_null() & landmark.is_between(0, _N - 1)).fill_null(value=False)
    rows = table.filter(good)
    at = frame.filter(good).to_numpy()
    place = landmark.filter(good).to_numpy()
    if not len(at) or int(at.max()) - int(at.min()) > _MOST_FRAMES:
        msg = f"{path}: the frames are not numbered, or not close to each other"
        raise FormatError(msg)
    values = np.full((int(at.max()) - int(at.min()) + 1, _N, 3), np.nan)
    for k, what in enumerate(("x", "y", "v")):
        if columns[what]:
            numbers = rows[columns[what]].cast(pl.Float64, strict=False).to_numpy()
            values[at - at.min(), place, k] = numbers
    return values


def _poses(values: Array, path: Path, how: Reading) -> Poses:
    """Make poses of one person; fractions of the picture are told by their size."""
    xy = values[..., :2]
    if not np.isfinite(xy).any():
        msg = f"{path} holds no landmarks"
        raise FormatError(msg)
    fraction = float(np.nanmax(np.abs(xy))) <= _MOST_FRACTION
    unit = "picture" if fraction and how.unit != "px" else "px"
    people = [Person(i, 0, points) for i, points in enumerate(values)]
    return poses_of(people, path, names=BLAZEPOSE33.keypoints, how=how, unit=unit)
