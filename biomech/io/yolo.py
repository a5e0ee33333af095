"""Ultralytics YOLO pose labels: one text file per frame."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biomech.errors import FormatError
from biomech.io.detections import Person, names_for, poses_of
from biomech.io.registry import Reading, reads
from biomech.io.source import files_of_frames, read_text
from biomech.schema import Poses

Array = NDArray[np.float64]

#: Class and box in front of the keypoints.
_BEFORE = 5
_LINE = re.compile(rb"^\s*\d+(\s+\d\.?\d*(e-\d+)?){20,}", re.MULTILINE)


def _is_yolo(path: Path, head: bytes) -> bool:
    if not path.is_dir():
        return bool(_LINE.search(head))
    return any(_LINE.search(f.read_bytes()[:4096]) for f in sorted(path.glob("*.txt")))


@reads("poses", name="yolo", suffixes=("", ".txt"), sniff=_is_yolo)
def read_yolo(path: Path, how: Reading, /) -> Poses:
    """Read the text files that ``yolo pose predict save_txt`` writes.

    A line is class, box, then x, y and confidence per keypoint, in fractions of the
    picture; a number behind them is the confidence of the person (``save_conf``) or,
    if it is whole and above 0, the track. Without one, tracks are places in the file.
    Points at 0, 0 are missing. Empty files are frames without people.

    Parameters
    ----------
    path
        A folder of text files numbered in their names, or one file.
    how
        The frame rate and the size of the picture.

    Returns
    -------
    A `poses` table in pixels.

    Raises
    ------
    FormatError
        If a line does not fit, or nobody is in any file.
    """
    files = files_of_frames(path, "*.txt")
    people = [p for frame, file in files.items() for p in _people(file, frame)]
    names = names_for(people, how, path)
    return poses_of(
        people, path, names=names, how=how, unit="picture", first_frame=min(files)
    )


def _people(file: Path, frame: int) -> list[Person]:
    if not file.read_bytes().strip():
        return []
    lines = [line.split() for line in read_text(file).splitlines() if line.strip()]
    people = []
    for place, words in enumerate(lines):
        try:
            values = np.array(words, dtype=np.float64)
        except ValueError as error:
            msg = f"{file}: line {place + 1} is not numbers"
            raise FormatError(msg) from error
        points, track = _split(values, place, f"{file}: line {place + 1}")
        people.append(Person(frame, track, points))
    tracks = [p.track for p in people]
    if len(set(tracks)) < len(tracks):
        return [p._replace(track=i) for i, p in enumerate(people)]
    return people


def _split(values: Array, place: int, where: str) -> tuple[Array, int]:
    """Part keypoints from what stands behind them."""
    n = (len(values) - _BEFORE) // 3
    if n < 1:
        msg = f"{where}: {len(values)} numbers, expected class, box and keypoints"
        raise FormatError(msg)
    rest = values[_BEFORE + 3 * n :]
    is_track = len(rest) > 0 and rest[-1] > 0 and float(rest[-1]).is_integer()
    points = values[_BEFORE : _BEFORE + 3 * n].reshape(n, 3)
    return points, int(rest[-1]) if is_track else place
