"""Labels of a drawn picture: boxes, keypoints and whether they can be seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.skeletons import HALPE26
from biomech.synthetic.camera import Camera
from sample_videos.renderer import Picture

Array = NDArray[np.float64]

#: How deep under the skin each keypoint may lie and still count as visible, metres.
_DEPTH_M = {
    "nose": 0.05,
    "eye": 0.04,
    "ear": 0.05,
    "shoulder": 0.10,
    "elbow": 0.08,
    "wrist": 0.07,
    "hip": 0.15,
    "knee": 0.09,
    "ankle": 0.08,
    "head_top": 0.06,
    "neck": 0.12,
    "mid_hip": 0.17,
    "big_toe": 0.06,
    "small_toe": 0.06,
    "heel": 0.06,
}


def _depths() -> Array:
    sides = ("left_", "right_")
    plain = [
        name.removeprefix(sides[0]).removeprefix(sides[1]) for name in HALPE26.keypoints
    ]
    return np.array([_DEPTH_M[name] for name in plain])


_UNDER_SKIN_M = _depths()


class Annotation(NamedTuple):
    """One person in a picture.

    Attributes
    ----------
    box
        Left, top, right and bottom edge of what can be seen of the person, pixels.
    keypoints
        HALPE-26 (COCO-17 first): x_px, y_px and visibility as COCO counts it: 2 seen,
        1 hidden by something or by the person, 0 outside of the picture; (26, 3).
    """

    box: Array
    keypoints: Array


def annotate(
    picture: Picture, camera: Camera, people_m: Array, *, frame: int = 0
) -> list[Annotation | None]:
    """Label the people of a picture.

    Parameters
    ----------
    picture
        What was drawn.
    camera
        Who filmed it.
    people_m
        HALPE-26 keypoints in the world, shape (people, 26, 3), in the order of the
        actors.
    frame
        Which frame of a moving camera.

    Returns
    -------
    One annotation per person; None for those of whom nothing can be seen.
    """
    pixels, depth = project(camera, people_m, frame)
    found: list[Annotation | None] = []
    for number, (xy, away) in enumerate(zip(pixels, depth, strict=True), start=1):
        box = _box(picture.person == number)
        if box is None:
            found.append(None)
            continue
        seen = _visibility(picture, number, xy, away)
        shown = np.where(seen[:, None] > 0, xy, 0.0)
        found.append(Annotation(box, np.column_stack([shown, seen])))
    return found


def project(camera: Camera, people_m: Array, frame: int = 0) -> tuple[Array, Array]:
    """Project people through one frame of a camera: pixels (..., 2) and depth."""
    positions = np.atleast_2d(np.asarray(camera.position_m, float))
    position = positions[min(frame, len(positions) - 1)]
    rotation = camera.rotations[min(frame, len(camera.rotations) - 1)]
    seen = (people_m - position) @ rotation.T
    depth = seen[..., 2]
    in_front = np.where(depth > 0.05, depth, np.nan)[..., None]
    middle = np.array([camera.width_px, camera.height_px]) / 2
    return camera.focal_px * seen[..., :2] / in_front + middle, depth


def _box(mask: NDArray[np.bool_]) -> Array | None:
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        return None
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)


def _visibility(picture: Picture, number: int, xy: Array, away: Array) -> Array:
    """Compare each keypoint with what the camera sees there, a pixel around it."""
    height, width = picture.person.shape
    size = np.array([width, height])
    inside: NDArray[np.bool_] = np.all((xy >= 0.0) & (xy < size), axis=1)
    column, row = np.where(inside[:, None], xy, 0.0).astype(int).T
    seen = np.zeros(len(xy), bool)
    for dx, dy in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        x = np.clip(column + dx, 0, width - 1)
        y = np.clip(row + dy, 0, height - 1)
        own = picture.person[y, x] == number
        seen |= own & (picture.depth_m[y, x] > away - _UNDER_SKIN_M)
    return np.where(inside, np.where(seen, 2.0, 1.0), 0.0)
