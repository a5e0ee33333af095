"""The shipped model against the exact truth of the sample videos."""

import polars as pl
import pytest

from biomech.io.parquet import read_poses
from biomech.skeletons import HALPE26
from pipelines.models import load_model
from pipelines.models.registry import SHIPPED
from pipelines.training.assess import assess_video


@pytest.fixture(scope="module")
def model():
    shipped = load_model("biomech-s1", engine="torch")
    yield shipped
    shipped.close()


def test_the_file_is_small_and_has_a_card(model):
    assert SHIPPED.stat().st_size < 8e6
    assert "AGPL-3.0" in SHIPPED.with_suffix(".md").read_text("utf-8")
    assert model.skeleton.keypoints == HALPE26.keypoints


def scored(model, root, clip):
    video = root / "sample_videos" / f"{clip}.mp4"
    truth = read_poses(video.with_suffix(".truth.parquet"))
    scores = assess_video(model, video, truth, every=30)
    overall = scores.filter(pl.col("keypoint").is_null())
    return dict(overall.select("metric", "value").iter_rows())


@pytest.mark.parametrize(
    "clip", ["walk_overground", "run_treadmill", "golf_face_on", "squats"]
)
def test_the_sample_athletes_are_found_where_they_are(model, root, clip):
    score = scored(model, root, clip)

    assert score["missed"] == 0.0
    assert score["pck"] > 0.85
    assert score["error_median"] < 3.0


def test_players_far_away_are_seen_by_a_second_look(model, root):
    once = load_model("biomech-s1", engine="torch", second_look=False)

    first, second = (scored(m, root, "match") for m in (once, model))

    assert first["pck"] < 0.75
    assert second["pck"] > 0.85
    once.close()
