"""OpenPifPaf: predictions of one image, or lines of JSON for a video."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from biomech.errors import FormatError
from biomech.io.detections import Person, names_for, poses_of, triples
from biomech.io.registry import Reading, reads
from biomech.io.source import number_in, read_json
from biomech.schema import Poses

_START = re.compile(rb'^\s*\[\s*\{\s*"(keypoints|bbox|score|category_id)"\s*:')


def _is_openpifpaf(path: Path, head: bytes) -> bool:
    if path.is_dir():
        return any(path.glob("*.predictions.json"))
    return b'"predictions"' in head or bool(
        _START.search(head) and b'"keypoints"' in head and b'"image_id"' not in head
    )


@reads("poses", name="openpifpaf", suffixes=("", ".json"), sniff=_is_openpifpaf)
def read_openpifpaf(path: Path, how: Reading, /) -> Poses:
    """Read OpenPifPaf predictions.

    Points it did not find are marked by a confidence of 0 (at x 0, y -3) and are
    missing. ``id_`` is the track where the tracker ran; without it tracks are places in
    the list of each frame.

    Parameters
    ----------
    path
        A file of one image, a folder of ``*.predictions.json``, or a file of lines with
        ``frame`` and ``predictions``.
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
    frames = list(_frames(path))
    people = [
        Person(frame, _track(person, place), triples(person["keypoints"], path))
        for frame, predictions in frames
        for place, person in enumerate(predictions)
    ]
    names = names_for(people, how, path)
    first = min(frame for frame, _ in frames)
    return poses_of(people, path, names=names, how=how, first_frame=first)


def _frames(path: Path) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    files = sorted(path.glob("*.predictions.json")) if path.is_dir() else [path]
    for i, file in enumerate(files):
        document = read_json(file)
        entries = [document] if isinstance(document, dict) else document
        if all(isinstance(e, dict) and "predictions" in e for e in entries):
            for j, entry in enumerate(entries):
                yield int(entry.get("frame", j)), _checked(entry["predictions"], file)
        else:
            number = number_in(file.name) if len(files) > 1 else 0
            yield i if number is None else number, _checked(entries, file)


def _checked(predictions: Any, file: Path) -> list[dict[str, Any]]:
    if not isinstance(predictions, list) or not all(
        isinstance(p, dict) and "keypoints" in p for p in predictions
    ):
        msg = f"{file}: a prediction has no 'keypoints'"
        raise FormatError(msg)
    return predictions


def _track(person: dict[str, Any], place: int) -> int:
    return int(person["id_"]) if isinstance(person.get("id_"), int) else place
