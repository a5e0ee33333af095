"""Velocities and accelerations of keypoints and angles, on true timestamps."""

from collections.abc import Callable, Collection, Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import axes_of, keypoints_of, unit_of_poses
from biomech.blocks import along_time, series_of
from biomech.errors import ConfigError, SchemaError, SkeletonError, did_you_mean
from biomech.kernels.geometry import unwrap
from biomech.kernels.signal import derivative, spline_derivative
from biomech.schema import FRAME, POSES, SIGNALS, Poses, Signals

Array = NDArray[np.float64]
Method = Literal["spline", "central"]

_KEY = (*FRAME, "time_s")
_METHODS: dict[str, Callable[..., Array]] = {
    "spline": spline_derivative,
    "central": derivative,
}


def keypoint_velocities(
    poses: Poses,
    /,
    *,
    keypoints: Sequence[str] | None = None,
    method: Method = "spline",
) -> Signals:
    """Differentiate the path of keypoints.

    The axes are those of the table: in pixels y is down, so that a fall is positive; in
    metres y is up. Smooth first (`biomech.smooth`): noise grows with the frame rate.

    Parameters
    ----------
    poses
        A `poses` table, smoothed.
    keypoints
        Which ones. By default all.
    method
        ``"spline"``: through the natural quintic spline, which gives back the velocity
        states of the RTS smoother. ``"central"``: central differences.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: for each keypoint
    ``<keypoint>_vx_<unit>, _vy_<unit>[, _vz_<unit>]`` and ``_speed_<unit>``, unit
    ``px_s`` or ``m_s``; null where the keypoint is missing.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    SkeletonError
        If a keypoint is not there.
    ConfigError
        If the method is unknown.

    Examples
    --------
    >>> from biomech.synthetic import pendulum
    >>> keypoint_velocities(pendulum(), keypoints=["nose"])
    Traceback (most recent call last):
        ...
    biomech.errors.SkeletonError: these poses have no ['nose']
    """
    return _motion(poses, keypoints, method, order=1)


def keypoint_accelerations(
    poses: Poses,
    /,
    *,
    keypoints: Sequence[str] | None = None,
    method: Method = "spline",
) -> Signals:
    """Differentiate the path of keypoints twice.

    Parameters
    ----------
    poses, keypoints, method
        As in `keypoint_velocities`.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: for each keypoint
    ``<keypoint>_ax_<unit>, _ay_<unit>[, _az_<unit>]`` and ``_acceleration_<unit>`` (the
    length of the vector), unit ``px_s2`` or ``m_s2``.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    SkeletonError
        If a keypoint is not there.
    ConfigError
        If the method is unknown.
    """
    return _motion(poses, keypoints, method, order=2)


def _motion(
    poses: Poses, keypoints: Sequence[str] | None, method: str, *, order: int
) -> Signals:
    POSES.check(poses)
    kernel = _kernel(method)
    axes = axes_of(poses)
    names = tuple(axes if keypoints is None else keypoints)
    if missing := sorted(set(names) - set(axes)):
        msg = f"these poses have no {missing}"
        raise SkeletonError(msg)
    unit = unit_of_poses(poses) + ("_s" if order == 1 else "_s2")
    letter, total = (("v", "speed"), ("a", "acceleration"))[order - 1]
    rates = {
        name: [f"{name}_{letter}{c.removeprefix(name)[1]}_{unit}" for c in axes[name]]
        for name in names
    }

    def rate(x: Array, time: Array) -> Array:
        return kernel(x, time, order=order)

    moved = along_time(
        poses,
        rate,
        columns=[c for name in names for c in axes[name]],
        names=[c for name in names for c in rates[name]],
    )
    totals = [f"{name}_{total}_{unit}" for name in names]
    moved = moved.with_columns(series_of(_lengths(moved, rates.values()).T, totals))
    ordered = [[*rates[name], whole] for name, whole in zip(names, totals, strict=True)]
    return moved.select(*_KEY, *(c for columns in ordered for c in columns))


def _lengths(moved: pl.DataFrame, vectors: Collection[list[str]]) -> Array:
    """Lengths of vectors whose components are columns; shape (vectors, frames)."""
    columns = [[moved[c].to_numpy() for c in parts] for parts in vectors]
    dtype = columns[0][0].dtype if columns else np.float64
    out = np.zeros((len(columns), moved.height), dtype)
    for squares, parts in zip(out, columns, strict=True):
        for part in parts:
            np.add(squares, np.square(part), out=squares)
    return np.sqrt(out, out=out)


def angular_velocities(
    signals: Signals,
    /,
    *,
    columns: Sequence[str] | None = None,
    method: Method = "spline",
) -> Signals:
    """Differentiate angles, seeing through the jump from 180 to -180 degrees.

    Parameters
    ----------
    signals
        A `signals` table, such as of `biomech.joint_angles` of smoothed poses.
    columns
        Which angles. By default all columns in degrees.
    method
        As in `keypoint_velocities`.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: ``<column>_s``, in degrees per
    second, such as ``left_knee_flexion_deg_s``.

    Raises
    ------
    SchemaError
        If `signals` is not a `signals` table, or its time does not grow.
    ConfigError
        If a column or the method is unknown.

    Examples
    --------
    >>> from biomech.kinematics import joint_angles
    >>> from biomech.synthetic import pendulum
    >>> rates = angular_velocities(joint_angles(pendulum(peak_flexion_deg=60.0)))
    >>> round(rates["left_knee_flexion_deg_s"].max())  # 60 pi
    188
    """
    return _turning(signals, columns, method, order=1)


def angular_accelerations(
    signals: Signals,
    /,
    *,
    columns: Sequence[str] | None = None,
    method: Method = "spline",
) -> Signals:
    """Differentiate angles twice.

    Parameters
    ----------
    signals, columns, method
        As in `angular_velocities`.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: ``<column>_s2``, in degrees per
    second squared.

    Raises
    ------
    SchemaError
        If `signals` is not a `signals` table, or its time does not grow.
    ConfigError
        If a column or the method is unknown.
    """
    return _turning(signals, columns, method, order=2)


def _turning(
    signals: Signals, columns: Sequence[str] | None, method: str, *, order: int
) -> Signals:
    SIGNALS.check(signals)
    kernel = _kernel(method)
    if columns is None:
        columns = [c for c in signals.columns if c.endswith("_deg")]
        if not columns and keypoints_of(signals):
            msg = "these are poses; make angles of them with joint_angles"
            raise SchemaError(msg)
    if missing := sorted(set(columns) - set(signals.columns)):
        msg = f"no column {missing[0]!r}" + did_you_mean(missing[0], signals.columns)
        raise ConfigError(msg)
    names = [f"{c}_s" + ("2" if order == 2 else "") for c in columns]

    def rate(x: Array, time: Array) -> Array:
        return kernel(unwrap(x), time, order=order)

    done = along_time(signals, rate, columns=columns, names=names)
    return done.select(*_KEY, *names)


def _kernel(method: str) -> Callable[..., Array]:
    if method not in _METHODS:
        msg = f"unknown method {method!r}" + did_you_mean(method, _METHODS)
        raise ConfigError(msg)
    return _METHODS[method]
