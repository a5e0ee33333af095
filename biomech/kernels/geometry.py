"""Geometry of points in the plane or in space: numpy in, numpy out.

Points and vectors lie along the last axis, leading axes broadcast, NaN stays NaN.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def unit_vector(v: Array) -> Array:
    """Scale vectors to length one; NaN where the length is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled: Array = v / np.linalg.norm(v, axis=-1, keepdims=True)
    return np.where(np.isfinite(scaled), scaled, np.nan)


def distance(a: Array, b: Array) -> Array:
    """Measure the distance between points, in their unit."""
    length: Array = np.linalg.norm(b - a, axis=-1)
    return length


def angle_between(u: Array, v: Array) -> Array:
    """Measure the unsigned angle between vectors.

    Parameters
    ----------
    u, v
        Vectors of 2 or 3 dimensions, shape (..., dims), any unit.

    Returns
    -------
    Angles in degrees, shape (...), in [0, 180]; NaN where a vector is NaN or zero.

    Notes
    -----
    ``2 atan2(|u/|u| - v/|v||, |u/|u| + v/|v||)`` (Kahan) keeps its precision near 0
    and 180 degrees, where ``arccos`` of a dot product loses half of the digits.
    """
    u, v = unit_vector(u), unit_vector(v)
    half = np.arctan2(np.linalg.norm(u - v, axis=-1), np.linalg.norm(u + v, axis=-1))
    degrees: Array = np.degrees(2 * half)
    return degrees


def direction_angle(v: Array) -> Array:
    """Measure the direction of plane vectors from the first axis to the second.

    Parameters
    ----------
    v
        Vectors, shape (..., 2).

    Returns
    -------
    Degrees, shape (...), in (-180, 180]; NaN where the vector is NaN or zero.
    """
    degrees: Array = np.degrees(np.arctan2(v[..., 1], v[..., 0]))
    return np.where((v == 0).all(axis=-1), np.nan, degrees)


def signed_angle(u: Array, v: Array) -> Array:
    """Measure the turn from u to v in the plane, positive from axis 1 to axis 2.

    With y up this is anticlockwise, with y down (pixels) clockwise.

    Parameters
    ----------
    u, v
        Vectors, shape (..., 2), any unit.

    Returns
    -------
    Degrees, shape (...), in (-180, 180]; NaN where a vector is NaN or zero.
    """
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    dot = (u * v).sum(axis=-1)
    degrees: Array = np.degrees(np.arctan2(cross, dot))
    return np.where((cross == 0) & (dot == 0), np.nan, degrees)


def signed_angle_about(u: Array, v: Array, axis: Array) -> Array:
    """Measure the turn from u to v about an axis in space, by the right-hand rule.

    Both vectors are projected onto the plane square to the axis first.

    Parameters
    ----------
    u, v
        Vectors, shape (..., 3), any unit.
    axis
        Vectors, shape (..., 3), of any length.

    Returns
    -------
    Degrees, shape (...), in (-180, 180]; NaN where a vector is NaN, zero or parallel to
    the axis.
    """
    axis = unit_vector(axis)
    u, v = reject(u, axis), reject(v, axis)
    cross = (np.cross(u, v) * axis).sum(axis=-1)
    dot = (u * v).sum(axis=-1)
    degrees: Array = np.degrees(np.arctan2(cross, dot))
    return np.where((cross == 0) & (dot == 0), np.nan, degrees)


def project(v: Array, axis: Array) -> Array:
    """Keep the part of vectors along an axis of length one."""
    return np.asarray((v * axis).sum(axis=-1, keepdims=True) * axis)


def reject(v: Array, axis: Array) -> Array:
    """Keep the part of vectors square to an axis of length one."""
    return np.asarray(v - project(v, axis))


def wrap(degrees: ArrayLike, *, period_deg: float = 360.0) -> Array:
    """Bring angles into (-period/2, period/2].

    Examples
    --------
    >>> wrap([190.0, -180.0, 180.0]).tolist()
    [-170.0, 180.0, 180.0]
    """
    half = period_deg / 2
    wrapped: Array = half - np.mod(half - np.asarray(degrees, float), period_deg)
    return wrapped


def unwrap(degrees: ArrayLike, *, period_deg: float = 360.0) -> Array:
    """Make angles continuous along axis 0, looking through missing samples.

    Parameters
    ----------
    degrees
        Shape (frames, ...); NaN stays NaN, and each sample is compared with the last
        one that was seen.
    period_deg
        The full turn.

    Returns
    -------
    The angles plus whole periods, so that neighbours differ by half a period at most;
    the first sample stays as it is.
    """
    degrees = np.asarray(degrees, float)
    if len(degrees) == 0:
        return degrees
    held = _hold(degrees)
    step = np.diff(held, axis=0)
    turns = np.nan_to_num(-period_deg * np.ceil(step / period_deg - 0.5))
    steps = np.concatenate([np.zeros_like(held[:1]), turns])
    return np.asarray(degrees + np.cumsum(steps, axis=0))


