"""Real files, some of them damaged or odd, through the reader."""

import numpy as np
import pytest

from pipelines.video import frames, probe


@pytest.mark.parametrize(
    ("name", "codec", "size", "n_frames"),
    [
        ("E01_video_sports2d/old_demo3_run_side.mp4", "h264", (480, 352), 47),
        ("C03_golf_swing/golfdb_test_video.mp4", "h264", (354, 492), 264),
        ("F01_pose2sim_4cam_video_json_trc/cam02.mp4", "vp9", (1080, 1920), 100),
    ],
)
def test_real_clips_hold_what_their_source_note_says(
    shared, name, codec, size, n_frames
):
    path = shared(f"data/{name}")

    info = probe(path)
    indices = [frame.index for frame in frames(path)]

    assert info.codec == codec
    assert (info.width_px, info.height_px) == size
    assert indices == list(range(n_frames))


def test_a_truncated_file_tells_promised_from_present_frames(shared):
    path = shared("data/E07_video_broken/truncated_golf_267_header_120_decodable.mp4")

    info = probe(path)
    reader = frames(path)
    times_s = [frame.time_s for frame in reader]

    assert (info.n_declared, info.n_frames) == (267, 120)
    assert reader.counts == (120, 0, 0)
    np.testing.assert_allclose(np.diff(times_s), 1001 / 30_000)


def test_a_range_of_a_long_video_starts_at_the_right_frame(shared):
    path = shared("data/E03_video_intel_walk/one-by-one-person-detection.mp4")

    part = [(f.index, f.time_s) for f in frames(path, start_s=100.0, end_s=100.5)]

    assert part == [(1000 + i, pytest.approx(100 + i / 10)) for i in range(5)]
