"""A camera as OpenGL sees it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera

Array = NDArray[np.float64]

#: What is nearer or farther than this is not drawn, in metres.
NEAR_M, FAR_M = 0.15, 400.0


class View(NamedTuple):
    """A pinhole camera: where it is, how it is turned, and its picture.

    Attributes
    ----------
    position_m
        Centre of projection, (3,).
    rotation
        World to camera, (3, 3): rows point right, down and forward.
    focal_px
        Focal length in pixels.
    width_px, height_px
        Size of the picture; the optical axis goes through its middle.
    """

    position_m: Array
    rotation: Array
    focal_px: float
    width_px: int
    height_px: int

    @classmethod
    def of(cls, camera: Camera, frame: int = 0) -> "View":
        """Take one frame of a camera of `biomech.synthetic`."""
        positions = np.atleast_2d(np.asarray(camera.position_m, float))
        rotations = camera.rotations
        return cls(
            positions[min(frame, len(positions) - 1)],
            rotations[min(frame, len(rotations) - 1)],
            camera.focal_px,
            camera.width_px,
            camera.height_px,
        )

    def clip(self) -> Array:
        """Return the matrix (4, 4) from the world to OpenGL's clip space."""
        x = 2 * self.focal_px / self.width_px
        y = 2 * self.focal_px / self.height_px
        span = FAR_M - NEAR_M
        lens = np.array(
            [
                [x, 0, 0, 0],
                [0, -y, 0, 0],
                [0, 0, (FAR_M + NEAR_M) / span, -2 * FAR_M * NEAR_M / span],
                [0, 0, 1, 0],
            ]
        )
        outside = np.eye(4)
        outside[:3, :3] = self.rotation
        outside[:3, 3] = -self.rotation @ self.position_m
        product: Array = lens @ outside
        return product
