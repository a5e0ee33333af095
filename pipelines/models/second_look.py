"""Look again at people who are small in the network's input.

A wide picture is scaled down until it fits the network, and people far away with it.
Cut out and enlarged, they show their limbs: through the shipped model the match clip
of the sample videos goes from 0.65 to 0.92 of its keypoints within a fifth of the
torso's length, the runner on the track from 0.92 to 0.98, for another 10 ms of one
core per person.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pipelines.models.decode import hide_unseen, intersection_over_union
from pipelines.models.letterbox import PADDING_GREY
from pipelines.models.protocol import Detections, Frame, Points

#: How much of the cut-out a person's box fills: arms that the first look missed are
#: still inside. Measured on the sample videos: 0.65 to 0.85 make no difference.
_FILL = 0.75
#: A person in the cut-out is the one looked for if the boxes overlap so much.
_MIN_OVERLAP = 0.5


class View(NamedTuple):
    """A person cut out of a picture.

    Attributes
    ----------
    picture, person
        Numbers of the picture and of the person in it.
    image
        The cut-out, a square.
    gain
        Pixels of the cut-out per pixel of the picture.
    corner
        Where the picture's upper left corner lies in the cut-out, x and y.
    """

    picture: int
    person: int
    image: Frame
    gain: float
    corner: Points


def views_of(
    frames: Sequence[Frame],
    found: Sequence[Detections],
    /,
    *,
    imgsz: int,
    size_px: int,
) -> list[View]:
    """Cut out everybody whom that enlarges.

    Parameters
    ----------
    frames
        Pictures.
    found
        The people in each.
    imgsz
        Longer side of the network's input in the first look, in pixels.
    size_px
        Side of the cut-outs, in pixels.
    """
    views = []
    for number, (frame, people) in enumerate(zip(frames, found, strict=True)):
        first_gain = imgsz / max(frame.shape[:2])
        for person, box in enumerate(people.boxes):
            gain = _FILL * size_px / max(*(box[2:] - box[:2]), 1.0)
            if gain > first_gain:
                corner = size_px / 2 - gain * (box[:2] + box[2:]) / 2
                image = _cut_out(frame, gain, corner, size_px)
                views.append(View(number, person, image, gain, corner))
    return views


def seen_again(
    frames: Sequence[Frame],
    found: Sequence[Detections],
    views: Sequence[View],
    closer: Sequence[Detections],
    /,
) -> list[Detections]:
    """Take the keypoints of the second look; boxes and scores stay.

    Parameters
    ----------
    frames
        Pictures.
    found
        The people in each, at first look.
    views
        Who was looked at again.
    closer
        What was found there. Where that is nobody, or somebody else, the first look
        counts.
    """
    keypoints = [people.keypoints.copy() for people in found]
    for view, people in zip(views, closer, strict=True):
        box = found[view.picture].boxes[view.person].reshape(2, 2)
        expected = (box * view.gain + view.corner).reshape(1, 4)
        overlap = intersection_over_union(expected, people.boxes)[0]
        if overlap.max(initial=0.0) > _MIN_OVERLAP:
            points = people.keypoints[overlap.argmax()].copy()
            points[:, :2] = (points[:, :2] - view.corner) / view.gain
            height, width = frames[view.picture].shape[:2]
            hide_unseen(points, width_px=width, height_px=height)
            keypoints[view.picture][view.person] = points
    return [
        replace(people, keypoints=points)
        for people, points in zip(found, keypoints, strict=True)
    ]


def _cut_out(frame: Frame, gain: float, corner: Points, size_px: int) -> Frame:
    """Scale and move a picture under a square window; grey lies around it."""
    import cv2

    matrix = np.array([[gain, 0.0, corner[0]], [0.0, gain, corner[1]]])
    grey = (PADDING_GREY,) * 3
    image = cv2.warpAffine(frame, matrix, (size_px, size_px), borderValue=grey)
    return np.asarray(image, np.uint8)
