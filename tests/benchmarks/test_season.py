"""A season on disk: its size, and the time to find one joint of one athlete."""

import time

import numpy as np
import polars as pl
import pytest

from biomech.arrays import from_array
from biomech.io.parquet import scan_poses, write_table
from biomech.schema import POSES
from biomech.skeletons import COCO17
from pipelines.detection import rounded

pytestmark = pytest.mark.benchmark

N_CLIPS, N_FRAMES = 1000, 3000


def clip(number: int, rng: np.random.Generator) -> pl.DataFrame:
    """One clip of somebody who moves about: a smooth path and 3 px of noise."""
    time_s = np.arange(N_FRAMES) / 30
    path = 400 + 200 * np.sin(0.7 * time_s + number)[:, None, None]
    swing = 30 * np.sin(5.7 * time_s[:, None, None] + np.arange(34).reshape(17, 2))
    noise = rng.normal(0, 3, (N_FRAMES, 17, 2))
    frames = pl.DataFrame(
        {
            "clip_id": [f"clip{number:04}"] * N_FRAMES,
            "track_id": np.full(N_FRAMES, 1, np.int32),
            "frame": np.arange(N_FRAMES, dtype=np.int32),
            "time_s": time_s,
        }
    )
    confidence = rounded(np.clip(rng.normal(0.9, 0.05, (N_FRAMES, 17)), 0, 1))
    return from_array(
        frames,
        xyz=path + swing + noise,
        keypoints=COCO17.keypoints,
        unit="px",
        confidence=confidence,
    )


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    folder = tmp_path_factory.mktemp("season") / "poses"
    rng = np.random.default_rng(0)
    for number in range(N_CLIPS):
        path = folder / f"clip{number:04}.parquet"
        write_table(clip(number, rng), path, schema=POSES)
    return folder


def test_a_person_frame_takes_at_most_180_bytes(season):
    n_bytes = sum(file.stat().st_size for file in season.iterdir())

    per_person_frame = n_bytes / (N_CLIPS * N_FRAMES)
    print(f"{per_person_frame:.0f} bytes per person-frame")

    assert per_person_frame <= 180


def test_one_joint_of_one_athlete_is_there_in_half_a_second(season):
    wanted = [f"clip{number:04}" for number in range(100, 110)]
    columns = ["time_s", "left_knee_x_px", "left_knee_y_px"]
    times_s = []
    for _ in range(3):
        begun_s = time.perf_counter()
        found = (
            scan_poses(f"{season}/*.parquet")
            .filter(pl.col("clip_id").is_in(wanted))
            .select(columns)
            .collect()
        )
        times_s.append(time.perf_counter() - begun_s)
    print(f"{min(times_s):.2f} s for one joint of one athlete")

    assert found.height == 10 * N_FRAMES
    assert min(times_s) < 0.5