def _hold(x: Array) -> Array:
    """Repeat the last finite sample along axis 0; before the first, NaN."""
    rows = np.arange(len(x)).reshape(-1, *[1] * (x.ndim - 1))
    last = np.maximum.accumulate(np.where(np.isnan(x), -1, rows), axis=0)
    held = np.take_along_axis(x, np.maximum(last, 0), axis=0)
    return np.where(last < 0, np.nan, held)


def rotation_2d(degrees: ArrayLike) -> Array:
    """Make matrices that turn plane vectors from axis 1 towards axis 2.

    Parameters
    ----------
    degrees
        Any shape.

    Returns
    -------
    Matrices R, shape (..., 2, 2); turned vectors are ``v @ R.T``.
    """
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)


class LineFit(NamedTuple):
    """A line through points: where, which way, and how sure.

    ``sd_deg`` is the standard deviation of the direction; infinite with two points.
    """

    center: Array
    direction: Array
    rms: float
    sd_deg: float


def fit_line(points: Array, *, weights: Array | None = None) -> LineFit:
    """Fit a line by total least squares: distances square to the line.

    Parameters
    ----------
    points
        Shape (n, dims); rows with NaN are left out.
    weights
        Shape (n,), relative, not negative.

    Returns
    -------
    The fit. Everything is NaN with less than two distinct points. The direction has
    length one and points along the first axis.

    Notes
    -----
    The direction's standard deviation is the residual's (with n - 2 degrees of
    freedom) over the spread of the points along the line.
    """
    center, spread, axes, n = _principal(points, weights)
    if n < 2 or spread[0] == 0:
        return LineFit(center, np.full(points.shape[-1], np.nan), np.nan, np.nan)
    direction = axes[0] * (1.0 if axes[0, 0] >= 0 else -1.0)
    across = float(np.sqrt((spread[1:] ** 2).sum()))
    sd = across / spread[0] / np.sqrt(n - 2) if n > 2 else np.inf
    return LineFit(center, direction, across, float(np.degrees(np.arctan(sd))))


class PlaneFit(NamedTuple):
    """A plane through points: where, its normal, how flat and how sure.

    Attributes
    ----------
    center, normal
        A point of the plane, and a direction of length one square to it.
    rms
        Root mean square distance of the points.
    spread
        Standard deviations of the points along the two axes of the plane and across.
    sd_deg
        Standard deviation of the normal about the two axes of the plane; the second,
        about the long axis, is the larger one.
    axes
        The two axes of the plane, the longer first, shape (2, 3).
    """

    center: Array
    normal: Array
    rms: float
    spread: Array
    sd_deg: Array
    axes: Array


def fit_plane(points: Array, *, weights: Array | None = None) -> PlaneFit:
    """Fit a plane by total least squares: distances square to the plane.

    Parameters
    ----------
    points
        Shape (n, 3); rows with NaN are left out.
    weights
        Shape (n,), relative, not negative.

    Returns
    -------
    The fit, its normal with a second component that is not negative (upwards where Y is
    up). Everything is NaN with less than three points that are not on a line.

    Notes
    -----
    The tilt about one axis of the plane is as uncertain as the residual (with n - 3
    degrees of freedom) over the spread along the other: points near a line leave the
    tilt about that line open.
    """
    center, spread, axes, n = _principal(points, weights)
    if n < 3 or spread[1] <= 1e-12 * spread[0]:
        empty = np.full(3, np.nan)
        return PlaneFit(
            center, empty, np.nan, empty, np.full(2, np.nan), np.full((2, 3), np.nan)
        )
    normal = axes[2] * (1.0 if axes[2, 1] >= 0 else -1.0)
    noise = spread[2] * np.sqrt(n / (n - 3)) if n > 3 else np.inf
    tilt = np.degrees(np.arctan(noise / np.sqrt(n) / spread[:2]))
    return PlaneFit(center, normal, float(spread[2]), spread, tilt, axes[:2])


def _principal(points: Array, weights: Array | None) -> tuple[Array, Array, Array, int]:
    """Centre, standard deviations and axes of a cloud, widest first; and its size."""
    points = np.asarray(points, float)
    weights = np.ones(len(points)) if weights is None else np.asarray(weights, float)
    good = np.isfinite(points).all(axis=-1) & (weights > 0)
    points, weights = points[good], weights[good]
    dims = points.shape[-1]
    if len(points) == 0:
        return np.full(dims, np.nan), np.zeros(dims), np.eye(dims), 0
    weights = weights / weights.sum()
    center = weights @ points
    scaled = np.sqrt(weights)[:, None] * (points - center)
    padded = np.concatenate([scaled, np.zeros((dims, dims))])
    _, spread, axes = np.linalg.svd(padded, full_matrices=False)
    return center, spread, axes, len(points)
