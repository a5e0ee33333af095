"""Homographies between a flat ground and its picture: fit, locate, and how sure.

The first axis is frames; a camera that stands still has one frame that serves all.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Steps of Gauss and Newton after the linear solution; each squares the error.
N_STEPS = 4
#: Beyond, all points but one lie on a line; a square seen by a camera has about 10.
WORST_CONDITION = 1e4


class Homography(NamedTuple):
    """From the ground to the picture, both scaled about the middle of the points.

    Attributes
    ----------
    entries
        The matrix without its last entry, which is 1, shape (frames, 8); NaN where the
        points show no plane.
    covariance
        Covariance of the entries if every point is off by one scaled pixel in x and in
        y, shape (frames, 8, 8).
    ground, picture
        Middle (x, y) and scale of the points in metres and pixels, shape (frames, 3).
    off_px
        Distance between points and fit, shape (frames, points); NaN where not seen.
    condition
        Longest over shortest axis of what the points tell, shape (frames,).
    """

    entries: Array
    covariance: Array
    ground: Array
    picture: Array
    off_px: Array
    condition: Array

    def at(self, rows: NDArray[np.intp]) -> "Homography":
        """Take the homographies of some frames."""
        return Homography(*(part[rows] for part in self))


class Located(NamedTuple):
    """Points on the ground.

    Attributes
    ----------
    xy_m
        Shape (frames, 2); NaN on and above the horizon.
    per_px
        How they move with the pixel, metres per pixel, shape (frames, 2, 2).
    covariance
        Covariance if every point of the fit is off by one pixel in x and in y, shape
        (frames, 2, 2).
    """

    xy_m: Array
    per_px: Array
    covariance: Array


def fit(xy_m: Array, xy_px: Array) -> Homography:
    """Find homographies from points whose place on the ground is known.

    Parameters
    ----------
    xy_m
        Points on the ground, shape (points, 2), exact.
    xy_px
        The same in the picture, shape (frames, points, 2); NaN where not seen.

    Returns
    -------
    One homography per frame; NaN with less than four points, with points of which all
    but one lie on a line, and where no camera can see them in this order.

    Notes
    -----
    The linear solution in scaled coordinates (Hartley's normalised DLT), then Gauss and
    Newton's steps to the least squared distance in the picture, where the errors are.
    The middle of the points is in front of the camera, so the last entry is not zero.

    References
    ----------
    Hartley & Zisserman (2004), Multiple View Geometry, sections 4.1, 4.4 and 5.2.
    """
    seen: Flags = np.asarray(np.isfinite(xy_px).all(axis=-1))
    ground = _middle(np.broadcast_to(xy_m, xy_px.shape), seen)
    picture = _middle(xy_px, seen)
    there = np.where(seen[..., None], _scaled(xy_m, ground[:, None]), 0.0)
    target = np.where(seen[..., None], _scaled(xy_px, picture[:, None]), 0.0)
    entries, covariance, condition = _solve(
        _slopes(there, target, seen.astype(float)), target
    )
    for _ in range(N_STEPS):
        off, weight = _off(entries, there, target, seen)
        step, covariance, condition = _solve(_slopes(there, target - off, weight), off)
        entries = entries + step
    off, _ = _off(entries, there, target, seen)
    off_px = np.linalg.norm(off, axis=-1) * picture[:, 2:]
    off_px = np.where(seen, off_px, np.nan)
    return Homography(entries, covariance, ground, picture, off_px, condition)


def locate(plane: Homography, xy_px: Array) -> Located:
    """Find where on the ground pixels are.

    Parameters
    ----------
    plane
        Homographies of the same frames, or of one.
    xy_px
        Shape (frames, 2).

    Returns
    -------
    The points and how uncertain they are.
    """
    target = _scaled(xy_px, plane.picture)
    h = plane.entries[:, :6].reshape(-1, 2, 3)
    depth_rates = plane.entries[:, None, 6:]
    matrix = h[..., :2] - target[..., None] * depth_rates
    inverse = _inverse(matrix)
    there = np.einsum("fij,fj->fi", inverse, target - h[..., 2])
    depth = 1 + (there * depth_rates[:, 0]).sum(axis=1)
    there = np.where(depth[:, None] > 0, there, np.nan)
    scale = (plane.ground[:, 2] / plane.picture[:, 2])[:, None, None]
    per_px = inverse * depth[:, None, None] * scale
    by_entries = per_px @ _slopes(there[:, None], target[:, None], 1 / depth[:, None])
    covariance = by_entries @ plane.covariance @ by_entries.swapaxes(-1, -2)
    xy_m = there * plane.ground[:, 2:] + plane.ground[:, :2]
    return Located(xy_m, per_px, covariance)


def _middle(points: Array, seen: Flags) -> Array:
    """Middle and mean distance from it of the points that are seen."""
    n = np.maximum(seen.sum(axis=-1), 1)[:, None]
    middle = np.where(seen[..., None], points, 0.0).sum(axis=1) / n
    far = np.linalg.norm(points - middle[:, None], axis=-1)
    scale = np.where(seen, far, 0.0).sum(axis=1, keepdims=True) / n
    return np.concatenate([middle, np.where(scale > 0, scale, 1.0)], axis=1)


def _scaled(points: Array, middle: Array) -> Array:
    return np.asarray((points - middle[..., :2]) / middle[..., 2:])


def _slopes(there: Array, found: Array, weight: Array) -> Array:
    """Slope of pixels with the eight entries, shape (frames, 2 points, 8)."""
    rows = np.zeros((*there.shape[:2], 2, 8))
    for i in range(2):
        rows[..., i, 3 * i : 3 * i + 2] = there
        rows[..., i, 3 * i + 2] = 1.0
        rows[..., i, 6:] = -found[..., i, None] * there
    rows *= weight[..., None, None]
    return rows.reshape(len(there), 2 * there.shape[1], 8)


def _off(
    entries: Array, there: Array, target: Array, seen: Flags
) -> tuple[Array, Array]:
    """Step from where the ground appears, and one over its depth; 0 if not seen."""
    h = entries[:, None, :6].reshape(-1, 1, 2, 3)
    depth = 1 + (there * entries[:, None, 6:]).sum(axis=-1)
    depth = np.where(depth > 0, depth, np.nan)
    above = (h[..., :2] * there[..., None, :]).sum(axis=-1) + h[..., 2]
    off = np.where(seen[..., None], target - above / depth[..., None], 0.0)
    return off, seen / depth


def _solve(slopes: Array, off: Array) -> tuple[Array, Array, Array]:
    """Least squares: the entries, their covariance for a noise of one, condition."""
    across = slopes.swapaxes(-1, -2)
    normal = across @ slopes
    broken = ~np.isfinite(normal).all(axis=(1, 2))
    normal[broken] = 0.0
    values = np.linalg.eigvalsh(normal)
    with np.errstate(invalid="ignore", divide="ignore"):
        condition = np.sqrt(values[:, -1] / np.maximum(values[:, 0], 0.0))
    broken |= ~(condition < WORST_CONDITION)
    normal[broken] = np.eye(8)
    covariance = np.asarray(np.linalg.inv(normal), float)
    covariance[broken] = np.nan
    entries = (covariance @ across @ off.reshape(*slopes.shape[:2], 1))[..., 0]
    return entries, covariance, np.asarray(condition)


def _inverse(matrix: Array) -> Array:
    """Invert matrices of two rows; infinite where they have no inverse."""
    (a, b), (c, d) = matrix[:, 0].T, matrix[:, 1].T
    turned = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], -2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(turned / (a * d - b * c)[:, None, None])
