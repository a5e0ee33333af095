import tomllib
from itertools import islice
from pathlib import Path

import av
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from biomech.io.parquet import read_table
from biomech.schema import EVENTS, POSES, SIGNALS
from pipelines.files import clip_id_of, sha256_of
from sample_videos.clips import CLIPS, Take
from sample_videos.film import (
    frames,
    ground_points,
    truth_events,
    truth_metres,
    truth_pixels,
)
from sample_videos.render import FOLDER, job_toml, main, truth_toml

KINDS = {"truth": POSES, "truth_3d": POSES, "events": EVENTS, "camera": SIGNALS}
every_clip = pytest.mark.parametrize("name", CLIPS)


def video(name: str) -> Path:
    return FOLDER / f"{name}.mp4"


def table(name: str, kind: str) -> pl.DataFrame:
    return read_table(FOLDER / f"{name}.{kind}.parquet", schema=KINDS[kind])


@every_clip
def test_clip_decodes_with_the_declared_size_rate_and_length(name):
    clip = CLIPS[name](Take())
    time_s = clip.motions(clip.rate_hz)[0].time_s
    camera = clip.camera(time_s)

    with av.open(str(video(name))) as container:
        stream = container.streams.video[0]
        found = [float(frame.time) for frame in container.decode(stream)]
        size = (stream.width, stream.height)
        form = (stream.codec_context.name, stream.pix_fmt)

    assert form == ("h264", "yuv420p")
    assert size == camera.size_px
    np.testing.assert_allclose(found, time_s, atol=1e-4)
    assert 3.0 <= len(found) / clip.rate_hz <= 10.0


@every_clip
def test_truth_tables_are_valid_and_carry_the_key_of_the_video(name):
    clip_id = clip_id_of(video(name), sha256_of(video(name)))

    for kind, schema in KINDS.items():
        found = table(name, kind)
        schema.validate(found)
        assert found["clip_id"].unique().to_list() == [clip_id]


@every_clip
def test_truth_in_pixels_is_the_projection_of_the_truth_in_metres(name):
    clip = CLIPS[name](Take())
    pixels, metres = table(name, "truth"), table(name, "truth_3d")
    camera = clip.camera(clip.motions(clip.rate_hz)[0].time_s)

    for (_, flat), (_, solid) in zip(
        pixels.group_by("track_id", maintain_order=True),
        metres.group_by("track_id", maintain_order=True),
        strict=True,
    ):
        knee = solid.select("right_knee_x_m", "right_knee_y_m", "right_knee_z_m")
        seen = flat.select("right_knee_x_px", "right_knee_y_px").to_numpy()
        expected = camera.project(knee.to_numpy()[:, None]).pixels[:, 0]
        inside = ~np.isnan(seen).any(axis=1)
        np.testing.assert_allclose(seen[inside], expected[inside], atol=0.01)


@every_clip
def test_visible_keypoints_lie_in_the_box_of_their_person(name):
    truth = table(name, "truth")

    for point in ("nose", "left_wrist", "right_knee", "left_big_toe"):
        seen = truth.filter(pl.col(f"{point}_confidence") == 1.0)
        outside = seen.filter(
            (pl.col(f"{point}_x_px") < pl.col("box_x_min_px") - 2)
            | (pl.col(f"{point}_x_px") > pl.col("box_x_max_px") + 2)
            | (pl.col(f"{point}_y_px") < pl.col("box_y_min_px") - 2)
            | (pl.col(f"{point}_y_px") > pl.col("box_y_max_px") + 2)
        )
        assert outside.is_empty()


@every_clip
def test_athlete_is_seen_at_some_time(name):
    athlete = table(name, "truth").filter(pl.col("track_id") == 0)

    assert (athlete["right_hip_confidence"] > 0).sum() > 45


def test_all_clips_together_are_at_most_twelve_megabytes():
    size = sum(path.stat().st_size for path in FOLDER.glob("*.mp4"))
    size += sum(path.stat().st_size for path in FOLDER.glob("*.parquet"))

    assert size <= 12e6


def test_there_are_no_other_videos_than_those_of_the_list():
    assert {path.stem for path in FOLDER.glob("*.mp4")} == set(CLIPS)


def test_job_file_and_truth_file_are_what_the_clips_say():
    every = [make(Take()) for make in CLIPS.values()]

    assert (FOLDER / "job.toml").read_text() == job_toml(every)
    assert (FOLDER / "truth.toml").read_text() == truth_toml(every)


def test_ground_points_are_where_the_camera_sees_them():
    shipped = pl.read_csv(FOLDER / "match.ground.csv")

    assert_frame_equal(shipped, ground_points(CLIPS["match"](Take())))


def test_job_file_knows_every_clip():
    job = tomllib.loads((FOLDER / "job.toml").read_text())

    assert set(job["clips"]) == {f"{name}.mp4" for name in CLIPS}
    assert all(1.4 < clip["height_m"] < 2.1 for clip in job["clips"].values())


def test_rebuilding_gives_the_shipped_frames_and_labels(make_renderer):
    make_renderer(8, 8)
    clip = CLIPS["walk_treadmill"](Take())
    shipped = table("walk_treadmill", "truth").head(3)

    drawn = list(islice(frames(clip), 3))
    every = [drawn[0].people] * len(clip.motions(clip.rate_hz)[0].time_s)
    rebuilt = truth_pixels(clip, every, clip_id=shipped["clip_id"][0]).head(3)

    coordinates = [c for c in shipped.columns if c.endswith(("_x_px", "_y_px"))]
    np.testing.assert_allclose(
        rebuilt.select(coordinates).to_numpy(),
        shipped.select(coordinates).to_numpy(),
        atol=1e-3,
    )
    with av.open(str(video("walk_treadmill"))) as container:
        decoded = next(container.decode(video=0)).to_ndarray(format="bgr24")
    difference = np.abs(decoded.astype(float) - drawn[0].image)
    assert difference.mean() < 6.0


def test_truth_in_metres_and_events_follow_from_the_code_alone():
    clip = CLIPS["walk_overground"](Take())
    clip_id = table("walk_overground", "events")["clip_id"][0]

    metres = POSES.conform(truth_metres(clip, clip_id=clip_id))
    events = EVENTS.conform(truth_events(clip, clip_id=clip_id))

    assert metres.equals(table("walk_overground", "truth_3d"))
    assert events.equals(table("walk_overground", "events"))


def test_other_takes_have_other_people_and_the_same_activity():
    shipped = CLIPS["squats"](Take())

    other = CLIPS["squats"](Take(np.random.default_rng(1), range(5)))

    assert other.activity == shipped.activity
    assert other.cast[0].number in range(5)
    assert shipped.cast[0].number not in range(20_000)


def test_unknown_clip_is_refused_with_the_known_ones(capsys, tmp_path):
    assert main(["--out", str(tmp_path), "walk_overgroud"]) == 2

    message = capsys.readouterr().err
    assert "'walk_overgroud'" in message
    assert "walk_overground" in message
    assert not list(tmp_path.iterdir())
