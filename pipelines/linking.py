"""From detections frame by frame to people over time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.io.parquet import read_poses, write_table
from biomech.schema import FRAME, POSES, Poses
from pipelines.detection import BOX_COLUMNS, BOX_CONFIDENCE, Parts
from pipelines.models import Detections

Ids = NDArray[np.int32]


class Follower(Protocol):
    """Gives each detection of consecutive frames the number of a track."""

    def update(self, detections: Detections, time_s: float, /) -> NDArray[np.integer]:
        """Return one number per detection; negative for one that is in no track."""
        ...


@dataclass(frozen=True)
class Linked:
    """Detections with the numbers of their tracks, in parts on disk.

    Attributes
    ----------
    parts
        The parts, in the order of frames.
    tracks
        The numbers of the tracks of each part, in the order of the parts.
    """

    parts: Parts
    tracks: tuple[tuple[int, ...], ...]

    def has_world(self) -> bool:
        """Whether there are landmarks in metres."""
        return bool(self.parts.files("world"))

    def pieces(self, table: str) -> Iterator[Poses]:
        """Give the rows of a table in the order of track and frame, bit by bit.

        Parameters
        ----------
        table
            ``image`` or ``world``.

        Yields
        ------
        Poses tables of one track each; a table without rows first.
        """
        files = self.parts.files(f"{table}_linked")
        yield read_poses(files[0]).clear()
        everybody = {track for tracks in self.tracks for track in tracks}
        for track in sorted(everybody):
            # Parts without people have no landmarks in metres.
            for file in files:
                if track in self.tracks[int(file.stem)]:
                    yield read_poses(file).filter(pl.col("track_id") == track)


def link(parts: Parts, follower: Follower, /) -> Linked:
    """Give every detection the number of its track.

    Parameters
    ----------
    parts
        All detections of a clip.
    follower
        A fresh tracker.

    Returns
    -------
    The same detections by person; those that are in no track are left out.
    """
    tracks = []
    worlds = {file.stem: file for file in parts.files("world")}
    for file in parts.files():
        image = read_poses(file).sort("frame", "track_id")
        ids = image.select(FRAME).with_columns(
            pl.Series("track", _ids(image, follower), dtype=pl.Int32)
        )
        tables = {"image_linked": _renumbered(image, ids)}
        if file.stem in worlds:
            world = read_poses(worlds[file.stem])
            tables["world_linked"] = _renumbered(world, ids)
        for name, table in tables.items():
            write_table(table, parts.folder / name / file.name, schema=POSES)
        tracks.append(tuple(tables["image_linked"]["track_id"].unique().to_list()))
    return Linked(parts, tuple(tracks))


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
