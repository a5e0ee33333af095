"""Whether the pose stage finds what ultralytics finds: frames, numbers, keypoints."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.io.parquet import read_poses
from pipelines.detection import BOX_COLUMNS

#: Points this close are the same, in pixels.
SAME_PX = 0.05


def compare(ours: Path, theirs: Path, /) -> str:
    """Compare a run of the pose stage with the rows of ultralytics.

    Parameters
    ----------
    ours
        The folder of the run.
    theirs
        The folder with ``rows.parquet``: frame, track, box, keypoints.

    Returns
    -------
    A sentence for people: the share of rows in both, and of points that are the same.
    """
    (file,) = (ours / "poses_raw").glob("*.parquet")
    poses = read_poses(file)
    rows = pl.read_parquet(theirs / "rows.parquet").to_numpy().astype(np.float64)
    mine = _by_key(poses.select("frame", "track_id").to_numpy())
    yours = _by_key(rows[:, :2])
    shared = sorted(mine.keys() & yours.keys())
    here, there = ([table[key] for key in shared] for table in (mine, yours))
    xy = to_array(poses).xyz[here]
    other = rows[there, 6:].reshape(len(shared), -1, 3)[..., :2]
    off_px = np.linalg.norm(xy - other, axis=-1)
    seen = np.isfinite(off_px)
    box_px = np.abs(poses.select(BOX_COLUMNS).to_numpy()[here] - rows[there, 2:6])
    return (
        f"rows: {len(mine)} here, {len(yours)} there, {len(shared)} in both; "
        f"keypoints in both rows: {np.mean(off_px[seen] <= SAME_PX):.2%} within "
        f"{SAME_PX} px, largest {off_px[seen].max():.3f} px; "
        f"outside the picture, so null here: {np.mean(~seen):.2%}; "
        f"boxes (theirs are the tracker's): median {np.median(box_px):.2f} px, "
        f"largest {box_px.max():.2f} px"
    )


def _by_key(keys: NDArray[np.floating]) -> dict[tuple[int, int], int]:
    """Find rows by frame and track."""
    return {(int(frame), int(track)): i for i, (frame, track) in enumerate(keys)}
