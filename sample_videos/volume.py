"""Blended tapered capsules, and the triangle meshes of their surface.

A body is a set of tapered capsules whose signed distances are blended by a smooth
minimum, ``-k log(sum(exp(-d / k)))``, so that neighbouring limbs flow into each other.
Marching cubes turn the zero level into triangles.

References
----------
Lorensen & Cline (1987), "Marching cubes", doi:10.1145/37402.37422.
Blinn (1982), "A generalization of algebraic surface drawing",
doi:10.1145/357306.357310 (summed exponentials as an implicit surface).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy
import skimage.measure
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
#: Signed distance of the region to keep, from the three coordinates of the grid.
Crop = Callable[[Floats, Floats, Floats], Floats]

#: Beyond this many blending widths a capsule adds less than exp(-7) = 0.1 %.
_REACH = 7.0
#: Distance over which the crease shading of a vertex is measured, in metres.
_CREASE_M = 0.05


class Capsule(NamedTuple):
    """A tapered capsule that belongs to one bone, in the bind pose, in metres."""

    bone: int
    start_m: Floats
    end_m: Floats
    start_radius_m: float
    end_radius_m: float

    def distance(self, points_m: Floats) -> Floats:
        """Return the signed distance of points (..., 3) to the surface, in metres."""
        axis = self.end_m - self.start_m
        from_start = points_m - self.start_m
        along = np.clip(from_start @ axis / max(float(axis @ axis), 1e-9), 0.0, 1.0)
        radius = self.start_radius_m + along * (self.end_radius_m - self.start_radius_m)
        away = from_start - along[..., None] * axis
        return np.asarray(np.sqrt(np.square(away).sum(-1)) - radius, np.float32)

    def grown(self, by_m: float) -> "Capsule":
        """Return the capsule with both radii larger by a length."""
        return self._replace(
            start_radius_m=self.start_radius_m + by_m,
            end_radius_m=self.end_radius_m + by_m,
        )


class Surface(NamedTuple):
    """Triangles with outward normals and a crease factor (1 open, 0 in a crease)."""

    vertices_m: Floats
    normals: Floats
    openness: Floats
    triangles: Ints


def surface(
    capsules: list[Capsule],
    *,
    cell_m: float,
    blend_m: float = 0.012,
    crop: Crop | None = None,
    within_m: tuple[Floats, Floats] | None = None,
) -> Surface:
    """Mesh the blended surface of capsules.

    Parameters
    ----------
    capsules
        What to blend.
    cell_m
        Edge of a marching-cubes cell, in metres.
    blend_m
        Width of the smooth minimum, in metres.
    crop
        Signed distance of a region (negative inside) to which the solid is cut.
    within_m
        Lowest and highest corner of the space looked at; all of it by default.

    Returns
    -------
    The surface; without triangles where nothing is left after cropping.
    """
    low, high = bounds(capsules) if within_m is None else within_m
    low = np.asarray(low - 2 * cell_m, np.float32)
    counts = np.ceil((high + 2 * cell_m - low) / cell_m).astype(int) + 1
    field = _field(capsules, low, counts, cell_m, blend_m)
    if crop is not None:
        x, y, z = (low[i] + cell_m * np.arange(counts[i]) for i in range(3))
        solid = crop(x[:, None, None], y[None, :, None], z[None, None, :])
        field = np.maximum(field, solid).astype(np.float32)
    for axis in range(3):  # closes what the box cuts open
        ends = (slice(None),) * axis + ((0, -1),)
        field[ends] = np.maximum(field[ends], cell_m)
    if field.min() >= 0.0:
        return Surface(*(np.zeros((0, 3), np.float32),) * 2, *_nothing())
    grid, triangles, inward, _ = skimage.measure.marching_cubes(
        field, level=0.0, gradient_direction="ascent"
    )
    normals = -inward
    ahead = (grid + normals * (_CREASE_M / cell_m)).T
    opening = scipy.ndimage.map_coordinates(field, ahead, order=1, cval=_CREASE_M)
    return Surface(
        np.asarray(low + grid * cell_m, np.float32),
        np.asarray(normals, np.float32),
        np.clip(opening / _CREASE_M, 0.0, 1.0).astype(np.float32),
        np.asarray(triangles[:, ::-1], np.int32),
    )


def bounds(capsules: list[Capsule]) -> tuple[Floats, Floats]:
    """Return the lowest and highest corner of the capsules, in metres."""
    ends = [(c.start_m, c.start_radius_m) for c in capsules]
    ends += [(c.end_m, c.end_radius_m) for c in capsules]
    low = np.min([point - radius for point, radius in ends], axis=0)
    high = np.max([point + radius for point, radius in ends], axis=0)
    return low.astype(np.float32), high.astype(np.float32)


def _nothing() -> tuple[Floats, Ints]:
    return np.zeros(0, np.float32), np.zeros((0, 3), np.int32)


def _field(
    capsules: list[Capsule], low: Floats, counts: Ints, cell_m: float, blend_m: float
) -> Floats:
    """Blend signed distances on a grid, each capsule only where it is felt."""
    total = np.zeros(counts, np.float32)
    reach = _REACH * blend_m + cell_m
    for capsule in capsules:
        near, far = bounds([capsule])
        first = np.clip(np.floor((near - reach - low) / cell_m).astype(int), 0, counts)
        last = np.clip(np.ceil((far + reach - low) / cell_m).astype(int), 0, counts)
        if (last <= first).any():
            continue
        block = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
        axes = (low[i] + cell_m * np.arange(first[i], last[i]) for i in range(3))
        points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).astype(np.float32)
        total[block] += np.exp(-capsule.distance(points) / blend_m)
    floor = np.float32(np.exp(-_REACH))
    return np.asarray(-blend_m * np.log(total + floor), np.float32)
