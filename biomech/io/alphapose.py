"""AlphaPose: one JSON file of all people in all images."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from biomech.errors import FormatError
from biomech.io.detections import names_for, placed, poses_of, triples
from biomech.io.registry import Reading, reads
from biomech.io.source import number_in, read_json
from biomech.schema import Poses

_NAMED_IMAGE = re.compile(rb'"image_id"\s*:\s*"|^\s*\{\s*"[^"]*\.(jpg|png|jpeg)"\s*:')
_POINTS = ("keypoints", "joints", "pose_keypoints_2d")


def _is_alphapose(_path: Path, head: bytes) -> bool:
    return bool(_NAMED_IMAGE.search(head))


@reads("poses", name="alphapose", suffixes=(".json",), sniff=_is_alphapose)
def read_alphapose(path: Path, how: Reading, /) -> Poses:
    """Read AlphaPose results: the default list, or the forms ``cmu`` and ``open``.

    The frame is the number in the image's name. ``idx`` is the track where the tracker
    ran; without it tracks are places in the list of each image. Of the 136 points of
    Halpe-FullBody and the 133 of COCO-WholeBody, body and feet are taken.

    Parameters
    ----------
    path
        The file, often ``alphapose-results.json``.
    how
        The frame rate, and the skeleton if the number of points does not tell.

    Returns
    -------
    A `poses` table in pixels.

    Raises
    ------
    FormatError
        If it is no such file.
    """
    document = read_json(path)
    order: dict[str, int] = {}
    found = []
    for image, person in _detections(document, path):
        frame = number_in(image)
        frame = order.setdefault(image, len(order)) if frame is None else frame
        values = next((person[k] for k in _POINTS if person.get(k)), None)
        if values is None:
            msg = f"{path}: somebody in {image!r} has no keypoints"
            raise FormatError(msg)
        found.append((frame, _identity(person), triples(values, path)))
    people = placed(found)
    names = names_for(people, how, path)
    return poses_of(people, path, names=names, how=how)


def _detections(document: Any, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """List image names and people, in any of the three forms."""
    if isinstance(document, list):
        if not all(isinstance(p, dict) and "image_id" in p for p in document):
            msg = f"{path}: an entry has no 'image_id'"
            raise FormatError(msg)
        yield from ((str(person["image_id"]), person) for person in document)
        return
    for image, found in document.items():
        people = found
        if isinstance(found, dict):
            people = found.get("bodies", found.get("people"))
        if not isinstance(people, list):
            msg = f"{path}: {image!r} holds no list of people"
            raise FormatError(msg)
        yield from ((image, person) for person in people)


def _identity(person: dict[str, Any]) -> int | None:
    """Read ``idx``, which is a number or nested lists around one."""
    idx = person.get("idx")
    while isinstance(idx, list):
        idx = idx[0] if idx else None
    return int(idx) if isinstance(idx, int | float) else None
