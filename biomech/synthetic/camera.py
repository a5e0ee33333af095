"""Cameras that map points in the world to pixels, exactly.

Pixels have their origin in the top left corner of the picture, u to the right, v down;
the pixel of column i covers u from i to i + 1.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.synthetic.rotations import rotation, unit

Array = NDArray[np.float64]


class Projection(NamedTuple):
    """Where points appear: pixels (frames, points, 2) and depth (frames, points)."""

    pixels: Array
    depth_m: Array


class View(Protocol):
    """Anything that can make pixels of points."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""

    def project(self, points_m: ArrayLike, /) -> Projection:
        """Map points, shape (frames, points, 3), to pixels."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera without distortion.

    ``position_m`` and ``target_m`` (what the middle of the picture looks at) are of
    shape (3,), or (frames, 3) for a camera that moves or pans. ``focal_px`` is the
    focal length; ``roll_deg`` turns the camera clockwise about its own axis, so that
    the picture turns anticlockwise.
    """

    position_m: ArrayLike
    target_m: ArrayLike
    focal_px: float
    width_px: int = 1280
    height_px: int = 720
    roll_deg: float = 0.0

    def __post_init__(self) -> None:
        """Refuse cameras that cannot exist."""
        position = np.asarray(self.position_m, float)
        target = np.asarray(self.target_m, float)
        problems = []
        if position.shape[-1:] != (3,) or target.shape[-1:] != (3,):
            shapes = f"{position.shape} and {target.shape}"
            problems.append(f"position_m, target_m have shapes {shapes}, not (..., 3)")
        elif not (np.linalg.norm(target - position, axis=-1) > 0).all():
            problems.append("position_m and target_m are the same point")
        if min(self.focal_px, self.width_px, self.height_px) <= 0:
            problems.append("focal_px, width_px and height_px must be positive")
        if problems:
            raise ConfigError("; ".join(problems))

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.width_px, self.height_px

    @property
    def intrinsics(self) -> Array:
        """The matrix K, shape (3, 3); the principal point is the picture's middle."""
        f = self.focal_px
        middle_u, middle_v = self.width_px / 2, self.height_px / 2
        return np.array([[f, 0, middle_u], [0, f, middle_v], [0, 0, 1.0]])

    @property
    def rotations(self) -> Array:
        """World to camera (right, down, forward), shape (1 or frames, 3, 3)."""
        position = np.atleast_2d(np.asarray(self.position_m, float))
        forward = unit(np.atleast_2d(np.asarray(self.target_m, float)) - position)
        # Looking straight up or down, "up" in the picture is the world's X.
        steep = np.abs(forward[:, 1:2]) > 1 - 1e-9
        up = np.where(steep, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
        right = unit(np.cross(forward, up))
        level = np.stack([right, np.cross(forward, right), forward], axis=-2)
        turned: Array = rotation(2, -self.roll_deg) @ level
        return turned

    def project(self, points_m: ArrayLike, /) -> Projection:
        """Map points to pixels.

        Parameters
        ----------
        points_m
            World points in metres, shape (frames, points, 3).

        Returns
        -------
        Pixels, NaN for points behind the camera, and depth along its axis in metres.
        """
        position = np.atleast_2d(np.asarray(self.position_m, float))
        points = np.asarray(points_m, float)
        if {len(position), len(self.rotations)} - {1, len(points)}:
            n_frames = max(len(position), len(self.rotations))
            msg = f"a camera of {n_frames} frames cannot film {len(points)} of points"
            raise ConfigError(msg)
        seen = (points - position[:, None]) @ self.rotations.swapaxes(-1, -2)
        depth = seen[..., 2]
        in_front = np.where(depth > 0, depth, np.nan)[..., None]
        middle = np.array([self.width_px, self.height_px]) / 2
        return Projection(self.focal_px * seen[..., :2] / in_front + middle, depth)


@dataclass(frozen=True)
class ParallelCamera:
    """A camera infinitely far away: no perspective, one scale everywhere.

    With ``yaw_deg`` 0 it looks along -Z, from the right of somebody who walks along X,
    so that X points to the right of the picture. A positive yaw moves the camera
    towards +X, to the front of that person. World point ``center_m`` is in the middle
    of the picture.
    """

    scale_px_m: float = 400.0
    center_m: tuple[float, float, float] = (0.0, 0.9, 0.0)
    yaw_deg: float = 0.0
    width_px: int = 1280
    height_px: int = 720

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.width_px, self.height_px

    def project(self, points_m: ArrayLike, /) -> Projection:
        """Map points to pixels.

        Parameters
        ----------
        points_m
            World points in metres, shape (frames, points, 3).

        Returns
        -------
        Pixels, and depth relative to ``center_m`` in metres.
        """
        offset = (np.asarray(points_m, float) - self.center_m) @ rotation(
            1, self.yaw_deg
        )
        middle = np.array([self.width_px, self.height_px]) / 2
        pixels = middle + self.scale_px_m * offset[..., :2] * [1.0, -1.0]
        return Projection(pixels, -offset[..., 2])
