"""People found in frames, as most pose estimators write them, made into poses."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.errors import FormatError, SkeletonError, did_you_mean
from biomech.io.registry import Reading
from biomech.io.source import clip_id_of
from biomech.keypoint_names import keypoint_named
from biomech.schema import Poses
from biomech.skeletons import BLAZEPOSE33, BODY25, COCO17, COCO18, HALPE26, SKELETONS

Array = NDArray[np.float64]

_FEET = ("big_toe", "small_toe", "heel")
_WHOLE_BODY = (
    *COCO17.keypoints,
    *(f"{s}_{p}" for s in ("left", "right") for p in _FEET),
)
#: Points of the body by how many there are; face and hands of larger sets are left out.
_BY_COUNT: dict[int, tuple[str, ...]] = {
    17: COCO17.keypoints,
    18: COCO18.keypoints,
    25: BODY25.keypoints,
    26: HALPE26.keypoints,
    33: BLAZEPOSE33.keypoints,
    133: _WHOLE_BODY,
    136: HALPE26.keypoints,
}


class Person(NamedTuple):
    """One person in one frame.

    Attributes
    ----------
    frame
        Number of the frame, as the file counts.
    track
        Who it is, or the place in the file's list.
    points
        Shape (keypoints, 2 to 4): x, y[, z], confidence.
    """

    frame: int
    track: int
    points: Array


def triples(values: Sequence[float], where: object, /) -> Array:
    """Fold a flat list ``x, y, c, x, y, c, ...`` into rows of three.

    Parameters
    ----------
    values
        The list.
    where
        The file, for the message.

    Returns
    -------
    Shape (keypoints, 3).

    Raises
    ------
    FormatError
        If it is not a list of numbers whose length is a multiple of three.
    """
    try:
        flat = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        msg = f"{where}: keypoints should be numbers"
        raise FormatError(msg) from error
    if flat.ndim != 1 or flat.size % 3 or not flat.size:
        msg = f"{where}: {flat.size} numbers per person, expected x, y, c per keypoint"
        raise FormatError(msg)
    return flat.reshape(-1, 3)


def placed(found: Iterable[tuple[int, int | None, Array]], /) -> list[Person]:
    """Give people who they are, or their place in the frame if a file does not tell.

    Parameters
    ----------
    found
        Frame, identity and points of everybody.

    Returns
    -------
    The people; identities count only if all have one and no frame has one twice.
    """
    found = list(found)
    keys = [(frame, identity) for frame, identity, _ in found]
    trusted = all(i is not None for _, i in keys) and len(set(keys)) == len(keys)
    seen: dict[int, int] = {}
    people = []
    for frame, identity, points in found:
        place = seen[frame] = seen.get(frame, -1) + 1
        track = identity if trusted and identity is not None else place
        people.append(Person(frame, track, points))
    return people


def names_for(
    people: Sequence[Person], how: Reading, where: object, /
) -> tuple[str, ...]:
    """Tell the keypoints of a file from how many it has per person.

    Parameters
    ----------
    people
        Everybody in the file.
    how
        Its skeleton, if given, wins.
    where
        The file, for the message.

    Returns
    -------
    Names of the first keypoints; those behind them are face and hands.

    Raises
    ------
    FormatError
        If there is nobody, or no skeleton has that many.
    SkeletonError
        If the skeleton is unknown or has more keypoints than the file.
    """
    _need_somebody(people, where)
    count = len(people[0].points)
    if how.skeleton is None:
        if count not in _BY_COUNT:
            msg = (
                f"{where}: {count} keypoints per person, known are "
                f"{sorted(_BY_COUNT)}; say which: skeleton='HALPE-26'"
            )
            raise FormatError(msg)
        return _BY_COUNT[count]
    if how.skeleton not in SKELETONS:
        msg = f"unknown skeleton {how.skeleton!r}"
        raise SkeletonError(msg + did_you_mean(how.skeleton, SKELETONS))
    names = SKELETONS[how.skeleton].keypoints
    if len(names) > count:
        msg = f"{where}: {count} keypoints per person, {how.skeleton} has {len(names)}"
        raise SkeletonError(msg)
    return names


def names_from(labels: Iterable[Any], where: object, /) -> tuple[str, ...]:
    """Translate the keypoint names that a file gives; unknown ones become empty.

    Parameters
    ----------
    labels
        As the file spells them.
    where
        The file, for the message.

    Returns
    -------
    One name per label, from `biomech.KEYPOINTS` or empty.

    Raises
    ------
    SkeletonError
        If fewer than two are known.
    """
    spelled = [str(label) for label in labels]
    names = tuple(keypoint_named(label) or "" for label in spelled)
    if sum(1 for n in names if n) < 2:
        msg = f"{where}: no human keypoints among {spelled[:30]}"
        raise SkeletonError(msg)
    return names


def poses_of(
    people: Sequence[Person],
    path: Path,
    /,
    *,
    names: Sequence[str],
    how: Reading,
    unit: str = "px",
    first_frame: int = 0,
) -> Poses:
    """Make a poses table of people found in frames.

    A point is missing if it lies at (0, 0), has no confidence above 0 or is not finite.
    Confidences above 1, as heat maps give them, become 1.

    Parameters
    ----------
    people
        In any order, at least one.
    path
        The file, which names the clip.
    names
        Keypoints in the order of the points; empty names and further points are left
        out.
    how
        The frame rate.
    unit
        ``"px"``, ``"m"``, or ``"picture"`` for fractions of width and height, which
        `how` must give.
    first_frame
        Number of the first frame of the file, whether somebody is in it or not.

    Returns
    -------
    A `poses` table, one row per person and frame.

    Raises
    ------
    FormatError
        If there is nobody, people differ in their number of keypoints, somebody occurs
        twice in a frame, or the frame rate is missing.
    """
    _need_somebody(people, path)
    counts = {p.points.shape for p in people}
    if len(counts) > 1:
        msg = f"{path}: people differ in their keypoints: {sorted(counts)}"
        raise FormatError(msg)
    frame = np.array([p.frame - first_frame for p in people])
    time = frame / how.rate(path)
    keys = pl.DataFrame(
        {"track_id": [p.track for p in people], "frame": frame, "time_s": time},
        schema_overrides={"track_id": pl.Int32, "frame": pl.Int32},
    ).select(pl.lit(clip_id_of(path)).alias("clip_id"), "track_id", "frame", "time_s")
    if keys.select("track_id", "frame").is_duplicated().any():
        msg = f"{path}: somebody occurs twice in the same frame"
        raise FormatError(msg)
    known = [i for i, name in enumerate(names) if name]
    values = np.stack([p.points for p in people])[:, known]
    xyz, confidence = _seen(values[..., :-1], values[..., -1])
    if unit == "picture":
        xyz, unit = xyz * _size_px(how, path), "px"
    chosen = [names[i] for i in known]
    scores = confidence if np.isfinite(confidence).any() else None
    table = from_array(keys, xyz=xyz, keypoints=chosen, unit=unit, confidence=scores)
    return table.sort("track_id", "frame")


def _need_somebody(people: Sequence[Person], where: object) -> None:
    if not people:
        msg = f"{where} holds no people"
        raise FormatError(msg)


def _seen(xyz: Array, confidence: Array) -> tuple[Array, Array]:
    """Blank what the file marks as not found."""
    confidence = _scores(confidence)
    missing = (xyz[..., :2] == 0).all(axis=-1) | (confidence <= 0)
    missing |= ~np.isfinite(xyz).all(axis=-1)
    blanked = np.where(missing[..., None], np.nan, xyz)
    return blanked, np.where(missing, np.nan, np.minimum(confidence, 1.0))


def _scores(confidence: Array) -> Array:
    """Make scores of COCO's flags: 2 is seen, 1 is there but hidden, 0 is unknown."""
    finite = confidence[np.isfinite(confidence)]
    flags = finite.size > 0 and finite.max() == 2 and np.isin(finite, (0, 1, 2)).all()
    return confidence / 2 if flags else confidence


def _size_px(how: Reading, path: Path) -> Array:
    if how.size_px is None:
        msg = (
            f"{path} holds fractions of the picture: say its size, "
            "such as size_px=(1920, 1080)"
        )
        raise FormatError(msg)
    if min(how.size_px) <= 0:
        msg = f"size_px is {how.size_px}, both must be above 0"
        raise FormatError(msg)
    return np.asarray(how.size_px, dtype=np.float64)
