"""Ground points of clips: from job files to tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from biomech.errors import ConfigError, SchemaError
from biomech.ground import ground_plane

#: ``x_px, y_px, x_m, y_m``, and ``time_s`` where the camera moves.
GroundPoint = dict[str, float]


def ground_points(rows: Sequence[GroundPoint], /) -> pl.DataFrame:
    """Make the table that `biomech.ground_plane` takes.

    Parameters
    ----------
    rows
        One point each; some may lack what others have.

    Returns
    -------
    One row per point, all columns Float64.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64))


def check_ground(rows: Sequence[GroundPoint], /) -> None:
    """Refuse points that show no plane.

    Parameters
    ----------
    rows
        One point each.

    Raises
    ------
    ConfigError
        If a coordinate is missing, or the points show no plane, or not one.
    """
    try:
        ground_plane(ground_points(rows))
    except SchemaError as error:
        raise ConfigError(str(error)) from error


def with_ground_files(document: Mapping[str, Any], folder: Path, /) -> dict[str, Any]:
    """Read the CSV files that a job file names as ``ground``.

    Parameters
    ----------
    document
        A job file, as TOML reads it.
    folder
        Where it lies.

    Returns
    -------
    The document with the points in the places of the names.

    Raises
    ------
    ConfigError
        If a file cannot be read.
    """
    new = _with_points(document, folder)
    clips = document.get("clips")
    if isinstance(clips, Mapping):
        new["clips"] = {
            name: _with_points(known, folder) if isinstance(known, Mapping) else known
            for name, known in clips.items()
        }
    return new


def _with_points(known: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Replace the name of a file by what it holds."""
    if not isinstance(known.get("ground"), str):
        return dict(known)
    path = folder / known["ground"]
    try:
        points = pl.read_csv(path, infer_schema_length=None)
    except (OSError, pl.exceptions.PolarsError) as error:
        msg = f"cannot read the ground points in {str(path)!r}: {error}"
        raise ConfigError(msg) from error
    return {**known, "ground": points.to_dicts()}
