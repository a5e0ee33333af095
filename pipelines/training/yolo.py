"""Pose data sets as ultralytics lays them out: data.yaml, images/, labels/."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from biomech.errors import FormatError
from biomech.skeletons import COCO17, HALPE26, mirror_of
from pipelines.training.labelled import (
    DataSet,
    Floats,
    Labelled,
    known_names,
    labelled,
)
from pipelines.training.problems import Problems

_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


def read_yolo(path: Path, /, *, problems: Problems) -> DataSet:
    """Read a pose data set of ultralytics.

    Parameters
    ----------
    path
        Its ``data.yaml``.
    problems
        Receives what is wrong with single lines.

    Returns
    -------
    The data set.

    Raises
    ------
    FormatError
        If the file as a whole is not what it should be.
    """
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
        n_keypoints, n_dims = shape = tuple(int(n) for n in document["kpt_shape"])
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        msg = f"{path} is not a pose data set of ultralytics: {error!r}"
        raise FormatError(msg) from error
    if n_keypoints < 1 or n_dims not in (2, 3):
        msg = f"{path}: kpt_shape is {shape}, needed are (keypoints, 2 or 3)"
        raise FormatError(msg)
    names = _yolo_names(document, n_keypoints, path)
    root = path.parent / str(document.get("path") or ".")
    files = sorted(
        file
        for file in (root / "images").rglob("*")
        if file.suffix.lower() in _SUFFIXES
    )
    if not files:
        msg = f"{path}: there is no picture below {root / 'images'}"
        raise FormatError(msg)
    _check_flip(document, names, problems)
    return DataSet(
        names,
        tuple(
            _yolo_picture(file, root, (n_keypoints, n_dims), problems) for file in files
        ),
    )


def write_yolo(
    folder: Path, parts: Mapping[str, Sequence[Labelled]], names: tuple[str, ...], /
) -> Path:
    """Lay pictures out as ultralytics wants them: links, and files of labels.

    Parameters
    ----------
    folder
        The folder to make.
    parts
        Pictures by the name of their part, ``train`` and ``val``.
    names
        The keypoints.

    Returns
    -------
    Its ``data.yaml``.
    """
    for part, pictures in parts.items():
        (folder / "images" / part).mkdir(parents=True)
        (folder / "labels" / part).mkdir(parents=True)
        for number, picture in enumerate(pictures):
            name = f"{number:06d}"
            link = folder / "images" / part / (name + picture.path.suffix.lower())
            _link(picture.path.resolve(), link)
            lines = _yolo_lines(picture)
            (folder / "labels" / part / f"{name}.txt").write_text("\n".join(lines))
    document = {
        "path": str(folder.resolve()),
        **{part: f"images/{part}" for part in parts},
        "kpt_shape": [len(names), 3],
        "flip_idx": [names.index(mirror_of(name)) for name in names],
        "names": {0: "person"},
        "kpt_names": {0: list(names)},
    }
    path = folder / "data.yaml"
    path.write_text(json.dumps(document, indent=1))  # JSON is YAML
    return path


def _link(picture: Path, link: Path) -> None:
    """Link to a picture, or copy it where ultralytics would write through the link.

    It saves a JPEG anew that does not end with the marker of its end.
    """
    jpeg = picture.suffix.lower() in (".jpg", ".jpeg")
    if jpeg and not picture.read_bytes().endswith(b"\xff\xd9"):
        shutil.copyfile(picture, link)
        return
    try:
        link.symlink_to(picture)
    except OSError:  # a file system without links
        shutil.copyfile(picture, link)


def _yolo_lines(picture: Labelled) -> list[str]:
    """Write people as class, centre, size and keypoints, in parts of the picture."""
    height, width = picture.load().image.shape[:2]
    size = np.array([width, height], np.float64)
    boxes = picture.boxes.reshape(-1, 2, 2).clip(0, size) / size
    centres, sides = boxes.mean(axis=1), boxes[:, 1] - boxes[:, 0]
    points = picture.keypoints.copy()
    labelled = points[..., 2:] > 0
    points[..., :2] = (points[..., :2].clip(0, size) / size) * labelled
    return [
        " ".join(["0", *(f"{v:.6g}" for v in (*centre, *side, *person.ravel()))])
        for centre, side, person in zip(centres, sides, points, strict=True)
    ]


def _yolo_names(
    document: Mapping[str, Any], n_keypoints: int, path: Path
) -> tuple[str, ...]:
    listed = document.get("kpt_names")
    if isinstance(listed, dict):
        listed = next(iter(listed.values()), None)
    if listed is not None:
        return known_names(listed, path)
    by_count = {17: COCO17.keypoints, 26: HALPE26.keypoints}
    if n_keypoints not in by_count:
        msg = f"{path}: name the {n_keypoints} keypoints under kpt_names: 0: [...]"
        raise FormatError(msg)
    return by_count[n_keypoints]


def _check_flip(
    document: Mapping[str, Any], names: tuple[str, ...], problems: Problems
) -> None:
    """Compare ``flip_idx`` with what the names say."""
    wanted = [names.index(mirror_of(name)) for name in names]
    found = document.get("flip_idx", wanted)
    if found != wanted:
        problems.add(
            "flip_idx does not exchange left and right", f"{found} != {wanted}"
        )


def _yolo_picture(
    path: Path, root: Path, shape: tuple[int, int], problems: Problems
) -> Labelled:
    labels = root / "labels" / path.relative_to(root / "images").with_suffix(".txt")
    lines = labels.read_bytes().splitlines() if labels.is_file() else []
    image = cv2.imread(str(path)) if lines else None
    height, width = image.shape[:2] if image is not None else (1, 1)
    people = []
    for number, line in enumerate(lines, start=1):
        person = _yolo_person(line, shape, f"{labels.name}:{number}", problems)
        if person is not None:
            box, points = person
            size = np.array([width, height], np.float32)
            points[:, :2] *= size
            people.append((box * np.tile(size, 2), points))
    return labelled(path, people, n_keypoints=shape[0])


def _yolo_person(
    line: bytes, shape: tuple[int, int], name: str, problems: Problems
) -> tuple[Floats, Floats] | None:
    try:
        values = np.array(line.split(), np.float32)
    except ValueError:
        problems.add("lines that are not numbers", name)
        return None
    n_keypoints, n_dims = shape
    if len(values) != 5 + n_keypoints * n_dims:
        found = (len(values) - 5) / n_dims
        what = f"has {found:g} keypoints instead of {n_keypoints}"
        problems.add("wrong number of keypoints", f"{name} {what}")
        return None
    x, y, width, height = values[1:5]
    points = values[5:].reshape(n_keypoints, n_dims)
    if n_dims == 2:
        seen = 2.0 * (points != 0).any(axis=1, keepdims=True)
        points = np.hstack([points, seen]).astype(np.float32)
    corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return np.array(corners, np.float32), points.copy()
