"""COCO: keypoint results, and annotations as PoseTrack and others write them too."""

import re
from pathlib import Path
from typing import Any

from biomech.errors import FormatError
from biomech.io.detections import (
    Person,
    names_for,
    names_from,
    placed,
    poses_of,
    triples,
)
from biomech.io.registry import Reading, reads
from biomech.io.source import read_json
from biomech.schema import Poses

_RESULTS = re.compile(rb'^\s*\[\s*\{[^}]*"image_id"\s*:\s*\d')
_ANNOTATIONS = re.compile(rb'^\s*\{[\s\S]*"(annotations|images|categories)"\s*:')
#: Images of a video have close numbers; those of a collection have not, and are ranked.
_FARTHEST = 1_000_000


def _is_coco(_path: Path, head: bytes) -> bool:
    if b'"instance_info"' in head or b'"meta_info"' in head:
        return False
    return bool(_RESULTS.search(head) or _ANNOTATIONS.search(head))


@reads("poses", name="coco", suffixes=(".json",), sniff=_is_coco)
def read_coco(path: Path, how: Reading, /) -> Poses:
    """Read COCO keypoint results or annotations.

    The frame is the image number, counted from the smallest. Visibility flags in place
    of scores become confidences: 2 (seen) is 1, 1 (there but hidden) is 0.5, and 0 is
    missing. ``track_id`` is the track where the file has it; else tracks are places in
    the list of each image.

    Parameters
    ----------
    path
        The file.
    how
        The frame rate; the skeleton if neither names nor numbers tell.

    Returns
    -------
    A `poses` table in pixels.

    Raises
    ------
    FormatError
        If it is no such file, or holds no keypoints.
    """
    document = read_json(path)
    entries = document.get("annotations") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        msg = f"{path} is not COCO JSON: no list 'annotations'"
        raise FormatError(msg)
    found = [
        e for e in entries if isinstance(e, dict) and any(e.get("keypoints") or [])
    ]
    if not found:
        msg = f"{path} holds no keypoints in {len(entries)} entries"
        raise FormatError(msg)
    frames = _frames([int(e.get("image_id", 0)) for e in found])
    people = placed(
        (frame, entry.get("track_id"), triples(entry["keypoints"], path))
        for frame, entry in zip(frames, found, strict=True)
    )
    return poses_of(people, path, names=_names(document, people, how, path), how=how)


def _frames(images: list[int]) -> list[int]:
    first, last = min(images), max(images)
    if last - first <= _FARTHEST:
        return [image - first for image in images]
    rank = {image: i for i, image in enumerate(sorted(set(images)))}
    return [rank[image] for image in images]


def _names(
    document: Any, people: list[Person], how: Reading, path: Path
) -> tuple[str, ...]:
    categories = document.get("categories", []) if isinstance(document, dict) else []
    labels = next((c["keypoints"] for c in categories if c.get("keypoints")), None)
    if (
        labels is None
        or how.skeleton is not None
        or len(labels) != len(people[0].points)
    ):
        return names_for(people, how, path)
    return names_from(labels, path)
