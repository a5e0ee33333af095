"""Score a pose model on labelled pictures."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.schema import Poses
from pipelines.evaluate import Scores, evaluate
from pipelines.models.protocol import Detections, PoseModel
from pipelines.training.pictures import Picture

Array = NDArray[np.float64]

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
