"""Reading files of others, whatever their format.

Every module imported here registers its readers with `biomech.io.registry`.
"""

from pathlib import Path

import polars as pl

from biomech.io import (
    alphapose,
    c3d,
    coco,
    deeplabcut,
    detectron,
    free_throws,
    mediapipe,
    mmpose,
    mot,
    openpifpaf,
    openpose,
    pitches,
    posenet,
    sleap,
    tidy,
    trc,
    yolo,
)
from biomech.io.registry import FORMATS, Reading, find_format
from biomech.marker_maps import to_poses
from biomech.markers import Markers
from biomech.schema import EVENTS, POSES, SIGNALS, Events, Poses, Signals

#: The modules whose formats are known.
MODULES = (
    *(tidy, openpose, mmpose, coco, alphapose, openpifpaf, posenet, detectron),
    *(mediapipe, yolo, trc, c3d, deeplabcut, sleap, mot, pitches, free_throws),
)


def formats() -> pl.DataFrame:
    """List the formats that can be read.

    Returns
    -------
    A table with ``format``, ``holds`` (poses, markers, events, forces, signals) and
    ``suffixes``.
    """
    rows = [(f.name, f.holds, ", ".join(f.suffixes) or "folder") for f in FORMATS]
    return pl.DataFrame(rows, schema=["format", "holds", "suffixes"], orient="row")


def read_file(
    path: str | Path,
    /,
    *,
    format: str = "auto",  # noqa: A002 - what everybody calls it
    rate_hz: float | None = None,
    unit: str | None = None,
    axes: str = "auto",
    mapping: str | Path = "auto",
    skeleton: str | None = None,
    size_px: tuple[int, int] | None = None,
) -> Poses:
    """Read poses from a file of another program.

    Parameters
    ----------
    path
        A file, or a folder of files of which each holds one frame.
    format
        Its name (see `formats`), or ``"auto"`` to look at suffix and content.
    rate_hz
        Frames per second, for formats without a clock.
    unit
        ``"m"``, ``"mm"``, ``"cm"`` or ``"px"``, instead of what the header says.
    axes
        For three-dimensional data: which axes of the file are forward, up and right,
        such as ``"x,z,-y"``, or ``"auto"`` to see it from the body.
    mapping
        For markers: a built-in mapping, a TOML file, or ``"auto"``.
    skeleton
        Skeleton by name, where the number of keypoints does not tell.
    size_px
        Width and height of the picture, for formats in fractions of it.

    Returns
    -------
    A `poses` table: pixels with y down, or metres with X forward, Y up, Z right.

    Raises
    ------
    FormatError
        If the file is missing, damaged or in no known format, or lacks something that
        must be said (the frame rate, the axes).
    UnitError
        If its unit is unknown or contradicts the numbers.
    SkeletonError
        If its points are not those of a person.
    """
    path = Path(path)
    how = Reading(rate_hz, unit, axes, str(mapping), skeleton, size_px)
    found = find_format(path, "poses", "markers", name=format)
    table = found.read(path, how)
    if found.holds == "markers":
        table = to_poses(table, mapping=mapping, axes=axes)
    POSES.validate(table)
    return table


def read_markers(
    path: str | Path,
    /,
    *,
    format: str = "auto",  # noqa: A002 - what everybody calls it
    unit: str | None = None,
    rate_hz: float | None = None,
) -> Markers:
    """Read markers, in the axes of the file.

    Parameters
    ----------
    path
        A TRC, C3D, DeepLabCut or SLEAP file.
    format
        Its name (see `formats`), or ``"auto"``.
    rate_hz
        Frames per second, for formats without a clock.
    unit
        ``"m"``, ``"mm"``, ``"cm"`` or ``"px"``, instead of what the header says.

    Returns
    -------
    A marker table (a `signals` table with ``<marker>_x_m`` ...).

    Raises
    ------
    FormatError, UnitError
        As `read_file`.
    """
    path = Path(path)
    found = find_format(path, "markers", name=format)
    return _checked(found.read(path, Reading(unit=unit, rate_hz=rate_hz)))


def read_events(
    path: str | Path,
    /,
    *,
    format: str = "auto",  # noqa: A002 - what everybody calls it
) -> Events:
    """Read the events that a file names.

    Parameters
    ----------
    path
        A C3D file.
    format
        ``"c3d"`` or ``"auto"``.

    Returns
    -------
    An `events` table.

    Raises
    ------
    FormatError
        As `read_file`.
    """
    path = Path(path)
    events = find_format(path, "events", name=format).read(path, Reading())
    EVENTS.validate(events)
    return events


def read_forces(
    path: str | Path,
    /,
    *,
    format: str = "auto",  # noqa: A002 - what everybody calls it
    axes: str = "auto",
) -> Signals:
    """Read ground reaction forces and centres of pressure.

    Parameters
    ----------
    path
        A MOT, STO or C3D file.
    format
        ``"mot"``, ``"c3d"`` or ``"auto"``.
    axes
        For C3D: which axes of the file are forward, up and right; ``"auto"`` takes Z
        up. `biomech.marker_maps.marker_axes` tells those of its markers.

    Returns
    -------
    A `signals` table with ``<plate>_force_y_n`` (up), ``<plate>_cop_x_m`` and so on.

    Raises
    ------
    FormatError
        As `read_file`.
    """
    path = Path(path)
    found = find_format(path, "forces", name=format)
    return _checked(found.read(path, Reading(axes=axes)))


def read_signals(
    path: str | Path,
    /,
    *,
    format: str = "auto",  # noqa: A002 - what everybody calls it
) -> Signals:
    """Read curves: angles, translations and whatever else a motion file holds.

    Parameters
    ----------
    path
        A MOT or STO file, or a C3D file with modelled angles.
    format
        ``"mot"``, ``"c3d"`` or ``"auto"``.

    Returns
    -------
    A `signals` table, every column with the suffix of its unit.

    Raises
    ------
    FormatError
        As `read_file`.
    """
    path = Path(path)
    return _checked(find_format(path, "signals", name=format).read(path, Reading()))


def _checked(signals: Signals) -> Signals:
    SIGNALS.validate(signals)
    return signals
