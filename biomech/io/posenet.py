"""PoseNet and MoveNet (TensorFlow.js): keypoints by name."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from biomech.errors import FormatError
from biomech.io.detections import Person, names_from, poses_of
from biomech.io.registry import Reading, reads
from biomech.io.source import read_json
from biomech.schema import Poses

_NAMED = re.compile(rb'"nose"\s*:\s*\{|"(name|part)"\s*:\s*"(nose|leftEye|left_eye)"')


def _is_posenet(_path: Path, head: bytes) -> bool:
    return bool(_NAMED.search(head))


@reads("poses", name="posenet", suffixes=(".json",), sniff=_is_posenet)
def read_posenet(path: Path, how: Reading, /) -> Poses:
    """Read a list of frames in which keypoints carry their names.

    A frame is an object of names (``{"nose": {"x": 1, "y": 2}, ...}``), an object with
    a list ``keypoints`` whose entries have ``name`` or ``part``, or a list of such
    people. Names may be in camel case. Points without ``score`` get no confidence.

    Parameters
    ----------
    path
        The file.
    how
        The frame rate.

    Returns
    -------
    A `poses` table in pixels; tracks are places in the list of each frame.

    Raises
    ------
    FormatError
        If it is no such file.
    """
    document = read_json(path)
    frames = document if isinstance(document, list) else [document]
    found = [
        (i, j, _by_name(person, path))
        for i, frame in enumerate(frames)
        for j, person in enumerate(frame if isinstance(frame, list) else [frame])
    ]
    labels = list(dict.fromkeys(label for _, _, points in found for label in points))
    names = names_from(labels, path)
    missing = (np.nan, np.nan, np.nan)
    people = [
        Person(i, j, np.array([points.get(label, missing) for label in labels]))
        for i, j, points in found
        if points
    ]
    return poses_of(people, path, names=names, how=how)


def _by_name(person: Any, path: Path) -> dict[str, tuple[float, float, float]]:
    if not isinstance(person, dict):
        msg = f"{path}: a frame should be an object of keypoints"
        raise FormatError(msg)
    listed = person.get("keypoints")
    if isinstance(listed, list):
        person = {str(p.get("name", p.get("part"))): p for p in listed}
    points = {n: p for n, p in person.items() if isinstance(p, dict)}
    return {name: _point(point, path) for name, point in points.items()}


def _point(point: dict[str, Any], path: Path) -> tuple[float, float, float]:
    place = point.get("position", point)
    try:
        score = point.get("score", np.nan)
        return float(place["x"]), float(place["y"]), float(score)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path}: a keypoint needs numbers x and y, found {point}"
        raise FormatError(msg) from error
