import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.synthetic import Camera, ParallelCamera

SIDE = Camera(position_m=(0, 1, 8), target_m=(0, 1, 0), focal_px=1000.0)


def pixel(camera, *point):
    return camera.project(np.array([[point]], float)).pixels[0, 0]


def test_the_target_is_in_the_middle_of_the_picture():
    camera = Camera(position_m=(3, 2, 5), target_m=(0.4, 1, -1), focal_px=900.0)

    np.testing.assert_allclose(pixel(camera, 0.4, 1, -1), [640, 360])


def test_a_side_camera_sees_forward_to_the_right_and_up_to_the_top():
    # 1 m at 8 m with f = 1000 px is 125 px.
    np.testing.assert_allclose(pixel(SIDE, 1, 1, 0), [765, 360])
    np.testing.assert_allclose(pixel(SIDE, 0, 2, 0), [640, 235])


def test_size_falls_with_distance():
    np.testing.assert_allclose(pixel(SIDE, 1, 1, -2), [740, 360])


def test_depth_is_measured_along_the_axis():
    depth = SIDE.project(np.array([[[5.0, 3.0, 2.0]]])).depth_m

    np.testing.assert_allclose(depth, 6.0)


def test_points_behind_the_camera_are_nan():
    assert np.isnan(pixel(SIDE, 0, 1, 9)).all()


def test_rolling_the_camera_clockwise_turns_the_picture_anticlockwise():
    rolled = Camera(
        position_m=(0, 1, 8), target_m=(0, 1, 0), focal_px=1000.0, roll_deg=90.0
    )

    np.testing.assert_allclose(pixel(rolled, 1, 1, 0), [640, 235], atol=1e-9)


def test_intrinsics_and_rotations_give_the_same_pixels():
    camera = Camera((3, 2, 5), (0.4, 1, -1), 900.0, roll_deg=7.0)
    point = np.array([0.3, 0.2, 0.1])

    u, v, w = camera.intrinsics @ camera.rotations[0] @ (point - camera.position_m)

    np.testing.assert_allclose(pixel(camera, *point), [u / w, v / w])


def test_a_panning_camera_keeps_a_moving_target_in_the_middle():
    path = np.stack([np.linspace(-3, 3, 20), np.ones(20), np.zeros(20)], axis=1)
    camera = Camera(position_m=(0, 2, 9), target_m=path, focal_px=1000.0)

    pixels = camera.project(path[:, None]).pixels

    np.testing.assert_allclose(pixels[:, 0], np.tile([640, 360], (20, 1)))


def test_looking_straight_down_is_allowed():
    camera = Camera(position_m=(0, 10, 0), target_m=(0, 0, 0), focal_px=1000.0)

    np.testing.assert_allclose(pixel(camera, 1, 0, 0), [640, 260])


def test_a_parallel_camera_has_one_scale_and_turns_towards_the_front():
    camera = ParallelCamera(scale_px_m=100.0, center_m=(0, 1, 0), yaw_deg=0.0)
    front = ParallelCamera(scale_px_m=100.0, center_m=(0, 1, 0), yaw_deg=90.0)

    np.testing.assert_allclose(pixel(camera, 1, 2, -5), [740, 260])
    np.testing.assert_allclose(pixel(front, 1, 2, -1), [740, 260])


@pytest.mark.parametrize(
    "changes", [{"target_m": (0, 1, 8)}, {"focal_px": 0.0}, {"target_m": (1, 2)}]
)
def test_impossible_cameras_are_refused(changes):
    knobs = {"position_m": (0, 1, 8), "target_m": (0, 1, 0), "focal_px": 1000.0}

    with pytest.raises(ConfigError, match=r"target_m|focal_px"):
        Camera(**(knobs | changes))


def test_a_camera_of_other_length_than_the_points_is_refused():
    camera = Camera(np.zeros((5, 3)), (0, 0, 1), 100.0)

    with pytest.raises(ConfigError, match="5 frames cannot film 7 of points"):
        camera.project(np.zeros((7, 2, 3)))
