"""The main job on real footage with a real pose model, from video to metrics."""

import polars as pl
import pytest

from pipelines.batch import run
from pipelines.config import Config
from pipelines.jobs import OutFolder, jobs_of_videos
from pipelines.models import find_model
from pipelines.video import frames, probe

pytestmark = pytest.mark.slow

GOLF = "data/C03_golf_swing/golfdb_test_video.mp4"
TRUNCATED = "data/E07_video_broken/truncated_golf_267_header_120_decodable.mp4"
RUNNER = "data/E01_video_sports2d/old_demo3_run_side.mp4"


@pytest.fixture(scope="module")
def season(shared, tmp_path_factory):
    """Golf, a truncated file, a runner and a text file, through all stages."""
    folder = tmp_path_factory.mktemp("season")
    text = folder / "text.mp4"
    text.write_text("no video\n" * 99)
    job = {
        "clips": {
            "golfdb_test_video.mp4": {"activity": "golf", "height_m": 1.8},
            "old_demo3_run_side.mp4": {"activity": "run"},
        }
    }
    out = OutFolder(folder / "out")
    jobs = jobs_of_videos(
        [*(shared(name) for name in (GOLF, TRUNCATED, RUNNER)), text],
        out=out,
        config=Config().updated(job),
        model=find_model(shared("models/pose_landmarker_full.task")),
    )
    return out, run(jobs, listener=lambda _: None)


def test_everything_but_the_text_file_is_done(season):
    _, outcomes = season

    unfinished = {(o.clip_id[:4], o.stage) for o in outcomes if o.status != "done"}

    assert {clip for clip, _ in unfinished} == {"text"}
    assert {o.stage for o in outcomes if o.error} == {"clip"}


def test_the_golfer_is_followed_through_the_whole_swing(season):
    out, _ = season

    poses = pl.read_parquet(out.root / "poses" / "golfdb*.parquet")

    assert poses["track_id"].n_unique() == 1
    assert poses.height >= 0.95 * 264
    for point in ("left_shoulder", "right_shoulder", "left_hip", "right_hip"):
        assert poses[f"{point}_x_px"].null_count() <= 0.05 * poses.height


def test_a_truncated_file_is_used_as_far_as_it_goes(season):
    out, outcomes = season

    poses = pl.read_parquet(out.root / "poses_raw" / "truncated*.parquet")
    notes = [o.note for o in outcomes if "truncated" in o.clip_id and o.note]

    assert poses["frame"].max() <= 119
    assert "promises 267 frames but holds 120" in notes[0]


def test_overlays_show_all_frames_as_browsers_want_them(season, shared):
    out, _ = season

    (path,) = (out.root / "overlays").glob("golfdb*.mp4")
    info, original = probe(path), probe(shared(GOLF))

    assert (info.codec, info.pixel_format) == ("h264", "yuv420p")
    assert info.n_frames == original.n_frames
    assert info.duration_s == pytest.approx(original.duration_s, abs=0.01)
    assert sum(1 for _ in frames(path)) == 264
