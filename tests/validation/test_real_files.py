"""Files of others, as they lie in ../shared; expected values from their sources."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.marker_maps import marker_axes

DATA = "data/"

pytestmark = pytest.mark.filterwarnings("ignore:.*read as pixels:UserWarning")


@pytest.mark.parametrize(
    ("name", "rows", "tracks"),
    [
        ("A01_openpose_body25_running/example1_side", 63, 1),
        ("A02_openpose_alphapose_detectron_same_walk/detectron_out.json", 125, 1),
        ("A03_openpose_coco18_v1/000001_0_keypoints.json", 1, 1),
        ("A04_alphapose/coco17_arnis_alphapose-results.json", 122, 1),
        ("A04_alphapose/halpe26_alphapose-results.json", 810, 2),
        ("A05_openpifpaf/000000081988.jpg.predictions.json", 5, 5),
        ("A06_mmpose/results_demo_human3d_h36m_earlier_run.json", 77, 17),
        ("A06_mmpose/posetrack18_val_003418_mpii_test.json", 1, 1),
        ("A07_mediapipe_blazepose_squats/pose_squats.full.json", 65, 1),
        ("A08_posenet_movenet_json/pose_1.json", 120, 1),
        ("A09_mediapipe_csv/long_xy_fencing.csv", 300, 1),
        ("A09_mediapipe_csv/running_wide_xy.csv", 301, 1),
        (
            "A10_coco_results/person_keypoints_val2014_fakekeypoints100_results.json",
            125,
            11,
        ),
        ("A17_yolo_pose_txt/study_yolo11_image0.txt", 2, 2),
    ],
)
def test_every_estimator_gives_the_people_its_file_holds(shared, name, rows, tracks):
    poses = bm.read_file(shared(DATA + name), rate_hz=30, size_px=(1000, 1000))

    assert (poses.height, poses["track_id"].n_unique()) == (rows, tracks)


def test_the_missing_points_of_openpifpaf_are_not_at_minus_three(shared):
    path = shared(DATA + "A05_openpifpaf/000000081988.jpg.predictions.json")

    array = bm.to_array(bm.read_file(path, rate_hz=1))

    assert np.nanmin(array.xyz) > 0
    assert np.isnan(array.xyz[0, 0]).all()


@pytest.mark.parametrize("camera", ["cam01", "cam03"])
def test_body_25b_is_recognised_and_people_stand_upright(shared, camera):
    folder = "F01_pose2sim_4cam_video_json_trc/openpose_body25b_json/"

    array = bm.to_array(
        bm.read_file(shared(f"{DATA}{folder}{camera}_json"), rate_hz=60)
    )

    knee, ankle, hip = (
        np.nanmedian(array.point(f"left_{joint}")[:, 1])
        for joint in ("knee", "ankle", "hip")
    )
    assert hip < knee < ankle
    assert np.nanmedian(array.point("head_top")[:, 1]) < hip


@pytest.mark.parametrize(
    "name",
    [
        "A04_alphapose/poseflow_cmu_style_alpha-pose-results-sample.json",
        "A06_mmpose/coco_person_detections_AP_H_56.json",
        "A15_c3d_vendors/others__Empty.c3d",
        "A16_trc_variants/Truncated.trc",
        "A11_deeplabcut/reachingDEMO_2D.h5",
        "A07_mediapipe_blazepose_squats/pose_squats.mp4",
    ],
)
def test_damaged_and_foreign_files_are_one_clear_error(shared, name):
    path = shared(DATA + name)

    with pytest.raises(bm.FormatError, match=path.name):
        bm.read_file(path, rate_hz=30)


@pytest.mark.parametrize(
    ("name", "frames", "keypoints", "unit"),
    [
        ("A13_sports2d_trc_mot/p1_sample60_cam2_Sports2D_m_person00.trc", 780, 22, "m"),
        ("A13_sports2d_trc_mot/p1_sample60_cam2_Sports2D_m_person00.c3d", 780, 22, "m"),
        (
            "A13_sports2d_trc_mot/p1_sample60_cam2_Sports2D_px_person00.trc",
            780,
            22,
            "px",
        ),
        ("A14_pose2sim_opensim_trc_mot/Pose2Sim_markers.trc", 100, 22, "m"),
        ("A15_c3d_vendors/Qualisys.c3d", 340, 22, "m"),
        ("A16_trc_variants/walk_free_01.trc", 73, 19, "m"),
        ("B01_gait_pig_events_btk/PiG_Motion-FlatFoot-Full.c3d", 315, 22, "m"),
        ("B02_gait_forceplate_events/walkNorm_NP1004a06.c3d", 408, 24, "m"),
        ("B03_gait_seven_labs/AUC__CB_Dynamic0003.c3d", 207, 14, "m"),
        ("B04_gait_treadmill_events/test_small.c3d", 337, 22, "m"),
        ("B05_run_sprint_known_speed/run0350cms.trc", 836, 20, "m"),
        ("B06_run_hamner_grf/subject02_running.trc", 600, 19, "m"),
        ("B07_walk_run_rajagopal_grf/motion_capture_walk.trc", 238, 20, "m"),
        ("B08_walk_gait2392_grf/subject01_walk1.trc", 151, 19, "m"),
        ("B10_bmc_walk_run_winter_pezzack/walk.trc", 184, 13, "m"),
        ("B11_walk_opencap_lab_grf/S4_walking1.trc", 131, 20, "m"),
        ("C01_tennis_serve_ktk/kinematics_tennis_serve.c3d", 1092, 22, "m"),
        ("C02_baseball_obp/000870_003252_74_195_002_FF_808.c3d", 747, 22, "m"),
        ("D01_jump_squat_opencap_lab_grf/S4_DJ1.trc", 269, 20, "m"),
    ],
)
def test_every_marker_set_becomes_a_standing_person(
    shared, name, frames, keypoints, unit
):
    poses = bm.read_file(shared(DATA + name))

    array = bm.to_array(poses)
    assert (poses.height, len(array.keypoints), array.unit) == (frames, keypoints, unit)
    down = -1.0 if unit == "m" else 1.0
    hip, heel = array.point("left_hip")[:, 1], array.point("left_heel")[:, 1]
    assert np.nanmedian(down * (heel - hip)) > 0


@pytest.mark.parametrize(
    "name",
    [
        "B01_gait_pig_events_btk/PiG_Motion-FlatFoot-Full.c3d",
        "B04_gait_treadmill_events/test_small.c3d",
        "B07_walk_run_rajagopal_grf/motion_capture_walk.trc",
        "B10_bmc_walk_run_winter_pezzack/walk.trc",
        "B11_walk_opencap_lab_grf/S6_walking1.trc",
        "C02_baseball_obp/000870_003252_74_195_002_FF_808.c3d",
    ],
)
def test_joint_centres_are_a_rigid_skeleton(shared, name):
    array = bm.to_array(bm.read_file(shared(DATA + name)))

    for joints in (("left_hip", "right_hip"), ("left_knee", "left_ankle")):
        a, b = (array.point(joint) for joint in joints)
        length = np.linalg.norm(a - b, axis=1)
        assert np.nanstd(length) < 0.012
        assert 0.1 < np.nanmean(length) < 0.5


def test_the_two_orders_of_bytes_hold_the_same_trial(shared):
    folder = DATA + "A15_c3d_vendors/"
    dec, pc = (bm.read_markers(shared(f"{folder}{n}_real.c3d")) for n in ("dec", "pc"))

    a, b = (m.drop("clip_id").to_numpy() for m in (dec, pc))

    np.testing.assert_allclose(a, b, atol=1e-5)


def test_integers_and_reals_hold_the_same_trial(shared):
    folder = DATA + "A15_c3d_vendors/"
    whole, real = (
        bm.read_markers(shared(f"{folder}Eb015{n}.c3d")) for n in ("pi", "vr")
    )

    a, b = (m.drop("clip_id").to_numpy() for m in (whole, real))

    np.testing.assert_allclose(a, b, atol=1e-6)


def test_events_lie_on_the_trial_clock_and_alternate(shared):
    path = shared(DATA + "B01_gait_pig_events_btk/PiG_Motion-FlatFoot-Full.c3d")

    events, markers = bm.read_events(path), bm.read_markers(path)

    contacts = events.filter(event="initial_contact").sort("time_s")
    assert contacts["side"].to_list() == ["right", "left"] * 3 + ["right"]
    forces = bm.read_forces(path)
    for plate, side, contact in ((1, "right", 2.54), (2, "left", 3.05)):
        loaded = forces.filter(pl.col(f"plate{plate}_force_y_n") > 20)["time_s"][0]
        assert loaded == pytest.approx(contact, abs=0.02)
        found = contacts.filter(side=side)["time_s"].to_numpy()
        assert np.abs(found - loaded).min() < 0.02
    nearest = markers["time_s"].to_numpy()[events["frame"].to_list()]
    np.testing.assert_allclose(nearest, events["time_s"], atol=0.0051)


def test_forces_bear_the_weight_upwards(shared):
    walk = bm.read_forces(shared(DATA + "B07_walk_run_rajagopal_grf/grf_walk.mot"))
    plates = bm.read_forces(shared(DATA + "B04_gait_treadmill_events/test_small.c3d"))

    assert walk["right_force_y_n"].max() == pytest.approx(943.38, abs=0.01)
    assert plates["plate1_force_y_n"].max() == pytest.approx(669, abs=1)


def test_radians_and_degrees_of_the_same_walk_agree(shared):
    folder = DATA + "B11_walk_opencap_lab_grf/"

    knees = [
        bm.read_signals(shared(folder + name))["knee_angle_r_deg"].max()
        for name in ("S4_walking1_ik.mot", "S6_walking1.mot")
    ]

    assert all(50 < knee < 75 for knee in knees)


def test_the_axes_of_a_laboratory_are_found(shared):
    folder = DATA + "B03_gait_seven_labs/"

    assert (
        marker_axes(bm.read_markers(shared(folder + "FMC__MH0222_BP06.c3d")))
        == "-x,z,y"
    )


def test_the_unit_of_sports2d_in_pixels_is_recognised(shared):
    name = "A13_sports2d_trc_mot/p1_sample60_cam2_Sports2D_px_person00.trc"

    with pytest.warns(UserWarning, match="the header says m, the name says pixels"):
        bm.read_markers(shared(DATA + name))


def test_individuals_of_deeplabcut_and_sleap_are_tracks(shared):
    mice = bm.read_markers(
        shared(DATA + "A11_deeplabcut/madlc_testdata.csv"), rate_hz=30
    )
    flies = bm.read_markers(
        shared(DATA + "A12_sleap/predictions.analysis.h5"), rate_hz=30
    )

    assert mice["track_id"].to_list() == [0, 0, 0, 1, 1]
    assert flies["track_id"].n_unique() == 2
    with pytest.raises(bm.SkeletonError, match="snout"):
        bm.read_file(
            shared(DATA + "A11_deeplabcut/CollectedData_Pranav.csv"), rate_hz=30
        )


SPORTS2D = "A13_sports2d_trc_mot/p1_sample60_cam2_Sports2D_"


@pytest.mark.parametrize(
    ("name", "frames", "missing"),
    [
        (f"{SPORTS2D}m_person00.trc", 780, 0),
        (f"{SPORTS2D}px_person00.trc", 780, 0),
        ("A14_pose2sim_opensim_trc_mot/Pose2Sim_markers.trc", 100, 0),
        ("A16_trc_variants/dataWithNaNsOfDifferentCases.trc", 5, 15),
        ("A16_trc_variants/gait10dof18musc_walk_CRLF_line_ending.trc", 10, 0),
        ("A16_trc_variants/walk_free_01.trc", 73, 0),
    ],
)
def test_every_trc_of_the_peers_comes_out_as_it_went_in(
    shared, tmp_path, name, frames, missing
):
    markers = bm.read_markers(shared(DATA + name))
    copy = tmp_path / shared(DATA + name).name

    bm.write_trc(markers, copy)

    assert (markers.height, markers.null_count().sum_horizontal()[0]) == (
        frames,
        missing,
    )
    back = bm.read_markers(copy)
    assert_frame_equal(back.drop("clip_id"), markers.drop("clip_id"), abs_tol=1e-9)


@pytest.mark.parametrize(
    ("name", "frames", "columns"),
    [
        (f"{SPORTS2D}angles_person00.mot", 780, 24),
        (f"{SPORTS2D}m_person00_LSTM_ik.mot", 780, 62),
        ("A14_pose2sim_opensim_trc_mot/Pose2Sim_motion.mot", 100, 62),
    ],
)
def test_every_mot_of_the_peers_comes_out_as_it_went_in(
    shared, tmp_path, name, frames, columns
):
    signals = bm.read_signals(shared(DATA + name))
    copy = tmp_path / shared(DATA + name).name

    bm.write_mot(signals, copy)

    assert signals.drop(*bm.FRAME, "time_s").shape == (frames, columns)
    back = bm.read_signals(copy)
    assert_frame_equal(back.drop("clip_id"), signals.drop("clip_id"))
