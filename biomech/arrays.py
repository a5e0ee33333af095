"""From pose tables to arrays and back, the only border of null and NaN beside `expr`.

Array axes are always (frames, keypoints, dims).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from biomech.errors import SchemaError, SkeletonError, did_you_mean
from biomech.schema import FRAME, POSES, Poses, keypoint_columns
from biomech.skeletons import KEYPOINTS

Array = NDArray[np.float64]

_KEY = (*FRAME, "time_s")
_AXES = {"px": ("x_px", "y_px"), "m": ("x_m", "y_m", "z_m")}


class PoseArray(NamedTuple):
    """A poses table as arrays.

    Attributes
    ----------
    frames
        The key columns ``clip_id, track_id, frame, time_s``, one row per row.
    keypoints
        Their names, in the order of axis 1.
    xyz
        Coordinates, shape (frames, keypoints, dims), dims 2 or 3; NaN where missing.
        The axes are those of the table: pixels have y down, metres y up.
    confidence
        Shape (frames, keypoints), 0 to 1; NaN where the table has none.
    unit
        ``"px"`` or ``"m"``.
    """

    frames: pl.DataFrame
    keypoints: tuple[str, ...]
    xyz: Array
    confidence: Array
    unit: str

    @property
    def time_s(self) -> Array:
        """Seconds, shape (frames,)."""
        return self.frames["time_s"].to_numpy().astype(np.float64, copy=False)

    def upright(self) -> "PoseArray":
        """Give the same poses with y up, whatever their unit."""
        if self.unit == "m":
            return self
        return self._replace(xyz=self.xyz * np.array([1.0, -1.0]))

    def position(self, keypoint: str) -> int:
        """Give the position of a keypoint on axis 1.

        Raises
        ------
        SkeletonError
            If the poses do not have it.
        """
        if keypoint not in self.keypoints:
            msg = f"these poses have no {keypoint!r}"
            raise SkeletonError(msg + did_you_mean(keypoint, self.keypoints))
        return self.keypoints.index(keypoint)

    def point(self, keypoint: str) -> Array:
        """Give the coordinates of one keypoint, shape (frames, dims)."""
        return self.xyz[:, self.position(keypoint)]


def keypoints_of(poses: Poses | pl.LazyFrame, /) -> tuple[str, ...]:
    """Read the keypoints of a poses table off its columns.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    Names in the order of `KEYPOINTS`, of all keypoints that have coordinates.
    """
    parts = keypoint_columns(poses.collect_schema().names())
    return tuple(k for k, p in parts.items() if "x_px" in p or "x_m" in p)


def unit_of_poses(poses: Poses | pl.LazyFrame, /) -> str:
    """Tell whether a poses table is in pixels or metres.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    ``"px"`` or ``"m"``; ``"px"`` for a table without keypoints.
    """
    parts = keypoint_columns(poses.collect_schema().names())
    return "m" if any("x_m" in p for p in parts.values()) else "px"


def dims_of(poses: Poses | pl.LazyFrame, /) -> int:
    """Count the dimensions of a poses table: 2, or 3 if any keypoint has ``z_m``.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    2 or 3.
    """
    parts = keypoint_columns(poses.collect_schema().names())
    return 3 if any("z_m" in p for p in parts.values()) else 2


def to_array(poses: Poses, /, *, keypoints: Sequence[str] | None = None) -> PoseArray:
    """Turn a poses table into arrays, all clips and tracks at once.

    Parameters
    ----------
    poses
        A `poses` table.
    keypoints
        Which keypoints, in which order. By default all, in the order of `KEYPOINTS`.

    Returns
    -------
    A `PoseArray`; missing and infinite values are NaN.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    SkeletonError
        If a keypoint is asked for that `poses` lacks.
    """
    POSES.check(poses)
    found = keypoints_of(poses)
    names = found if keypoints is None else tuple(keypoints)
    if missing := sorted(set(names) - set(found)):
        msg = f"needs keypoints that these poses lack: {missing}; they have {found}"
        raise SkeletonError(msg)
    unit, dims = unit_of_poses(poses), dims_of(poses)
    columns = [f"{k}_{axis}" for k in names for axis in _AXES[unit][:dims]]
    xyz = _block(poses, columns).reshape(poses.height, len(names), dims)
    confidence = _block(poses, [f"{k}_confidence" for k in names])
    return PoseArray(poses.select(_KEY), names, xyz, confidence, unit)


def _block(poses: Poses, columns: list[str]) -> Array:
    """Copy columns into one matrix; NaN for missing columns, null and infinity."""
    block = np.full((poses.height, len(columns)), np.nan)
    present = set(poses.columns)
    for i, name in enumerate(columns):
        if name in present:
            block[:, i] = poses[name].cast(pl.Float64).to_numpy()
    block[np.isinf(block)] = np.nan
    return block


def from_array(
    frames: pl.DataFrame,
    /,
    *,
    xyz: Array,
    keypoints: Sequence[str],
    unit: str,
    confidence: Array | None = None,
) -> Poses:
    """Build a poses table from arrays.

    Parameters
    ----------
    frames
        The key columns ``clip_id, track_id, frame, time_s``; other columns are kept.
    xyz
        Shape (frames, keypoints, dims); NaN for missing.
    keypoints
        Names from `KEYPOINTS`, one per position on axis 1.
    unit
        ``"px"`` (2 dimensions) or ``"m"`` (2 or 3).
    confidence
        Shape (frames, keypoints); without it the table has no confidence columns.

    Returns
    -------
    A `poses` table: coordinates Float32, null where NaN.

    Raises
    ------
    SchemaError
        If shapes do not agree or the unit is unknown.
    SkeletonError
        If a keypoint is not in the vocabulary.
    """
    xyz = np.asarray(xyz, dtype=np.float64)
    _check_shapes(frames, xyz, keypoints, unit)
    axes = _AXES[unit][: xyz.shape[2]]
    columns = []
    for k, name in enumerate(keypoints):
        columns += [_series(f"{name}_{a}", xyz[:, k, i]) for i, a in enumerate(axes)]
        if confidence is not None:
            columns.append(_series(f"{name}_confidence", confidence[:, k]))
    return frames.with_columns(columns)


def _series(name: str, values: Array) -> pl.Series:
    return pl.Series(name, values.astype(np.float32), nan_to_null=True)


def _check_shapes(
    frames: pl.DataFrame, xyz: Array, keypoints: Sequence[str], unit: str
) -> None:
    if unit not in _AXES:
        msg = f"unknown unit of poses {unit!r}; allowed are {sorted(_AXES)}"
        raise SchemaError(msg)
    dims = len(_AXES[unit])
    wanted = (frames.height, len(keypoints))
    if xyz.ndim != 3 or xyz.shape[:2] != wanted or not 2 <= xyz.shape[2] <= dims:
        msg = f"xyz has shape {xyz.shape}, expected {(*wanted, f'2..{dims}')}"
        raise SchemaError(msg)
    if unknown := sorted(set(keypoints) - set(KEYPOINTS)):
        msg = f"unknown keypoints {unknown}; see biomech.skeletons.KEYPOINTS"
        raise SkeletonError(msg)


def to_long(poses: Poses, /) -> pl.DataFrame:
    """Unfold a poses table into one row per frame and keypoint.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    The key, ``keypoint`` (Enum), the coordinates (``x_px, y_px`` or ``x_m, y_m[,
    z_m]``) and ``confidence``; sorted by key and keypoint. Other columns are dropped.
    """
    POSES.check(poses)
    axes = [*_AXES[unit_of_poses(poses)][: dims_of(poses)], "confidence"]
    parts = [
        poses.select(
            *_KEY,
            pl.lit(name).cast(pl.Enum(KEYPOINTS)).alias("keypoint"),
            *(
                pl.col(f"{name}_{a}").cast(pl.Float32).alias(a)
                if f"{name}_{a}" in poses.columns
                else pl.lit(None, pl.Float32).alias(a)
                for a in axes
            ),
        )
        for name in keypoints_of(poses)
    ]
    return pl.concat(parts).sort(*FRAME, "keypoint") if parts else poses.select(_KEY)


def from_long(tall: pl.DataFrame, /) -> Poses:
    """Fold rows per keypoint back into a poses table; the inverse of `to_long`.

    Parameters
    ----------
    tall
        The key, ``keypoint``, and any of ``x_px, y_px, x_m, y_m, z_m, confidence``.

    Returns
    -------
    A `poses` table. Keypoints that are null throughout keep their columns.

    Raises
    ------
    SchemaError
        If a key column or ``keypoint`` is missing, or a keypoint occurs twice in a
        frame.
    """
    if missing := sorted({*_KEY, "keypoint"} - set(tall.columns)):
        msg = f"a long table needs the columns {missing}"
        raise SchemaError(msg)
    if tall.select(*FRAME, "keypoint").is_duplicated().any():
        msg = "a keypoint occurs twice in the same frame of the same track"
        raise SchemaError(msg)
    axes = [a for a in (*_AXES["px"], *_AXES["m"], "confidence") if a in tall.columns]
    names = [str(k) for k in tall["keypoint"].cast(pl.String).unique().to_list()]
    names.sort(key=KEYPOINTS.index)
    wide = tall.select(_KEY).unique().sort(FRAME)
    for name in names:
        part = tall.filter(pl.col("keypoint").cast(pl.String) == name).select(
            *FRAME, *(pl.col(a).cast(pl.Float32).alias(f"{name}_{a}") for a in axes)
        )
        wide = wide.join(part, on=FRAME, how="left", maintain_order="left")
    POSES.check(wide)
    return wide


def coordinate_columns(poses: Poses, /) -> list[str]:
    """List the coordinate columns of a poses table, confidences left out.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    Column names, keypoint by keypoint.
    """
    return [c for columns in axes_of(poses).values() for c in columns]


def axes_of(poses: Poses, /) -> dict[str, list[str]]:
    """List the coordinate columns of every keypoint of a poses table.

    Parameters
    ----------
    poses
        A `poses` table.

    Returns
    -------
    Column names by keypoint, in the order of `KEYPOINTS`; confidences are left out.
    """
    return {
        keypoint: [c for axis, c in parts.items() if axis != "confidence"]
        for keypoint, parts in keypoint_columns(poses.columns).items()
        if parts.keys() != {"confidence"}
    }


def nan_to_null(df: pl.DataFrame, /) -> pl.DataFrame:
    """Make NaN null in every float column, as tables want it.

    Parameters
    ----------
    df
        Any table.

    Returns
    -------
    The same table without NaN.
    """
    return df.with_columns(cs.float().fill_nan(None))
