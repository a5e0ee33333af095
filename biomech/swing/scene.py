"""One track as a swing needs it: points in metres, y up, at any moment."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biomech.arrays import PoseArray
from biomech.body import stature_of
from biomech.kernels.windows import bridge

Array = NDArray[np.float64]
View = Literal["3d", "face_on", "down_the_line", "oblique"]

#: Shoulder width over trunk length in the picture: 0.75 when face on (shoulders 0.259,
#: trunk 0.288 body heights wide and long, Drillis & Contini 1966, less the joints'
#: inset), the cosine of the view angle otherwise.
_FACE_ON, _DOWN_THE_LINE = 0.55, 0.38
#: Implements: grip end and tip.
IMPLEMENTS = {
    "club": ("grip", "club_head"),
    "bat": ("bat_knob", "bat_tip"),
    "racket": ("racket_grip", "racket_head"),
}


@dataclass(frozen=True)
class Scene:
    """The points of one track.

    Attributes
    ----------
    time_s
        Seconds, shape (frames,).
    points
        Coordinates by keypoint, y up, shape (frames, dims), holes bridged: metres if
        `has_scale`, else body heights. Keypoints never seen are left out.
    has_scale
        Whether lengths are metres.
    is_3d
        Whether there is depth.
    rate_hz
        Median frame rate.
    side
        Lead side in golf, striking hand elsewhere.
    """

    time_s: Array
    points: dict[str, Array]
    has_scale: bool
    is_3d: bool
    rate_hz: float
    side: str

    def has(self, *names: str) -> bool:
        """Tell whether all keypoints were seen."""
        return all(name in self.points for name in names)

    def middle(self, joint: str) -> Array:
        """Give the middle between the left and right joint, shape (frames, dims)."""
        return (self.points[f"left_{joint}"] + self.points[f"right_{joint}"]) / 2

    def at(self, path: Array, time_s: float) -> Array:
        """Give a path's place at one moment, between frames by straight lines."""
        return np.array([np.interp(time_s, self.time_s, axis) for axis in path.T])

    def between(self, start_s: float, end_s: float) -> NDArray[np.bool_]:
        """Mark the frames of a period, ends included."""
        return (self.time_s >= start_s) & (self.time_s <= end_s)

    def implement(self) -> tuple[Array, Array] | None:
        """Give grip end and tip of the implement, or None if none was tracked."""
        for grip, tip in IMPLEMENTS.values():
            if self.has(grip, tip):
                return self.points[grip], self.points[tip]
        return None

    def view(self, time_s: float) -> View:
        """Tell from where the camera looks, by the width of the shoulders.

        Parameters
        ----------
        time_s
            When the golfer stands at address, facing square to the target line.
        """
        if self.is_3d:
            return "3d"
        width = abs(self.points["left_shoulder"] - self.points["right_shoulder"])[:, :1]
        trunk = self.middle("shoulder") - self.middle("hip")
        length = np.linalg.norm(self.at(trunk, time_s))
        ratio = float(self.at(width, time_s)[0] / max(length, 1e-9))
        if ratio >= _FACE_ON:
            return "face_on"
        return "down_the_line" if ratio <= _DOWN_THE_LINE else "oblique"


def scene_of(array: PoseArray, /, *, side: str, height_m: float | None) -> Scene | None:
    """Lay out one track.

    Parameters
    ----------
    array
        The poses of one track, sorted by frame.
    side
        Lead side in golf, striking hand elsewhere.
    height_m
        Body height; turns pixels into metres by the length of the legs.

    Returns
    -------
    The scene, or None if hips or shoulders were never seen.
    """
    stature = stature_of(array)
    has_scale = array.unit == "m" or height_m is not None
    scale = 1.0 if array.unit == "m" else (height_m or 1.0) / stature
    up = array.upright()
    time = array.time_s
    paths = {name: bridge(up.point(name) * scale) for name in array.keypoints}
    points = {name: path for name, path in paths.items() if np.isfinite(path).all()}
    trunk = [f"{s}_{j}" for s in ("left", "right") for j in ("hip", "shoulder")]
    if len(time) < 5 or not set(trunk) <= set(points):
        return None
    return Scene(
        time_s=time,
        points=points,
        has_scale=has_scale,
        is_3d=array.xyz.shape[2] == 3,
        rate_hz=1.0 / float(np.median(np.diff(time))),
        side=side,
    )
