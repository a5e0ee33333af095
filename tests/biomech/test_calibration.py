import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.synthetic import Camera, ParallelCamera, add_noise, to_poses, walker


@pytest.fixture(scope="module")
def walk():
    return walker(duration_s=4.0)


def side_view(motion, **knobs):
    camera = ParallelCamera(
        **{"scale_px_m": 300.0, "center_m": (3.0, 0.9, 0.0), "width_px": 3000} | knobs
    )
    return to_poses(motion, camera=camera)


def test_scale_from_body_height_is_within_its_standard_deviation(walk):
    found = bm.body_scale(side_view(walk), height_m=walk.figure.height_m).row(
        0, named=True
    )

    assert found["scale_px_m"] == pytest.approx(300.0, rel=0.02)
    assert found["scale_sd_px_m"] == pytest.approx(0.036 * 300.0, rel=0.1)


def test_a_person_who_comes_nearer_has_an_uncertain_scale(walk):
    camera = Camera((8.0, 1.2, 0.0), (0.0, 0.9, 0.0), focal_px=900.0)

    found = bm.body_scale(to_poses(walk, camera=camera), height_m=1.75)

    relative = found["scale_sd_px_m"] / found["scale_px_m"]
    assert relative.item() > 0.08


def test_without_a_whole_leg_there_is_no_scale(walk):
    poses = side_view(walk).drop(pl.col("^.*_ankle_.*$"))

    assert bm.body_scale(poses, height_m=1.8)["scale_px_m"].to_list() == [None]


@pytest.mark.parametrize("height_m", [180.0, 0.0, -1.8, np.nan])
def test_heights_nobody_has_are_refused(walk, height_m):
    with pytest.raises(bm.ConfigError, match=r"allowed is 0.5 to 2.6 metres"):
        bm.body_scale(side_view(walk), height_m=height_m)


def test_metres_agree_with_the_truth(walk):
    noisy = add_noise(side_view(walk), sd_px=2.0, seed=1)
    poses = bm.to_metres(bm.clean(noisy, activity="walk"), scale_px_m=300.0)

    truth = to_poses(walk, dims=2)
    for name in ("left_ankle", "right_wrist", "nose"):
        way = poses[f"{name}_x_m"] - truth[f"{name}_x_m"]
        assert way.std() < 0.01
        height = poses[f"{name}_y_m"] - truth[f"{name}_y_m"]
        assert abs(height.mean()) < 0.03
    assert poses["left_ankle_sd_m"].mean() < 0.01


def test_a_rolled_camera_is_levelled_by_the_feet(walk):
    camera = Camera(
        (3.0, 1.0, 8.0), (3.0, 0.9, 0.0), focal_px=1500.0, width_px=3000, roll_deg=4.0
    )
    poses = to_poses(walk, camera=camera)

    ground = bm.ground_line(poses).row(0, named=True)
    level = bm.to_metres(poses, height_m=walk.figure.height_m)

    assert ground["ground_angle_deg"] == pytest.approx(4.0, abs=0.1)
    hip = level["mid_hip_y_m"]
    assert hip.max() - hip.min() < 0.08


def test_ankles_stand_in_for_feet(walk):
    with_feet = side_view(walk, height_px=900)
    coco = with_feet.drop(pl.col("^.*(heel|toe).*$"))

    feet, ankles = (bm.ground_line(p)["ground_y_px"].item() for p in (with_feet, coco))

    assert ankles == pytest.approx(feet, abs=0.02 * 1.75 * 300)


def test_on_a_treadmill_the_ground_is_level(walk):
    poses = side_view(walk, height_px=900)
    centred = poses.with_columns(
        pl.col("^.*_x_px$") - pl.col("mid_hip_x_px") + 500.0,
    )

    assert bm.ground_line(centred)["ground_angle_deg"].to_list() == [0.0]


def test_known_length_gives_the_scale():
    assert bm.length_scale((0, 0), (300, 400), length_m=2.0) == 250.0
    with pytest.raises(bm.ConfigError, match="two points"):
        bm.length_scale((5, 5), (5, 5), length_m=2.0)


@pytest.mark.parametrize("knobs", [{}, {"height_m": 1.8, "scale_px_m": 300.0}])
def test_exactly_one_way_to_the_scale_is_needed(walk, knobs):
    with pytest.raises(bm.ConfigError, match="give height_m or scale_px_m"):
        bm.to_metres(side_view(walk), **knobs)


def test_metres_are_not_turned_into_metres_again(walk):
    with pytest.raises(bm.UnitError, match="in metres already"):
        bm.to_metres(to_poses(walk), scale_px_m=300.0)


def test_tables_without_rows_stay_empty(walk):
    none = side_view(walk).clear()

    assert bm.to_metres(none, height_m=1.8).is_empty()
    assert bm.ground_line(none).is_empty()
    assert bm.camera_view(none).is_empty()
    assert bm.facing(none).is_empty()


@pytest.mark.parametrize(
    ("yaw_deg", "view"),
    [(0.0, "sagittal"), (20.0, "sagittal"), (45.0, "oblique"), (90.0, "frontal")],
)
@pytest.mark.parametrize("sd_px", [0.0, 4.0])
def test_camera_direction_is_found_within_two_standard_deviations(
    walk, yaw_deg, view, sd_px
):
    poses = side_view(walk, yaw_deg=yaw_deg)
    if sd_px:
        poses = bm.clean(add_noise(poses, sd_px=sd_px), activity="walk")

    found = bm.camera_view(poses).row(0, named=True)

    assert found["view"] == view
    assert abs(found["yaw_deg"] - yaw_deg) < 2 * found["yaw_sd_deg"]


def test_who_walks_into_the_camera_is_seen_from_the_front():
    coming = Camera((13.0, 1.0, 0.0), (0.0, 1.0, 0.0), focal_px=900.0)
    poses = to_poses(walker(duration_s=7.0), camera=coming)

    assert bm.camera_view(poses)["view"].item() == "frontal"


def test_the_camera_on_the_other_side_sees_the_same_view(walk):
    there = bm.camera_view(side_view(walk, yaw_deg=15.0))
    behind = bm.camera_view(side_view(walk, yaw_deg=-165.0))

    assert_frame_equal(there, behind, abs_tol=0.5)


def test_hidden_shoulders_and_hips_leave_the_view_open(walk):
    poses = side_view(walk).drop(pl.col("^.*_(shoulder|hip)_.*$"))

    found = bm.camera_view(poses).row(0, named=True)

    assert found["view"] is None
    assert found["yaw_deg"] is None
