"""Tables for users of pandas and xarray; both packages are optional."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import polars.selectors as cs

from biomech.arrays import to_array
from biomech.errors import ConfigError, SchemaError
from biomech.schema import POSES, Poses

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Steps of time may differ by this much from the usual one and still be one rate:
#: timestamps in whole milliseconds at 60 frames/s differ by 4 %.
_REGULAR_RATIO = 0.1


def to_pandas(table: pl.DataFrame, /) -> "pd.DataFrame":
    """Turn any table into a pandas frame, without changing what its columns mean.

    Parameters
    ----------
    table
        Any polars frame.

    Returns
    -------
    The same rows and columns. Missing numbers are NaN; whole numbers and booleans of
    which some are missing become pandas' ``Int32``, ``Int64``, ``boolean`` with NA and
    not floats; enumerations become categories.

    Raises
    ------
    ConfigError
        If pandas or pyarrow is not installed.
    """
    pandas = _required("pandas", "pandas frames")
    _required("pyarrow", "pandas frames")
    frame = table.to_pandas()
    holed = table.select(cs.integer() | cs.boolean())
    for name in (c for c in holed.columns if holed[c].has_nulls()):
        dtype = "boolean" if holed[name].dtype == pl.Boolean else str(holed[name].dtype)
        frame[name] = pandas.array(holed[name].to_list(), dtype=dtype)
    return frame


def to_xarray(poses: Poses, /) -> "xr.Dataset":
    """Turn the poses of one clip into a dataset as the package `movement` uses them.

    Parameters
    ----------
    poses
        A `poses` table of one clip.

    Returns
    -------
    ``position`` with the dimensions time, space, keypoint, individual, and
    ``confidence`` with time, keypoint, individual; NaN where missing. Time is in
    seconds, with the frame number as a second coordinate; space is x, y[, z] in the
    unit and direction of the table (pixels have y down), which ``attrs["space_unit"]``
    names; an individual is ``id_<track_id>``. ``attrs["fps"]`` is there only if the
    steps of time are even.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, holds several clips, or gives one frame two
        times or one person two rows in a frame.
    ConfigError
        If xarray is not installed.

    Notes
    -----
    Names of dimensions are singular, as in movement 0.17 and later; rename them to
    ``keypoints`` and ``individuals`` for older versions.

    References
    ----------
    Sirmpilatze et al., movement, doi:10.5281/zenodo.12755724.
    """
    xarray = _required("xarray", "xarray datasets")
    POSES.check(poses)
    _check_one_clip(poses)
    array = to_array(poses)
    clock = poses.select("frame", "time_s").unique("frame").sort("frame")
    people = np.unique(poses["track_id"].to_numpy())
    row = np.searchsorted(clock["frame"].to_numpy(), poses["frame"].to_numpy())
    person = np.searchsorted(people, poses["track_id"].to_numpy())
    n_keypoints, n_dims = array.xyz.shape[1:]
    position = np.full((clock.height, len(people), n_keypoints, n_dims), np.nan)
    position[row, person] = array.xyz
    confidence = np.full(position.shape[:3], np.nan)
    confidence[row, person] = array.confidence
    dims = ("time", "space", "keypoint", "individual")
    return xarray.Dataset(
        {
            "position": (dims, position.transpose(0, 3, 2, 1)),
            "confidence": ((dims[0], *dims[2:]), confidence.transpose(0, 2, 1)),
        },
        coords={
            "time": clock["time_s"].to_numpy(),
            "space": list("xyz"[:n_dims]),
            "keypoint": list(array.keypoints),
            "individual": [f"id_{track}" for track in people],
            "frame": ("time", clock["frame"].to_numpy()),
        },
        attrs={
            "ds_type": "poses",
            "source_software": "biomech",
            "time_unit": "seconds",
            "space_unit": array.unit,
            "clip_id": str(poses["clip_id"].first() or ""),
            **_fps(clock),
        },
    )


def _check_one_clip(poses: Poses) -> None:
    problems = []
    clips = sorted(poses["clip_id"].unique())
    if len(clips) > 1:
        problems.append(f"one clip is allowed, found {len(clips)}: {clips[:5]}")
    elif poses.group_by("frame").agg(pl.col("time_s").n_unique() > 1)["time_s"].any():
        problems.append("a frame has two times")
    if poses.select("clip_id", "track_id", "frame").is_duplicated().any():
        problems.append("a track has two rows in a frame")
    if problems:
        raise SchemaError("; ".join(problems))


def _fps(clock: pl.DataFrame) -> dict[str, float]:
    """Give the frame rate, if there is one."""
    step = np.diff(clock["time_s"].to_numpy())
    if step.size == 0:
        return {}
    usual = float(np.median(step))
    even = usual > 0 and np.abs(step - usual).max() <= _REGULAR_RATIO * usual
    return {"fps": 1 / float(step.mean())} if even else {}


def _required(package: str, what: str) -> Any:
    """Import an optional package, or say how to get it."""
    try:
        return import_module(package)
    except ImportError as error:
        msg = f"{what} need the package {package}: pip install 'biomech[notebook]'"
        raise ConfigError(msg) from error
