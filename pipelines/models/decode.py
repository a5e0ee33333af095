"""From the raw output of a YOLO pose network to people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.models.letterbox import Letterbox
from pipelines.models.protocol import Detections, Points

#: People below this score are dropped. 0.1 is what ultralytics tracks with: ByteTrack
#: needs the weak ones to carry a person through an occlusion.
MIN_SCORE = 0.1
#: Two boxes that overlap more than this are one person (default of ultralytics).
MAX_OVERLAP = 0.7
#: At most this many people per picture (default of ultralytics).
MAX_PEOPLE = 300


@dataclass(frozen=True)
class Head:
    """How the numbers of a network's output are laid out.

    Attributes
    ----------
    n_classes
        Number of class scores.
    person
        Index of the class that is a person; None takes all classes.
    n_keypoints
        Number of keypoints.
    n_dims
        3 for x, y, confidence; 2 for x, y.
    end_to_end
        Whether the network removes double boxes itself: its rows are then left, top,
        right, bottom, score, class, keypoints. Otherwise its columns are x and y of
        the middle, width, height, class scores, keypoints.
    """

    n_classes: int
    person: int | None
    n_keypoints: int
    n_dims: int
    end_to_end: bool


def decode(
    output: Points, /, *, head: Head, letterbox: Letterbox, min_score: float = MIN_SCORE
) -> Detections:
    """Read the people out of one picture's output.

    Parameters
    ----------
    output
        (4 + classes + keypoints x dims, anchors), or (rows, 6 + keypoints x dims) of an
        end-to-end network.
    head
        The layout.
    letterbox
        The picture's place in the input.
    min_score
        Drop people below this score, 0 to 1.

    Returns
    -------
    The people, best first, in pixels of the picture. Boxes end at its edges. A keypoint
    outside the picture is unseen: its coordinates are NaN.
    """
    read = _read_end_to_end if head.end_to_end else _read_anchors
    boxes, scores, points = read(output, head, min_score)
    height, width = letterbox.image
    edge = np.array([width, height], np.float32)

    corners = letterbox.to_image(boxes.reshape(-1, 2, 2)).clip(0, edge)
    keypoints = np.empty((len(boxes), head.n_keypoints, 3), np.float32)
    points = points.reshape(len(boxes), head.n_keypoints, head.n_dims)
    keypoints[..., :2] = letterbox.to_image(points[..., :2])
    # A network without confidences vouches for the person only.
    keypoints[..., 2] = points[..., 2] if head.n_dims == 3 else scores[:, None]
    hide_unseen(keypoints, width_px=width, height_px=height)
    return Detections(corners.reshape(-1, 4), scores, keypoints)


def hide_unseen(keypoints: Points, /, *, width_px: int, height_px: int) -> None:
    """Turn the coordinates of keypoints that nobody can see into NaN, in place.

    Parameters
    ----------
    keypoints
        x, y, confidence in the last dimension.
    width_px, height_px
        Size of the picture. A point outside of it is a guess; the point (0, 0) is how
        some models say that they have none.
    """
    x, y = keypoints[..., 0], keypoints[..., 1]
    inside = (x >= 0) & (y >= 0) & (x <= width_px) & (y <= height_px)
    keypoints[~(inside & ((x != 0) | (y != 0))), :2] = np.nan


def suppress_doubles(
    boxes: Points, scores: Points, *, max_overlap: float = MAX_OVERLAP
) -> NDArray[np.intp]:
    """Keep the best of the boxes that show the same person.

    Parameters
    ----------
    boxes
        Left, top, right, bottom, shape (n, 4).
    scores
        Shape (n,).
    max_overlap
        Intersection over union above which the weaker box goes.

    Returns
    -------
    Indices of the boxes that stay, best first.

    Notes
    -----
    Greedy non-maximum suppression; a box that was removed removes no other.
    """
    order = np.argsort(-scores, kind="stable")
    overlap = intersection_over_union(boxes[order], boxes[order]) > max_overlap
    gone = np.zeros(len(order), bool)
    for i in range(len(order)):
        if not gone[i]:
            gone[i + 1 :] |= overlap[i, i + 1 :]
    return order[~gone][:MAX_PEOPLE]


def intersection_over_union(a: Points, b: Points) -> Points:
    """Compare every box of one list with every box of another.

    Parameters
    ----------
    a, b
        Left, top, right, bottom, shapes (n, 4) and (m, 4).

    Returns
    -------
    Shape (n, m), from 0 (apart) to 1 (equal); 0 for two boxes without area.
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = (high - low).clip(min=0).prod(axis=-1)
    area_a, area_b = ((box[:, 2:] - box[:, :2]).prod(axis=-1) for box in (a, b))
    union = area_a[:, None] + area_b[None, :] - shared
    overlap: Points = np.zeros_like(shared)
    np.divide(shared, union, out=overlap, where=union > 0)
    return overlap


def _read_anchors(
    output: Points, head: Head, min_score: float
) -> tuple[Points, Points, Points]:
    """Pick the best anchor of every person; boxes as corners in network pixels."""
    classes = output[4 : 4 + head.n_classes]
    score = classes.max(axis=0) if head.person is None else classes[head.person]
    found = np.flatnonzero(score > min_score)
    rows = output[:, found].T
    boxes = np.concatenate(
        [rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], axis=1
    )
    keep = suppress_doubles(boxes, score[found])
    return boxes[keep], score[found][keep], rows[keep, 4 + head.n_classes :]


def _read_end_to_end(
    output: Points, head: Head, min_score: float
) -> tuple[Points, Points, Points]:
    """Pick the rows of people from a network that lists each once."""
    found = output[:, 4] > min_score
    if head.person is not None:
        found &= output[:, 5].round() == head.person
    rows = output[found]
    rows = rows[np.argsort(-rows[:, 4], kind="stable")][:MAX_PEOPLE]
    return rows[:, :4], rows[:, 4], rows[:, 6:]
