"""COCO keypoints files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from biomech.errors import FormatError
from pipelines.training.labelled import DataSet, Floats, known_names, labelled
from pipelines.training.problems import Problems


def read_coco(path: Path, /, *, images: Path | None, problems: Problems) -> DataSet:
    """Read a COCO keypoints file.

    Parameters
    ----------
    path
        The JSON.
    images
        Folder of the pictures; by default looked for beside the JSON.
    problems
        Receives what is wrong with single annotations.

    Returns
    -------
    The data set; no picture was opened.

    Raises
    ------
    FormatError
        If the file as a whole is not what it should be.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        pictures = {entry["id"]: entry for entry in document["images"]}
        files = [str(entry["file_name"]) for entry in pictures.values()]
        annotations = list(document["annotations"])
        listed = [c["keypoints"] for c in document["categories"] if "keypoints" in c]
    except (OSError, ValueError, TypeError, KeyError) as error:
        msg = f"{path} is not a COCO keypoints file: {error!r}"
        raise FormatError(msg) from error
    if not listed:
        msg = f"{path}: no category lists its keypoints"
        raise FormatError(msg)
    names = known_names(listed[0], path)
    people: dict[Any, list[tuple[Floats, Floats]]] = {key: [] for key in pictures}
    for number, annotation in enumerate(annotations):
        try:
            _add_person(people, annotation, len(names), problems)
        except (AttributeError, TypeError, ValueError) as error:
            problems.add("annotations that cannot be read", f"number {number}: {error}")
    folder = images or _image_folder(path, files[0] if files else "")
    return DataSet(
        names,
        tuple(
            labelled(
                folder / entry["file_name"],
                people[key],
                n_keypoints=len(names),
                video=_video(entry),
            )
            for key, entry in pictures.items()
        ),
    )


def _add_person(
    people: Mapping[Any, list[tuple[Floats, Floats]]],
    annotation: Mapping[str, Any],
    n_keypoints: int,
    problems: Problems,
) -> None:
    """Add the person of one annotation to those of its picture."""
    name = f"annotation {annotation.get('id')}"
    if annotation.get("iscrowd"):
        return
    picture = annotation.get("image_id")
    if picture not in people:
        problems.add("annotations of unlisted pictures", f"{name} of {picture}")
        return
    values = annotation.get("keypoints", [0] * 3 * n_keypoints)
    box = annotation.get("bbox", ())
    if len(values) != 3 * n_keypoints:
        what = f"has {len(values) / 3:g} keypoints instead of {n_keypoints}"
        problems.add("wrong number of keypoints", f"{name} {what}")
        return
    if len(box) != 4:
        problems.add("boxes that are not four numbers", name)
        return
    x, y, width, height = (float(value) for value in box)
    corners = np.array([x, y, x + width, y + height], np.float32)
    points = np.array(values, np.float32).reshape(-1, 3)
    people[picture].append((corners, points))


def _image_folder(path: Path, first: str) -> Path:
    """Look for the pictures beside the JSON, in images/, and one folder up."""
    here = path.parent
    places = [here, here / "images", here.parent / "images", here.parent]
    return next((place for place in places if (place / first).is_file()), here)


def _video(entry: Mapping[str, Any]) -> str | None:
    """Read which video a picture is of, where the data set says so."""
    video = entry.get("video", entry.get("video_id"))
    return None if video is None else str(video)
