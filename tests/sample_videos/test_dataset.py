import json

import numpy as np
import pytest

from biomech.synthetic.figure import figure
from biomech.synthetic.landmarks import points
from sample_videos.dataset import HELD_OUT_PEOPLE, TRAINING_PEOPLE, render_images
from sample_videos.poses import random_angles, standing


@pytest.fixture
def gl(make_renderer):
    """Skip where pictures cannot be drawn."""
    make_renderer(8, 8)


def test_same_seed_gives_the_same_pictures_and_labels(gl):
    first = list(render_images(2, 5, 96, people_seed_range=(0, 2)))
    again = list(render_images(2, 5, 96, people_seed_range=(0, 2)))

    for (image, labels), (other_image, other_labels) in zip(first, again, strict=True):
        np.testing.assert_array_equal(image, other_image)
        np.testing.assert_equal(labels, other_labels)


@pytest.mark.parametrize("kind", ["wide", "samples"])
def test_labels_lie_in_the_picture_and_seen_points_in_their_box(gl, kind):
    for image, labels in render_images(4, 1, 128, kind=kind, people_seed_range=(0, 2)):
        assert image.shape == (128, 128, 3)
        assert image.dtype == np.uint8
        for label in labels:
            left, top, right, bottom = label["box"]
            assert 0 <= left < right <= 128
            assert 0 <= top < bottom <= 128
            x, y, seen = label["keypoints"].T
            assert set(seen.tolist()) <= {0.0, 1.0, 2.0}
            inside = (
                (x >= left - 2) & (x <= right + 2) & (y >= top - 2) & (y <= bottom + 2)
            )
            assert inside[seen == 2].all()


def test_pictures_land_in_a_folder_with_one_line_of_labels_each(gl, tmp_path):
    pictures = list(render_images(2, 3, 64, out=tmp_path, people_seed_range=(0, 2)))

    lines = (tmp_path / "labels_3.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["image"] for row in rows] == ["3_000000.jpg", "3_000001.jpg"]
    assert all((tmp_path / row["image"]).is_file() for row in rows)
    assert [len(row["people"]) for row in rows] == [
        len(people) for _, people in pictures
    ]


def test_held_out_people_are_never_trained_on():
    assert not set(range(*TRAINING_PEOPLE)) & set(range(*HELD_OUT_PEOPLE))


def test_random_poses_stand_on_the_ground():
    rng = np.random.default_rng(0)
    someone = figure(height_m=1.7)
    soles = ("left_heel_sole", "left_ball_sole", "right_heel_sole", "right_ball_sole")
    soles += ("left_toe_sole", "right_toe_sole")

    for _ in range(20):
        bones = standing(someone, random_angles(rng))
        lowest = points(someone, bones[None], soles)[0, :, 1].min()
        assert lowest == pytest.approx(0.0, abs=1e-9)


def test_random_poses_never_bend_knees_or_elbows_backwards():
    rng = np.random.default_rng(1)

    poses = [random_angles(rng) for _ in range(200)]

    for joint in ("left_knee", "right_knee", "left_elbow", "right_elbow"):
        bends = [pose.get(f"{joint}_flexion_deg", 0.0) for pose in poses]
        assert min(bends) >= 0.0
        assert max(bends) <= 150.0
