"""From detections frame by frame to people over time."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.io.parquet import read_poses
from biomech.schema import FRAME, Poses
from pipelines.detection import BOX_COLUMNS, BOX_CONFIDENCE, Parts
from pipelines.models import Detections

Ids = NDArray[np.int32]


class Follower(Protocol):
    """Gives each detection of consecutive frames the number of a track."""

    def update(self, detections: Detections, time_s: float, /) -> NDArray[np.integer]:
        """Return one number per detection; negative for one that is in no track."""
        ...


def link(parts: Parts, follower: Follower, /) -> dict[str, Poses]:
    """Give every detection the number of its track.

    Parameters
    ----------
    parts
        All detections of a clip.
    follower
        A fresh tracker.

    Returns
    -------
    ``image`` and, if the model gives one, ``world``: poses tables whose ``track_id``
    is that of a person. Detections that are in no track are left out.
    """
    linked: dict[str, list[Poses]] = {"image": [], "world": []}
    for number, file in enumerate(parts.files()):
        image = read_poses(file).sort("frame", "track_id")
        ids = image.select(FRAME).with_columns(
            pl.Series("track", _ids(image, follower), dtype=pl.Int32)
        )
        linked["image"].append(_renumbered(image, ids))
        worlds = [f for f in parts.files("world") if f.stem == f"{number:06}"]
        linked["world"] += [_renumbered(read_poses(f), ids) for f in worlds]
    return {
        name: pl.concat(tables, how="diagonal")
        for name, tables in linked.items()
        if tables
    }


def _renumbered(poses: Poses, ids: pl.DataFrame) -> Poses:
    """Replace the numbers of detections by those of tracks."""
    return (
        poses.join(ids, on=FRAME, how="left", maintain_order="left")
        .filter(pl.col("track") >= 0)
        .with_columns(pl.col("track").alias("track_id"))
        .drop("track")
    )


def _ids(poses: Poses, follower: Follower) -> Ids:
    """Follow people through the frames; a tracker has to see them one by one."""
    ids = np.full(poses.height, -1, dtype=np.int32)
    for rows, people, time_s in _frames(poses):
        ids[rows] = follower.update(people, time_s)
    return ids


def _frames(poses: Poses) -> Iterator[tuple[slice, Detections, float]]:
    """Cut a table that is sorted by frame into what was found in each frame."""
    frame = poses["frame"].to_numpy()
    edges = [*np.flatnonzero(np.diff(frame, prepend=-1)), frame.size]
    pose = to_array(poses)
    points = np.dstack([pose.xyz, pose.confidence]).astype(np.float32)
    boxes = poses.select(BOX_COLUMNS).to_numpy().astype(np.float32)
    scores = poses[BOX_CONFIDENCE].to_numpy().astype(np.float32)
    times_s = poses["time_s"].to_numpy()
    for start, end in pairwise(edges):
        rows = slice(start, end)
        yield rows, Detections(boxes[rows], scores[rows], points[rows]), times_s[start]
