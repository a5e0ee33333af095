import numpy as np
import pytest

from biomech.skeletons import HALPE26
from biomech.synthetic.camera import Camera
from biomech.synthetic.figure import bone_frames
from biomech.synthetic.landmarks import keypoints
from sample_videos.labels import annotate, project
from sample_videos.lights import Light
from sample_videos.people import person, skin_of
from sample_videos.renderer import Actor
from sample_videos.things import Thing, placed
from sample_videos.view import View

#: From the right of a person at the origin: +X is to the right of the picture.
CAMERA = Camera((0.0, 1.0, 4.0), (0.0, 1.0, 0.0), 200.0, 160, 200)
WALL = Thing("box", placed((0.0, 1.0, -1.5), (20.0, 20.0, 1.0)), (0.5, 0.5, 0.5))


@pytest.fixture
def actor():
    someone = person(1)
    return Actor(skin_of(1, 2.0), someone.look, bone_frames(someone.figure, {})[0])


def body(actor):
    return keypoints(actor.skin.figure, actor.bones[None])


def test_depth_of_a_wall_is_its_distance(make_renderer):
    picture = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [WALL], [])

    np.testing.assert_allclose(picture.depth_m, 5.0, rtol=1e-4)
    assert picture.image.shape == (200, 160, 3)


def test_same_scene_is_drawn_the_same_twice(make_renderer, actor):
    first = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [WALL], [actor])
    again = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [WALL], [actor])

    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.person, again.person)


def test_box_holds_the_projected_keypoints(make_renderer, actor):
    picture = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [WALL], [actor])

    (label,) = annotate(picture, CAMERA, body(actor))

    pixels, _ = project(CAMERA, body(actor))
    low, high = pixels[0].min(axis=0), pixels[0].max(axis=0)
    assert (label.box[:2] <= low + 1).all()
    assert (label.box[2:] >= high - 1).all()
    assert (label.box[2:] - label.box[:2] <= high - low + 25).all()


def test_labels_are_the_exact_projection(make_renderer, actor):
    picture = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [WALL], [actor])

    (label,) = annotate(picture, CAMERA, body(actor))

    x, y, z = body(actor)[0].T
    expected = np.column_stack([80 + 200 * x / (4 - z), 100 - 200 * (y - 1) / (4 - z)])
    np.testing.assert_allclose(label.keypoints[:, :2], expected, atol=1e-9)


def test_far_side_of_the_body_is_hidden(make_renderer, actor):
    picture = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [WALL], [actor])

    (label,) = annotate(picture, CAMERA, body(actor))

    seen = dict(zip(HALPE26.keypoints, label.keypoints[:, 2], strict=True))
    assert seen["right_knee"] == seen["right_shoulder"] == seen["nose"] == 2
    assert seen["left_hip"] == seen["left_shoulder"] == seen["left_ear"] == 1


def test_person_behind_a_board_is_hidden_below_it(make_renderer, actor):
    board = Thing("box", placed((0.0, 0.5, 1.0), (4.0, 1.0, 0.1)), (0.5, 0.4, 0.3))

    picture = make_renderer(160, 200).draw(View.of(CAMERA), Light(), [board], [actor])
    (label,) = annotate(picture, CAMERA, body(actor))

    seen = dict(zip(HALPE26.keypoints, label.keypoints[:, 2], strict=True))
    assert seen["right_knee"] == seen["right_ankle"] == 1
    assert seen["right_shoulder"] == 2


def test_points_outside_the_picture_have_no_label(make_renderer, actor):
    close = Camera((0.0, 1.6, 1.5), (0.0, 1.6, 0.0), 300.0, 160, 200)

    picture = make_renderer(160, 200).draw(View.of(close), Light(), [], [actor])
    (label,) = annotate(picture, close, body(actor))

    ankle = label.keypoints[HALPE26.keypoints.index("right_ankle")]
    assert ankle.tolist() == [0.0, 0.0, 0.0]


def test_unseen_person_has_no_annotation(make_renderer, actor):
    away = Camera((0.0, 1.0, 4.0), (0.0, 1.0, 8.0), 200.0, 160, 200)

    picture = make_renderer(160, 200).draw(View.of(away), Light(), [], [actor])

    assert annotate(picture, away, body(actor)) == [None]


def test_person_throws_a_shadow_away_from_the_sun(make_renderer, actor):
    floor = Thing(
        "ground", placed((0, 0, 0), (20, 1, 20)), (0.5, 0.5, 0.5), kind="ground"
    )
    above = Camera((0.0, 6.0, 0.01), (0.0, 0.0, 0.0), 100.0, 160, 200)
    light = Light(sun_direction=np.array([1.0, 1.0, 0.0], np.float32))

    picture = make_renderer(160, 200).draw(View.of(above), light, [floor], [actor])

    ground = np.where(picture.person == 0, picture.image.mean(axis=2), np.nan)
    shadow, sunny = (
        np.nanmean(ground[95:105, 58:68]),
        np.nanmean(ground[95:105, 92:102]),
    )
    assert shadow < 0.8 * sunny
