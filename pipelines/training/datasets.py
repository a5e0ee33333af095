"""Users' data sets: read, checked as a whole, split by video."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from biomech.errors import FormatError
from pipelines.training.coco import read_coco
from pipelines.training.labelled import DataSet, Floats, Labelled
from pipelines.training.problems import Problems
from pipelines.training.yolo import read_yolo

#: Labels may lie this far outside of the picture: rounding of the labelling tool.
_OUTSIDE_PX = 2.0
#: People needed to judge whether left and right are exchanged.
_MIN_FACING = 10


class Split(NamedTuple):
    """Pictures to learn from, pictures held out, and how they were told apart."""

    learned: tuple[Labelled, ...]
    held_out: tuple[Labelled, ...]
    rule: str


def read_dataset(path: Path, /, *, images: Path | None = None) -> DataSet:
    """Read a data set and check all of it.

    Parameters
    ----------
    path
        A COCO keypoints JSON, or a folder with ``data.yaml``, or that file.
    images
        For COCO: the folder of the pictures, if it is not found beside the JSON.

    Returns
    -------
    The data set; every picture was decoded once.

    Raises
    ------
    FormatError
        If there is no data set, or with the list of everything that is wrong with it:
        pictures that are missing or damaged, labels outside of the picture, empty
        boxes, wrong numbers of keypoints, nobody labelled, left and right exchanged.
    """
    problems = Problems(str(path))
    if path.suffix.lower() == ".json":
        found = read_coco(path, images=images, problems=problems)
    elif (path / "data.yaml").is_file():
        found = read_yolo(path / "data.yaml", problems=problems)
    elif path.suffix.lower() in (".yaml", ".yml") and path.is_file():
        found = read_yolo(path, problems=problems)
    else:
        msg = f"{path} is neither a COCO .json nor a folder with data.yaml"
        raise FormatError(msg)
    for picture in found.pictures:
        _check_picture(picture, problems)
    _check_people(found, problems)
    problems.raise_any()
    return found


def split_by_video(
    pictures: Sequence[Labelled], /, *, held_out_share: float = 0.2
) -> Split:
    """Hold out whole videos, so that the figures speak of footage never seen.

    Parameters
    ----------
    pictures
        All pictures, at least two.
    held_out_share
        Least share of the pictures to hold out, 0 to 1.

    Returns
    -------
    The split, the same for the same names. Of a single video the last pictures are
    held out, and `Split.rule` says so.
    """
    videos = sorted({p.video for p in pictures}, key=_shuffled)
    wanted = held_out_share * len(pictures)
    if len(videos) == 1:
        ordered = sorted(pictures, key=lambda p: str(p.path))
        n_learned = min(len(ordered) - 1, round(len(ordered) - wanted))
        n_learned = max(n_learned, 1)
        rule = "one video only: its last pictures are held out, figures flatter"
        return Split(tuple(ordered[:n_learned]), tuple(ordered[n_learned:]), rule)
    chosen: set[str] = set()
    for video in videos[:-1]:
        if sum(p.video in chosen for p in pictures) >= wanted and chosen:
            break
        chosen.add(video)
    learned = tuple(p for p in pictures if p.video not in chosen)
    held_out = tuple(p for p in pictures if p.video in chosen)
    rule = f"{len(chosen)} of {len(videos)} videos are held out"
    return Split(learned, held_out, rule)


def _shuffled(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _check_picture(picture: Labelled, problems: Problems) -> None:
    """Decode a picture and compare its labels with its size."""
    name = picture.path.name
    if not picture.path.is_file():
        problems.add("missing pictures", str(picture.path))
        return
    image = cv2.imread(str(picture.path))
    if image is None or not _complete(picture.path):
        problems.add("pictures that cannot be decoded", str(picture.path))
        return
    size = np.array([image.shape[1], image.shape[0]], np.float32)
    values = np.concatenate([picture.boxes.ravel(), picture.keypoints.ravel()])
    if not np.isfinite(values).all():
        problems.add("labels that are not finite", name)
        return
    sides = picture.boxes[:, 2:] - picture.boxes[:, :2]
    if (sides <= 0).any():
        problems.add("empty boxes", name)
    labelled = picture.keypoints[..., 2] > 0
    points = np.vstack(
        [picture.boxes.reshape(-1, 2), picture.keypoints[labelled][:, :2]]
    )
    if ((points < -_OUTSIDE_PX) | (points > size + _OUTSIDE_PX)).any():
        problems.add("labels outside of the picture", name)


def _complete(picture: Path) -> bool:
    """Say whether all of a picture is there; OpenCV fills with grey what is not."""
    try:
        with Image.open(picture) as opened:
            opened.load()
    except (OSError, SyntaxError, ValueError):
        return False
    return True


def _check_people(found: DataSet, problems: Problems) -> None:
    """Look at all people together: whether there is anybody, and left is left."""
    if len(found.pictures) < 2:
        problems.add("fewer than two pictures", f"{len(found.pictures)}")
    everybody = [p.keypoints for p in found.pictures if len(p.keypoints)]
    people = np.concatenate(everybody) if everybody else np.empty((0, 0, 3), np.float32)
    if not (people[..., 2] > 0).any():
        problems.add("nobody is labelled", f"{len(found.pictures)} pictures")
        return
    for part in ("eye", "shoulder"):
        share, n = _facing_share(people, found.keypoints, part)
        if n >= _MIN_FACING:
            if share < 0.5:
                what = f"the left {part} is on the left in {1 - share:.0%} of {n} faces"
                problems.add("left and right are exchanged", what)
            return


def _facing_share(
    people: Floats, names: tuple[str, ...], part: str
) -> tuple[float, int]:
    """Say how often the person's left is on the right of the picture, of how many.

    Whose nose is seen between both eyes, or shoulders, looks towards the camera.
    """
    needed = (f"left_{part}", f"right_{part}", "nose")
    if not set(needed) <= set(names):
        return 1.0, 0
    seen = people[:, [names.index(name) for name in needed]]
    left, right, nose = seen[(seen[..., 2] == 2).all(axis=1), :, 0].T
    is_facing = (left - nose) * (nose - right) > 0
    right_way = (left > right)[is_facing]
    return float(right_way.mean()) if len(right_way) else 1.0, len(right_way)
