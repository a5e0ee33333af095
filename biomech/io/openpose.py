"""OpenPose: one JSON file per frame, in a folder."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from biomech.errors import FormatError
from biomech.io.detections import Person, names_for, poses_of, triples
from biomech.io.registry import Reading, reads
from biomech.io.source import files_of_frames, read_json
from biomech.schema import Poses
from biomech.skeletons import BODY25, BODY25B

_KEYS = ("pose_keypoints_2d", "pose_keypoints")
_PEOPLE = re.compile(rb'"people"\s*:')


def _is_openpose(path: Path, head: bytes) -> bool:
    if not path.is_dir():
        return bool(_PEOPLE.search(head))
    first = next(iter(sorted(path.glob("*.json"))), None)
    return first is not None and bool(_PEOPLE.search(first.read_bytes()[:65_536]))


@reads("poses", name="openpose", suffixes=("", ".json"), sniff=_is_openpose)
def read_openpose(path: Path, how: Reading, /) -> Poses:
    """Read the people of an OpenPose folder, or of one of its files.

    Frames without people have no rows. BODY_25 and BODY_25B, which both have 25 points,
    are told apart by which points lie at the eyes. Unless the files number people,
    tracks are places in the list of each frame, not identities.

    Parameters
    ----------
    path
        A folder of JSON files, one per frame, numbered in their names; or one file.
    how
        The frame rate, and the skeleton if it is not to be guessed.

    Returns
    -------
    A `poses` table in pixels.

    Raises
    ------
    FormatError
        If a file is no OpenPose JSON, or nobody is in any.
    """
    files = files_of_frames(path, "*.json")
    people = [p for frame, file in files.items() for p in _people(file, frame)]
    names = names_for(people, how, path)
    if how.skeleton is None and len(names) == len(BODY25B):
        names = _of_25(people)
    return poses_of(people, path, names=names, how=how, first_frame=min(files))


def _people(file: Path, frame: int) -> list[Person]:
    document = read_json(file)
    if not isinstance(document, dict) or not isinstance(document.get("people"), list):
        msg = f"{file} is not OpenPose JSON: no list 'people'"
        raise FormatError(msg)
    found = [(i, p, _flat(p)) for i, p in enumerate(document["people"])]
    return [
        Person(frame, _track(person, i), triples(values, file))
        for i, person, values in found
        if values
    ]


def _flat(person: dict[str, Any]) -> list[float]:
    return next((person[key] for key in _KEYS if person.get(key)), [])


def _track(person: dict[str, Any], place: int) -> int:
    given = person.get("person_id", [-1])
    number = given[0] if isinstance(given, list) and given else given
    return int(number) if isinstance(number, int | float) and number >= 0 else place


def _of_25(people: list[Person]) -> tuple[str, ...]:
    """Tell BODY_25 from BODY_25B: in which of them are the eyes near the nose."""
    points = np.stack([p.points for p in people])
    xy = np.where(points[..., 2:] > 0, points[..., :2], np.nan)
    distances = [
        np.linalg.norm(
            xy[:, skeleton.keypoints.index(f"{side}_eye")] - xy[:, 0], axis=1
        )
        for skeleton in (BODY25, BODY25B)
        for side in ("left", "right")
    ]
    seen = [d[np.isfinite(d)] for d in distances]
    medians = [float(np.median(d)) if len(d) else np.inf for d in seen]
    return min(
        (BODY25.keypoints, BODY25B.keypoints),
        key=lambda k: min(medians[:2] if k is BODY25.keypoints else medians[2:]),
    )
