"""Score a pose model: on labelled pictures, on video with truth, beside another."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.schema import Poses
from biomech.skeletons import COCO17
from pipelines.evaluate import Scores, evaluate
from pipelines.models.protocol import Detections, Frame, PoseModel
from pipelines.training.pictures import Picture
from pipelines.video import frames

Array = NDArray[np.float64]
#: Pictures with their numbers.
Numbered = tuple[list[int], list[Frame]]

#: Pictures that a model gets at once.
_AT_ONCE = 16
_BOX = ("box_x_min_px", "box_y_min_px", "box_x_max_px", "box_y_max_px")


def assess(
    model: PoseModel,
    pictures: Iterable[Picture],
    /,
    *,
    keypoints: Sequence[str],
) -> Scores:
    """Let a model look at labelled pictures and score what it finds.

    Parameters
    ----------
    model
        The pose model; it is not closed.
    pictures
        Labelled pictures, read once.
    keypoints
        Names of the labelled keypoints, in their order.

    Returns
    -------
    What `pipelines.evaluate.evaluate` returns; every picture is a frame.
    """
    found: list[Poses] = []
    true: list[Poses] = []
    number = 0
    for some in _batched(pictures):
        detections = model([np.ascontiguousarray(p.image) for p in some])
        numbers = range(number, number + len(some))
        true += [
            _table(i, p.boxes, _labels(p.keypoints), keypoints)
            for i, p in zip(numbers, some, strict=True)
        ]
        found += [
            _found(i, d, model.skeleton.keypoints)
            for i, d in zip(numbers, detections, strict=True)
        ]
        number += len(some)
    return evaluate(pl.concat(found), pl.concat(true))


def assess_video(
    model: PoseModel, video: Path, truth: Poses, /, *, every: int = 1
) -> Scores:
    """Let a model look at a video whose truth is known, and score what it finds.

    Parameters
    ----------
    model
        The pose model; it is not closed.
    video
        The video.
    truth
        A `poses` table in pixels; its ``frame`` counts the frames of the video.
    every
        Look at every n-th frame only.

    Returns
    -------
    What `pipelines.evaluate.evaluate` returns.
    """
    found = _look(model, video, every)
    seen = pl.col("frame") % every == 0
    return evaluate(found, truth.filter(seen).with_columns(clip_id=pl.lit("pictures")))


def assess_beside(
    model: PoseModel,
    video: Path,
    reference: PoseModel,
    /,
    *,
    every: int = 1,
    min_confidence: float = 0.5,
) -> Scores:
    """Compare a model on a video with another one, which is no truth either.

    Parameters
    ----------
    model
        The pose model to judge.
    video
        The video.
    reference
        What it is compared with.
    every
        Look at every n-th frame only.
    min_confidence
        Keypoints of the reference below this confidence do not count.

    Returns
    -------
    What `pipelines.evaluate.evaluate` returns, of COCO's 17 keypoints.
    """
    found = _look(model, video, every)
    other = _look(reference, video, every)
    names = [name for name in COCO17.keypoints if f"{name}_x_px" in other.columns]
    sure = [
        pl.when(pl.col(f"{name}_confidence") >= min_confidence)
        .then(pl.col(f"{name}_{axis}"))
        .alias(f"{name}_{axis}")
        for name in names
        for axis in ("x_px", "y_px")
    ]
    key = ["clip_id", "track_id", "frame", "time_s", *_BOX]
    return evaluate(found, other.select(*key, *sure))


def _look(model: PoseModel, video: Path, every: int) -> Poses:
    """Find people in every n-th frame."""
    model.reset()
    tables = []
    for numbers, images in _some_frames(video, every):
        detections = model(images)
        tables += [
            _found(i, d, model.skeleton.keypoints)
            for i, d in zip(numbers, detections, strict=True)
        ]
    return pl.concat(tables)


def _some_frames(video: Path, every: int) -> Iterator[Numbered]:
    with frames(video) as reader:
        chosen = (frame for frame in reader if frame.index % every == 0)
        while some := list(islice(chosen, _AT_ONCE)):
            yield [frame.index for frame in some], [frame.image for frame in some]


def _batched(pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
    remaining = iter(pictures)
    while some := list(islice(remaining, _AT_ONCE)):
        yield some


def _labels(keypoints: NDArray[np.float32]) -> Array:
    """Turn visibility into confidence, and what is not labelled into NaN."""
    points = keypoints.astype(np.float64)
    points[..., :2] = np.where(points[..., 2:] > 0, points[..., :2], np.nan)
    points[..., 2] /= 2
    return points


def _found(number: int, detections: Detections, keypoints: Sequence[str]) -> Poses:
    points = detections.keypoints.astype(np.float64)
    table = _table(number, detections.boxes, points, keypoints)
    return table.with_columns(score=pl.Series(detections.scores.astype(np.float64)))


def _table(
    number: int, boxes: NDArray[np.float32], points: Array, keypoints: Sequence[str]
) -> Poses:
    """Tabulate the people of one picture."""
    frames = pl.DataFrame(
        {
            "clip_id": pl.Series(["pictures"] * len(boxes), dtype=pl.String),
            "track_id": pl.Series(range(len(boxes)), dtype=pl.Int32),
            "frame": pl.Series([number] * len(boxes), dtype=pl.Int32),
            "time_s": pl.Series([float(number)] * len(boxes), dtype=pl.Float64),
            **{
                name: pl.Series(boxes[:, i].astype(np.float32))
                for i, name in enumerate(_BOX)
            },
        }
    )
    return from_array(
        frames,
        xyz=points[..., :2],
        keypoints=list(keypoints),
        unit="px",
        confidence=points[..., 2],
    )
