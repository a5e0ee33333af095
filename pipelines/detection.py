"""People in every frame, written in parts so that a stopped run can go on.

A part holds the detections of some consecutive frames as a poses table whose
``track_id`` is merely the number of the detection within its frame; tracking comes
after. The footer says how far the part reaches, since frames without people have no
rows.
"""

import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.io.parquet import read_meta, write_table
from biomech.schema import POSES, Poses
from biomech.skeletons import Skeleton
from pipelines.models.protocol import Detections, Points, PoseModel
from pipelines.prefetch import batches, prefetch
from pipelines.video import FrameReader, frames

Array = NDArray[np.float64]

#: Told how many frames are done and, where it is known, of how many.
Progress = Callable[[int, int | None], None]

#: Frames given to the model at once: enough to keep the streams of a processor busy,
#: few enough to hold in memory.
_BATCH = 8
#: Batches to a part: what a kill costs, and how many rows are held in memory.
_BATCHES_PER_PART = 32

BOX_COLUMNS = ("box_x_min_px", "box_y_min_px", "box_x_max_px", "box_y_max_px")
BOX_CONFIDENCE = "box_confidence"

#: Confidences of keypoints are stored in such steps: saves a seventh of the file.
_CONFIDENCE_STEPS = 1024

#: World landmarks come with y down and z away from the camera; tables have y up, and
#: with x to the right a right-handed z points towards the camera.
_UPWARDS = np.array([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class Source:
    """Which frames to look at: a clip and arguments of `pipelines.video.frames`."""

    clip_id: str
    path: Path
    capture_fps: float | None = None
    start_s: float | None = None
    end_s: float | None = None

    def open(self, *, first_frame: int = 0) -> FrameReader:
        """Open the video, at a later frame if need be."""
        return frames(
            self.path,
            capture_fps=self.capture_fps,
            start_s=self.start_s,
            end_s=self.end_s,
            first_frame=first_frame,
        )


@dataclass(frozen=True)
class Reach:
    """How far the parts reach, and what was counted on the way."""

    last_frame: int = -1
    n_frames: int = 0
    n_damaged_frames: int = 0
    n_repaired_times: int = 0
    is_end: bool = False


@dataclass(frozen=True)
class Parts:
    """A folder of parts, numbered from 0 without gaps.

    Attributes
    ----------
    folder
        Where they lie.
    """

    folder: Path

    def files(self, table: str = "image") -> list[Path]:
        """List the parts of a table that are complete, in order."""
        return sorted((self.folder / table).glob("*.parquet"))

    def reach(self) -> Reach:
        """Say how far the parts reach."""
        files = self.files()
        return Reach(**read_meta(files[-1])["reach"]) if files else Reach()

    def add(self, tables: dict[str, Poses], reach: Reach) -> None:
        """Write the next part; it counts once its ``image`` table is there."""
        number = len(self.files())
        for name in sorted(tables, key="image".__eq__):
            path = self.folder / name / f"{number:06}.parquet"
            write_table(tables[name], path, schema=POSES, meta={"reach": asdict(reach)})

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class _Seen:
    """What was found in one frame."""

    index: int
    time_s: float
    people: Detections


def detect(
    source: Source,
    model: PoseModel,
    parts: Parts,
    /,
    *,
    progress: Progress,
    can_go_on: bool = True,
) -> Reach:
    """Find the people in every frame of a video that has no part yet.

    Parameters
    ----------
    source
        Which frames.
    model
        The pose model.
    parts
        What is done, and where to add to it.
    progress
        Told after every batch.
    can_go_on
        Whether the model sees each frame on its own. One that remembers frames has to
        begin again, so that a stopped run ends like any other.

    Returns
    -------
    What was counted.
    """
    if not can_go_on:
        parts.remove()
    reach = parts.reach()
    if not reach.is_end:
        model.reset()
        with source.open(first_frame=reach.last_frame + 1) as reader:
            reach = _go_on(
                reach, reader, model, parts, clip_id=source.clip_id, progress=progress
            )
    return reach


def _go_on(
    reach: Reach,
    reader: FrameReader,
    model: PoseModel,
    parts: Parts,
    /,
    *,
    clip_id: str,
    progress: Progress,
) -> Reach:
    """Add parts until the video ends."""
    with closing(_look(reader, model, reach.n_frames, progress)) as found:
        while True:
            part = islice(found, _BATCHES_PER_PART)
            seen = [one for batch in part for one in batch]
            reach = _further(reach, seen, reader)
            parts.add(_tables(clip_id, model.skeleton, seen), reach)
            if reach.is_end:
                return reach


def _look(
    reader: FrameReader, model: PoseModel, n_done: int, progress: Progress
) -> Generator[list[_Seen]]:
    """Run the model over batches of frames that are decoded ahead."""
    n_expected = reader.n_expected
    progress(n_done, n_expected)
    with closing(prefetch(batches(reader, _BATCH), depth=2)) as ahead:
        for batch in ahead:
            people = model([frame.image for frame in batch])
            n_done += len(batch)
            progress(n_done, n_expected)
            pairs = zip(batch, people, strict=True)
            yield [_Seen(frame.index, frame.time_s, p) for frame, p in pairs]


def _further(reach: Reach, seen: Sequence[_Seen], reader: FrameReader) -> Reach:
    """Count the frames of another part; a short one is the last."""
    n_frames = reach.n_frames + len(seen)
    is_end = len(seen) < _BATCH * _BATCHES_PER_PART
    n_expected = reader.n_expected
    counts = reader.counts
    damaged = counts.n_damaged if n_expected is None else n_expected - n_frames
    return Reach(
        last_frame=seen[-1].index if seen else reach.last_frame,
        n_frames=n_frames,
        n_damaged_frames=damaged if is_end else counts.n_damaged,
        n_repaired_times=counts.n_repaired_times,
        is_end=is_end,
    )


def _tables(
    clip_id: str, skeleton: Skeleton, seen: Sequence[_Seen]
) -> dict[str, Poses]:
    """Turn detections into poses in pixels, and in metres where they have it."""
    keys = _keys(clip_id, seen)
    nobody = Detections.empty(len(skeleton.keypoints))
    people = [one.people for one in seen if len(one.people)] or [nobody]
    boxes = np.concatenate([p.boxes for p in people])
    points = np.concatenate([p.keypoints for p in people])
    confidence = rounded(np.clip(points[..., 2], 0.0, 1.0))
    boxed = keys.with_columns(
        *(pl.Series(name, boxes[:, i]) for i, name in enumerate(BOX_COLUMNS)),
        # As it is: the tracker decides by it, now or after a stop.
        pl.Series(BOX_CONFIDENCE, np.concatenate([p.scores for p in people])),
    )
    image = from_array(
        boxed,
        xyz=points[..., :2],
        keypoints=skeleton.keypoints,
        unit="px",
        confidence=confidence,
    )
    worlds = [p.world for p in people if p.world is not None]
    if len(worlds) < len(people):
        return {"image": image}
    world = from_array(
        keys,
        xyz=np.concatenate(worlds) * _UPWARDS,
        keypoints=skeleton.keypoints,
        unit="m",
        confidence=confidence,
    )
    return {"image": image, "world": world}


def rounded(confidence: Points | Array, /) -> Array:
    """Round confidences to what they can mean; the digits behind do not compress.

    Parameters
    ----------
    confidence
        Any, 0 to 1.

    Returns
    -------
    The nearest multiples of 1/1024.
    """
    steps: Array = np.round(confidence.astype(np.float64) * _CONFIDENCE_STEPS)
    return steps / _CONFIDENCE_STEPS


def _keys(clip_id: str, seen: Sequence[_Seen]) -> pl.DataFrame:
    """Make the key of every detection: its frame, and its number within that."""
    n_people = np.array([len(one.people) for one in seen], dtype=np.int64)
    first = np.repeat(np.cumsum(n_people) - n_people, n_people)
    index = np.array([one.index for one in seen], dtype=np.int32)
    time_s = np.array([one.time_s for one in seen], dtype=np.float64)
    number = np.arange(n_people.sum()) - first
    return pl.DataFrame(
        {
            "clip_id": pl.Series([clip_id], dtype=pl.String).new_from_index(
                0, number.size
            ),
            "track_id": number.astype(np.int32),
            "frame": np.repeat(index, n_people),
            "time_s": np.repeat(time_s, n_people),
        }
    )
