"""BlazePose with the real bundle, on real footage."""

import contextlib
import itertools
import os

import numpy as np
import pytest

from biomech.errors import ConfigError, ModelError
from biomech.skeletons import BLAZEPOSE33
from pipelines.models import load_model

BUNDLE = "models/pose_landmarker_full.task"
GOLF = "data/C03_golf_swing/golfdb_test_video.mp4"


def pictures(path, n):
    import av

    with av.open(path) as video:
        decoded = itertools.islice(video.decode(video=0), n)
        return [f.to_ndarray(format="bgr24") for f in decoded]


@pytest.fixture
def blazepose(shared):
    """Open models that are closed whatever happens."""
    with contextlib.ExitStack() as stack:

        def load(**options):
            model = load_model(shared(BUNDLE), **options)
            stack.callback(model.close)
            return model

        yield load


@pytest.fixture(scope="module")
def golfer(shared):
    """The first frames of a swing, and what BlazePose finds in them."""
    model = load_model(shared(BUNDLE))
    frames = pictures(shared(GOLF), 12)
    found = model(frames)
    model.close()
    return frames, found, model


def test_golfer_is_found_in_every_frame_once(golfer):
    _, found, _ = golfer

    assert [len(people) for people in found] == [1] * 12
    assert all(people.scores[0] > 0.5 for people in found)


def test_golfer_stands_upright_inside_the_picture(golfer):
    frames, found, model = golfer
    height, width = frames[0].shape[:2]
    x, y = found[0].keypoints[0, :, :2].T
    place = {name: i for i, name in enumerate(model.skeleton.keypoints)}

    assert model.skeleton is BLAZEPOSE33
    column = ["left_shoulder", "left_hip", "left_knee", "left_ankle"]
    assert np.all(np.diff(y[[place[name] for name in column]]) > 20)
    assert y[place["nose"]] < y[place["left_shoulder"]]
    assert np.nanmin(x) >= 0
    assert np.nanmax(x) <= width
    assert np.nanmax(y) <= height
    left, top, right, bottom = found[0].boxes[0]
    assert left <= np.nanmin(x) + 1e-3
    assert bottom >= np.nanmax(y) - 1e-3
    assert top < bottom
    assert left < right


def test_world_landmarks_are_metres_about_the_middle_of_the_hips(golfer):
    _, found, model = golfer
    place = {name: i for i, name in enumerate(model.skeleton.keypoints)}
    world = found[0].world[0]

    hips = world[[place["left_hip"], place["right_hip"]]]
    shin = world[place["left_knee"]] - world[place["left_ankle"]]

    np.testing.assert_allclose(hips.mean(axis=0), 0, atol=0.02)
    assert 0.25 < np.linalg.norm(shin) < 0.55


def test_landmarks_are_not_smoothed(golfer, blazepose):
    """One Euro lag would show as a jump answered over several frames."""
    frames, _, _ = golfer
    moved = [np.roll(frames[0], 12, axis=1)] * 2
    model = blazepose()

    before, *_, after = model([frames[0]] * 4 + moved)

    shift = np.nanmedian(after.keypoints[0, 11:, 0] - before.keypoints[0, 11:, 0])
    assert shift == pytest.approx(12, abs=1.0)


def test_next_clip_starts_afresh(golfer, blazepose):
    frames, found, _ = golfer
    model = blazepose()
    model(frames[::-1])

    model.reset()
    again = model(frames[:4])

    for a, b in zip(again, found, strict=False):
        np.testing.assert_array_equal(a.keypoints, b.keypoints)


def test_at_most_as_many_people_as_asked_for(golfer, blazepose):
    frames, _, _ = golfer
    twins = [np.hstack([frame, frame]) for frame in frames[:4]]

    one = blazepose(max_people=1)(twins)
    two = blazepose(max_people=2)(twins)

    assert [len(people) for people in one] == [1] * 4
    assert [len(people) for people in two] == [2] * 4


def test_picture_without_people_gives_none(golfer, blazepose):
    model = blazepose()

    (people,) = model([np.zeros((240, 320, 3), np.uint8)])

    assert len(people) == 0
    assert people.keypoints.shape == (0, 33, 3)


def test_info_names_the_library_and_closing_lets_traffic_pass(blazepose, monkeypatch):
    monkeypatch.delenv("https_proxy", raising=False)
    model = blazepose()
    blocked = "https_proxy" in os.environ

    model.close()

    assert model.info.engine == "mediapipe"
    assert "mediapipe" in model.info.versions
    assert len(model.info.sha256) == 64
    assert blocked
    assert "https_proxy" not in os.environ


def test_damaged_bundle_is_one_clear_error_and_blocks_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("https_proxy", raising=False)
    path = tmp_path / "broken.task"
    path.write_bytes(b"PK not a bundle")

    with pytest.raises(ModelError, match="no BlazePose bundle"):
        load_model(path)

    assert "https_proxy" not in os.environ


def test_nobody_can_be_asked_for(blazepose):
    with pytest.raises(ConfigError, match="allowed is 1 or more"):
        blazepose(max_people=0)
