"""Formats of pose estimators, each from a file of a few lines."""

import json

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.skeletons import BODY25, BODY25B, COCO17


def flat(count, *, x=100.0, y=200.0, c=0.5):
    """Keypoints at x + i, y + i for i = 1, 2, ..."""
    return [v for i in range(1, count + 1) for v in (x + i, y + i, c)]


def openpose(points):
    return {
        "version": 1.3,
        "people": [{"person_id": [-1], "pose_keypoints_2d": points}],
    }


def save(tmp_path, document, name="a.json"):
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_openpose_frames_are_numbered_by_their_names_and_may_be_empty(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    save(folder, {"people": []}, "run2_000000000007_keypoints.json")
    save(folder, openpose(flat(18)), "run2_000000000009_keypoints.json")

    poses = bm.read_file(folder, rate_hz=50)

    assert poses.select("frame", "time_s").rows() == [(2, 0.04)]
    assert poses["neck_x_px"].to_list() == [102.0]


@pytest.mark.parametrize("skeleton", [BODY25, BODY25B])
def test_the_two_openpose_bodies_of_25_points_are_told_apart(tmp_path, skeleton):
    points = np.array(flat(25)).reshape(25, 3) * [100, 100, 1]
    for name in ("left_eye", "right_eye"):
        points[skeleton.keypoints.index(name), :2] = points[0, :2] + 3
    path = save(tmp_path, openpose(points.ravel().tolist()))

    poses = bm.read_file(path, rate_hz=30)

    place = skeleton.keypoints.index("left_knee")
    np.testing.assert_allclose(poses["left_knee_x_px"], points[place, 0])


def test_points_that_were_not_found_are_null(tmp_path):
    points = flat(18)
    points[:6] = [0, 0, 0, 0, -3, 0]

    poses = bm.read_file(save(tmp_path, openpose(points)), rate_hz=30)

    assert poses.row(0, named=True)["nose_x_px"] is None
    assert poses.row(0, named=True)["neck_confidence"] is None


def test_alphapose_frames_and_tracks_come_from_the_file(tmp_path):
    people = [
        {"image_id": "3.jpg", "keypoints": flat(26), "score": 2.0, "idx": [[7.0]]},
        {"image_id": "4.jpg", "keypoints": flat(26, c=1.4), "score": 2.0, "idx": 7},
    ]

    poses = bm.read_file(save(tmp_path, people), rate_hz=10)

    assert poses.select("track_id", "frame").rows() == [(7, 3), (7, 4)]
    assert poses["left_heel_x_px"].to_list() == [125.0, 125.0]
    assert poses["nose_confidence"].to_list() == [0.5, 1.0]


def test_alphapose_forms_by_image_are_understood(tmp_path):
    bodies = {"3.jpg": {"version": 1.0, "bodies": [{"joints": flat(18)}]}}

    poses = bm.read_file(save(tmp_path, bodies), rate_hz=10)

    assert poses["frame"].to_list() == [3]


def test_openpifpaf_lines_of_video_are_understood(tmp_path):
    lines = [
        {"frame": 1, "predictions": []},
        {"frame": 2, "predictions": [{"keypoints": flat(17), "id_": 4}]},
    ]
    path = save(tmp_path, "\n".join(json.dumps(line) for line in lines))

    poses = bm.read_file(path, rate_hz=10)

    assert poses.select("track_id", "frame").rows() == [(4, 1)]


def test_coco_results_with_flags_get_confidences(tmp_path):
    points = np.array(flat(17)).reshape(17, 3)
    points[:, 2] = [2, 1, 0] + [2] * 14
    entry = {"image_id": 12, "category_id": 1, "keypoints": points.ravel().tolist()}

    poses = bm.read_file(save(tmp_path, [{**entry, "score": 0.9}]), rate_hz=10)

    row = poses.row(0, named=True)
    assert (row["nose_confidence"], row["left_eye_confidence"]) == (1.0, 0.5)
    assert row["right_eye_x_px"] is None


def test_annotations_use_the_names_of_their_category(tmp_path):
    names = ["nose", "head_bottom", "head_top", *COCO17.keypoints[3:]]
    document = {
        "categories": [{"id": 1, "keypoints": names}],
        "images": [],
        "annotations": [{"image_id": 5, "track_id": 2, "keypoints": flat(17, c=2)}],
    }

    poses = bm.read_file(save(tmp_path, document), rate_hz=10)

    assert poses["neck_x_px"].to_list() == [102.0]
    assert poses["track_id"].to_list() == [2]


def test_detectron_frames_are_the_keys(tmp_path):
    points = np.array(flat(17)).reshape(17, 3).tolist()

    poses = bm.read_file(save(tmp_path, {"0": [], "3": [points]}), rate_hz=10)

    assert poses["time_s"].to_list() == [0.3]


def test_mmpose_names_come_from_its_meta_info(tmp_path):
    meta = {"keypoint_id2name": {"0": "root", "1": "right_foot", "2": "thorax"}}
    person = {"keypoints": [[1, 2], [3, 4], [5, 6]], "keypoint_scores": [0.9, 0.8, 0.7]}
    frames = [{"frame_id": 1, "instances": []}, {"frame_id": 2, "instances": [person]}]
    document = {"meta_info": meta, "instance_info": frames}

    poses = bm.read_file(save(tmp_path, document), rate_hz=10)

    assert bm.keypoints_of(poses) == ("right_ankle", "mid_hip")
    assert poses.row(0, named=True)["right_ankle_y_px"] == 4.0
    assert poses["frame"].to_list() == [1]


def test_mmpose_in_three_dimensions_is_metres_with_y_up(tmp_path):
    named = {"neck": [0, 0, 1.5], "root": [0, 0, 0.9], "left_foot": [0, 0.1, 0.1]}
    named |= {"left_hip": [0, 0.1, 0.9], "right_hip": [0, -0.1, 0.9]}
    meta = {"keypoint_id2name": {str(i): n for i, n in enumerate(named)}}
    person = {"keypoints": list(named.values()), "keypoint_scores": [1] * 5}
    frames = [{"frame_id": 1, "instances": [person]}]

    poses = bm.read_file(
        save(tmp_path, {"meta_info": meta, "instance_info": frames}), rate_hz=10
    )

    row = poses.row(0, named=True)
    assert row["neck_y_m"] == pytest.approx(1.5)
    assert row["right_hip_z_m"] == pytest.approx(0.1)


def test_posenet_names_may_be_camel_case_and_without_scores(tmp_path):
    frames = [{"nose": {"x": 1, "y": 2}, "leftAnkle": {"x": 3, "y": 4}}, {}]
    frames += [{"keypoints": [{"part": "nose", "position": {"x": 5, "y": 6}}]}]

    poses = bm.read_file(save(tmp_path, frames), rate_hz=10)

    assert poses["left_ankle_x_px"].to_list() == [3.0, None]
    assert poses.select("frame", "nose_x_px").rows() == [(0, 1.0), (2, 5.0)]
    assert "nose_confidence" not in poses


def test_mediapipe_fractions_need_the_size_of_the_picture(tmp_path):
    header = ",".join(f"{i}_{a}" for i in range(33) for a in "xy")
    path = save(tmp_path, header + "\n" + ",".join(["0.5", "0.25"] * 33), "a.csv")

    with pytest.raises(bm.FormatError, match="size_px="):
        bm.read_file(path, rate_hz=10)

    poses = bm.read_file(path, rate_hz=10, size_px=(200, 400))
    assert poses.select("left_heel_x_px", "left_heel_y_px").row(0) == (100.0, 100.0)


@pytest.mark.parametrize(
    "columns",
    [
        [f"{a}{i}" for i in range(1, 34) for a in "xyzv"],
        [f"landmark_{i}_{a}" for i in range(33) for a in ("x", "y", "z", "visibility")],
    ],
)
def test_wide_mediapipe_tables_may_be_named_in_several_ways(tmp_path, columns):
    row = [v for i in range(33) for v in (10 + i, 20 + i, 0, 0.5)]
    text = ",".join(columns) + "\n" + ",".join(map(str, row))

    poses = bm.read_file(save(tmp_path, text, "a.csv"), rate_hz=10)

    found = poses.select("right_big_toe_x_px", "right_big_toe_confidence").row(0)
    assert found == (42.0, 0.5)


def test_long_mediapipe_tables_keep_frames_without_a_person(tmp_path):
    rows = [f"{f},{i},{100 + i},{200 + i}" for f in (0, 2) for i in range(33)]
    path = save(tmp_path, "Frame,LandmarkID,X,Y\n" + "\n".join(rows), "a.csv")

    poses = bm.read_file(path, rate_hz=10)

    assert poses["left_hip_x_px"].to_list() == [123.0, None, 123.0]


@pytest.mark.parametrize("frames", [("a", "b"), (0, 10**9)])
def test_frames_that_are_no_frame_numbers_are_refused(tmp_path, frames):
    rows = [f"{f},{i},{100 + i},{200 + i}" for f in frames for i in range(33)]
    path = save(tmp_path, "Frame,LandmarkID,X,Y\n" + "\n".join(rows), "a.csv")

    with pytest.raises(bm.FormatError, match="the frames are not numbered"):
        bm.read_file(path, rate_hz=10)


def test_nested_lists_are_blazepose(tmp_path):
    poses = bm.read_file(save(tmp_path, [[[5, 6, 7]] * 33]), rate_hz=10)

    assert poses["left_big_toe_y_px"].to_list() == [6.0]


def test_yolo_fractions_tracks_and_missing_points(tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    points = [0.0, 0.0, 0.3] + [0.5, 0.25, 0.9] * 16
    line = " ".join(map(str, [0, 0.5, 0.5, 0.1, 0.1, *points, 0.8, 3]))
    save(folder, line, "clip_1.txt")
    save(folder, "", "clip_2.txt")

    poses = bm.read_file(folder, rate_hz=10, size_px=(100, 200))

    row = poses.row(0, named=True)
    assert (row["track_id"], row["frame"], row["nose_x_px"]) == (3, 0, None)
    assert (row["left_knee_x_px"], row["left_knee_y_px"]) == (50.0, 50.0)


DEEPLABCUT = """scorer,S,S,S,S,S,S
individuals,A,A,A,B,B,B
bodyparts,LeftKnee,LeftKnee,LeftKnee,LeftKnee,LeftKnee,LeftKnee
coords,x,y,likelihood,x,y,likelihood
0,1,2,0.9,,,
1,3,4,0.8,5,6,0.7
"""


def test_deeplabcut_individuals_become_tracks(tmp_path):
    path = save(tmp_path, DEEPLABCUT, "a.csv")

    markers = bm.read_markers(path, rate_hz=10)

    assert markers.select("track_id", "frame").rows() == [(0, 0), (0, 1), (1, 1)]
    assert markers["LeftKnee_confidence"].to_list() == [0.9, 0.8, 0.7]


def test_points_named_like_keypoints_become_poses_with_their_confidence(tmp_path):
    rows = ["scorer,S,S,S,S,S,S,S,S,S,S,S,S"]
    parts = ["LeftKnee", "L_Hip", "left ankle", "Right knee"]
    rows.append(",".join(["bodyparts", *(p for p in parts for _ in range(3))]))
    rows.append(",".join(["coords", *["x", "y", "likelihood"] * 4]))
    rows.append(",".join(["0", *map(str, range(1, 10)), "4", "5", "0.25"]))
    path = save(tmp_path, "\n".join(rows).replace(",3,", ",0.5,"), "a.csv")

    poses = bm.read_file(path, rate_hz=10)

    row = poses.row(0, named=True)
    assert (row["left_hip_x_px"], row["left_knee_confidence"]) == (4.0, 0.5)
    assert row["right_knee_confidence"] == 0.25


def test_sleap_tables_are_understood(tmp_path):
    text = (
        "track,frame_idx,instance.score,nose.x,nose.y,nose.score\n"
        "track_0,0,0.9,1,2,0.5\ntrack_0,2,0.9,3,4,0.6\n"
    )

    markers = bm.read_markers(save(tmp_path, text, "a.csv"), rate_hz=10)

    assert markers["time_s"].to_list() == [0.0, 0.2]
    assert markers["nose_x_px"].to_list() == [1.0, 3.0]


def test_sleap_analysis_files_have_tracks_first(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["tracks"] = np.arange(12.0).reshape(1, 2, 2, 3)
        file["node_names"] = [b"nose", b"tail"]

    markers = bm.read_markers(path, rate_hz=10)

    assert markers["nose_x_px"].to_list() == [0.0, 1.0, 2.0]
    assert markers["tail_y_px"].to_list() == [9.0, 10.0, 11.0]


def test_hdf5_of_another_program_is_named_and_both_formats_are_told(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "DLC_resnet50.h5"
    with h5py.File(path, "w") as file:
        file["df_with_missing/table"] = np.zeros(3)

    with pytest.raises(bm.FormatError, match=r"df_with_missing.*SLEAP.*DeepLabCut"):
        bm.read_file(path, rate_hz=30)


def test_an_unknown_suffix_is_told_every_format_once(tmp_path):
    path = save(tmp_path, "what is this", "a.xyz")

    with pytest.raises(bm.FormatError) as error:
        bm.read_file(path)

    names = set(bm.io.formats.formats()["format"])
    told = str(error.value).partition("known are ")[2]
    assert [told.count(f"{name} (") for name in names] == [1] * len(names)


@pytest.mark.parametrize("long", [False, True])
def test_our_own_csv_comes_back(tmp_path, frames, long):
    from biomech.io.tidy import write_csv

    xyz = np.array([[[1.5, 2.0]], [[np.nan, np.nan]], [[3.0, 4.0]]])
    confidence = np.array([[0.5], [np.nan], [0.25]])
    poses = bm.from_array(
        frames, xyz=xyz, keypoints=["nose"], unit="px", confidence=confidence
    )
    write_csv(poses, tmp_path / "a.csv", long=long)

    assert bm.read_file(tmp_path / "a.csv").equals(poses)


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("{nonsense", "does not hold what .* promises"),
        ('{"people": [{"pose_keypoints_2d": [1, 2]}]}', "2 numbers per person"),
        ('{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}', "1 keypoints per person"),
        ('{"people": [{"pose_keypoints_2d": ["a"]}]}', "should be numbers"),
        ('{"people": 3}', "no list 'people'"),
        ('{"people": [', "is not JSON"),
        ('{"people": []}', "holds no people"),
        ('[{"image_id": 3, "bbox": [1, 2, 3, 4]}]', "holds no keypoints"),
        ('[{"image_id": "3.jpg", "score": 1}]', "has no keypoints"),
        ("[[[1, 2], [3, 4]]]", r"shape \(1, 2, 2\)"),
        ('{"instance_info": 3}', "no list 'instance_info'"),
        ('{"0": [[1, 2, 3]]}', "lists of x, y, score"),
        ("", "is empty"),
    ],
)
def test_damaged_files_are_one_clear_error(tmp_path, document, what):
    with pytest.raises(bm.FormatError, match=what):
        bm.read_file(save(tmp_path, document), rate_hz=10)


def test_without_a_clock_the_rate_must_be_said(tmp_path):
    path = save(tmp_path, openpose(flat(18)))

    with pytest.raises(bm.FormatError, match="rate_hz=30"):
        bm.read_file(path)
    with pytest.raises(bm.FormatError, match="must be above 0"):
        bm.read_file(path, rate_hz=-1)


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(bm.FormatError, match="did you mean 'openpose'"):
        bm.read_file(tmp_path, format="openpos")


def test_a_skeleton_can_be_said(tmp_path):
    path = save(tmp_path, openpose(flat(25)))

    with pytest.raises(bm.SkeletonError, match="did you mean 'BODY_25B'"):
        bm.read_file(path, rate_hz=30, skeleton="BODY25B")

    poses = bm.read_file(path, rate_hz=30, skeleton="BODY_25B")
    assert poses["left_eye_x_px"].to_list() == [102.0]


def test_every_format_is_listed_once_per_table():
    listed = bm.formats()

    assert (
        listed["holds"].is_in(["poses", "markers", "events", "forces", "signals"]).all()
    )
    assert listed.filter(pl.col("holds") == "poses")["format"].n_unique() >= 10
