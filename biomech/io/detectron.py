"""Detectron2 keypoints as scripts save them: frame number -> people -> points."""

import re
from pathlib import Path

import numpy as np

from biomech.errors import FormatError
from biomech.io.detections import Person, names_for, poses_of
from biomech.io.registry import Reading, reads
from biomech.io.source import read_json
from biomech.schema import Poses

_START = re.compile(rb'^\s*\{\s*"\d+"\s*:\s*\[')


def _is_detectron(_path: Path, head: bytes) -> bool:
    return bool(_START.search(head))


@reads("poses", name="detectron", suffixes=(".json",), sniff=_is_detectron)
def read_detectron(path: Path, how: Reading, /) -> Poses:
    """Read an object whose keys are frame numbers and whose values are lists of people.

    Parameters
    ----------
    path
        The file.
    how
        The frame rate.

    Returns
    -------
    A `poses` table in pixels; tracks are places in the list of each frame. Scores of
    this model are not limited to 1: larger ones become 1.

    Raises
    ------
    FormatError
        If it is no such file.
    """
    document = read_json(path)
    try:
        people = [
            Person(int(frame), place, np.asarray(points, dtype=np.float64))
            for frame, found in document.items()
            for place, points in enumerate(found)
        ]
    except (AttributeError, TypeError, ValueError) as error:
        msg = f"{path} is not an object of frame numbers and lists of people"
        raise FormatError(msg) from error
    if not people or people[0].points.ndim != 2 or people[0].points.shape[1] != 3:
        msg = f"{path}: people should be lists of x, y, score"
        raise FormatError(msg)
    names = names_for(people, how, path)
    first = min(int(frame) for frame in document)
    return poses_of(people, path, names=names, how=how, first_frame=first)
