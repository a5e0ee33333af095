"""MMPose: what its inferencer writes, in two or three dimensions."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from biomech.axes import axes_matrix, guess_axes
from biomech.errors import FormatError
from biomech.io.detections import Person, names_for, names_from, poses_of
from biomech.io.registry import Reading, reads
from biomech.io.source import read_json
from biomech.schema import Poses

_INSTANCES = re.compile(rb'"(instance_info|instances)"\s*:|"keypoint_scores"\s*:')


def _is_mmpose(_path: Path, head: bytes) -> bool:
    return bool(_INSTANCES.search(head)) or b'"keypoint_id2name"' in head


@reads("poses", name="mmpose", suffixes=(".json",), sniff=_is_mmpose)
def read_mmpose(path: Path, how: Reading, /) -> Poses:
    """Read the predictions of MMPose's inferencer.

    Names are those of ``meta_info`` where the file has it; names of joints that we do
    not have (spine, thorax) are left out. Three-dimensional predictions are metres
    around the hips and are turned to our axes. ``track_id`` is the track where the
    tracker ran; without it tracks are places in the list of each frame.

    Parameters
    ----------
    path
        A file with ``instance_info``, or a list of frames with ``instances``.
    how
        The frame rate; the skeleton if neither names nor numbers tell; the axes.

    Returns
    -------
    A `poses` table in pixels, or in metres with three dimensions.

    Raises
    ------
    FormatError
        If it is no such file, or nobody is in it.
    """
    document = read_json(path)
    frames = document.get("instance_info") if isinstance(document, dict) else document
    if not isinstance(frames, list) or not all(isinstance(f, dict) for f in frames):
        msg = f"{path} is not MMPose JSON: no list 'instance_info'"
        raise FormatError(msg)
    if frames and "keypoints" in frames[0]:
        frames = [{"frame_id": 0, "instances": frames}]
    people = [
        Person(int(f.get("frame_id", i)), int(p.get("track_id", j)), _points(p, path))
        for i, f in enumerate(frames)
        for j, p in enumerate(f.get("instances", []))
    ]
    names = _names(document, people, how, path)
    unit = "px" if people[0].points.shape[1] == 3 else "m"
    people = people if unit == "px" else _turned(people, names, how)
    first = min(int(f.get("frame_id", 0)) for f in frames)
    return poses_of(people, path, names=names, how=how, unit=unit, first_frame=first)


def _points(person: dict[str, Any], path: Path) -> Any:
    try:
        xy = np.asarray(person["keypoints"], dtype=np.float64)
        scores = np.asarray(person["keypoint_scores"], dtype=np.float64)
        points = np.column_stack([xy, scores])
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path}: a person needs 'keypoints' and 'keypoint_scores' of one length"
        raise FormatError(msg) from error
    if points.shape[1] not in (3, 4):
        msg = (
            f"{path}: keypoints have {points.shape[1] - 1} coordinates, expected 2 or 3"
        )
        raise FormatError(msg)
    return points


def _names(
    document: Any, people: list[Person], how: Reading, path: Path
) -> tuple[str, ...]:
    meta = document.get("meta_info", {}) if isinstance(document, dict) else {}
    given = meta.get("keypoint_id2name")
    if given is None or how.skeleton is not None:
        return names_for(people, how, path)
    return names_from((given[key] for key in sorted(given, key=int)), path)


def _turned(people: list[Person], names: tuple[str, ...], how: Reading) -> list[Person]:
    axes = how.axes
    if axes == "auto":
        xyz = np.stack([p.points[:, :3] for p in people])
        axes = guess_axes({n: xyz[:, i] for i, n in enumerate(names) if n})
    matrix = axes_matrix(axes)
    return [
        p._replace(points=np.column_stack([p.points[:, :3] @ matrix.T, p.points[:, 3]]))
        for p in people
    ]
