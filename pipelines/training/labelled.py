"""Labelled pictures of a user's data set, before and while they are checked."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from biomech.errors import FormatError, did_you_mean
from biomech.skeletons import KEYPOINTS, mirror_of
from pipelines.training.pictures import Picture

Floats = NDArray[np.float32]


class Labelled(NamedTuple):
    """A picture on disk with its people.

    Attributes
    ----------
    path
        The picture.
    boxes
        Left, top, right, bottom in pixels, (people, 4).
    keypoints
        x_px, y_px, visibility (0 not labelled, 1 hidden, 2 seen), (people, k, 3).
    video
        What it was taken from; pictures of one video are alike.
    """

    path: Path
    boxes: Floats
    keypoints: Floats
    video: str

    def load(self) -> Picture:
        """Read the pixels.

        Raises
        ------
        FormatError
            If the picture cannot be decoded.
        """
        image = cv2.imread(str(self.path))
        if image is None:
            msg = f"{self.path} cannot be decoded"
            raise FormatError(msg)
        return Picture(image, self.boxes, self.keypoints)


class DataSet(NamedTuple):
    """Labelled pictures with the names of their keypoints."""

    keypoints: tuple[str, ...]
    pictures: tuple[Labelled, ...]


def video_of(path: Path, /) -> str:
    """Name the video that a picture comes from.

    Parameters
    ----------
    path
        The picture, such as ``serve3/frame_0012.png`` or ``serve3_000012.jpg``.

    Returns
    -------
    Its folder, and its stem without the number at the end.

    Examples
    --------
    >>> video_of(Path("a/serve3_000012.jpg")), video_of(Path("serve3/frame_0012.png"))
    ('a/serve3', 'serve3/frame')
    """
    stem = re.sub(r"[-_. ]*\d+$", "", path.stem)
    return f"{path.parent.name}/{stem}"


def known_names(names: Iterable[str], path: Path, /) -> tuple[str, ...]:
    """Accept names of our vocabulary only, so that left and right are certain.

    Parameters
    ----------
    names
        Names of keypoints as a data set gives them.
    path
        Named in the error.

    Raises
    ------
    FormatError
        If a name is unknown, or lacks its twin on the other side.
    """
    names = tuple(str(name) for name in names)
    if unknown := [name for name in names if name not in KEYPOINTS]:
        hint = did_you_mean(unknown[0], KEYPOINTS)
        msg = f"{path}: unknown keypoints {unknown}{hint}"
        raise FormatError(msg)
    if lone := [name for name in names if mirror_of(name) not in names]:
        msg = f"{path}: keypoints without their twin on the other side: {lone}"
        raise FormatError(msg)
    return names


def labelled(
    path: Path,
    people: Sequence[tuple[Floats, Floats]],
    /,
    *,
    n_keypoints: int,
    video: str | None = None,
) -> Labelled:
    """Put a picture and its people together.

    Parameters
    ----------
    path
        The picture.
    people
        Box and keypoints of each.
    n_keypoints
        How many keypoints a person has.
    video
        What the picture was taken from, if the data set says so.
    """
    boxes = np.array([box for box, _ in people], np.float32).reshape(-1, 4)
    keypoints = np.array([points for _, points in people], np.float32)
    return Labelled(
        path,
        boxes,
        keypoints.reshape(-1, n_keypoints, 3),
        video or video_of(path),
    )
