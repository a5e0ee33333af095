"""Files of throws: pitches of OpenBiomechanics, free throws of SPL Open Data."""

import json

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.io.pitches import _JOINTS


def pitches_text(name="7_1", mirrored=False):
    """Two frames of one person whose throwing side is +z of ours, in their axes.

    The knees are ahead of hips and ankles; "ap" lies to the right in their files.
    """
    points = {}
    for i, (joint, (hand, glove)) in enumerate(_JOINTS.items()):
        ahead = 0.1 if joint == "knee" else 0.0
        points[hand] = (ahead, -0.2, 1.0 + 0.1 * i)
        points[glove] = (ahead, 0.2, 1.0 + 0.1 * i)
    if mirrored:
        points = {k: (x, -y, z) for k, (x, y, z) in points.items()}
    points |= {"thorax_prox": (0.0, 0.0, 1.4), "thorax_dist": (0.0, 0.0, 1.1)}
    points["thorax_ap"] = (0.0, -0.1, 1.4)
    head = ["session_pitch", "time", *(f"{p}_{a}" for p in points for a in "xyz")]
    cells = [str(c) for xyz in points.values() for c in xyz]
    rows = [[name, str(t), *cells] for t in (0.0, 0.0028)]
    return "\n".join(",".join(row) for row in [head, *rows])


@pytest.mark.parametrize(("mirrored", "side"), [(False, "right"), (True, "left")])
def test_the_throwing_hand_of_a_pitch_is_told_by_the_knees(tmp_path, mirrored, side):
    path = tmp_path / "landmarks.csv"
    path.write_text(pitches_text(mirrored=mirrored), encoding="utf-8")

    poses = bm.read_file(path)

    # Theirs has Y to the left and Z up: y = -0.2 is 0.2 m to the right.
    sign = 1 if side == "right" else -1
    np.testing.assert_allclose(poses[f"{side}_wrist_z_m"], sign * 0.2)
    np.testing.assert_allclose(poses[f"{side}_wrist_y_m"], 1.2)
    front = poses["thorax_front_x_m"] - poses["thorax_back_x_m"]
    assert (front > 0).all()
    assert poses["clip_id"].unique().to_list() == ["7_1"]
    assert poses["time_s"].to_list() == [0.0, 0.0028]


def test_pitches_without_a_joint_are_refused_by_name(tmp_path):
    path = tmp_path / "landmarks.csv"
    path.write_text("session_pitch,time,rear_hip_x\n1_1,0.0,0.1\n", encoding="utf-8")

    with pytest.raises(bm.FormatError, match="shoulder_jc_x"):
        bm.read_file(path)


def free_throw(**player):
    points = {"R_WRIST": [10.0, 1.0, 3.0], "L_WRIST": [10.0, 2.0, 3.0], **player}
    frame = {"ball": [float("nan")] * 3, "player": points}
    tracking = [{"frame": i, "time": 33 * i, "data": frame} for i in range(3)]
    return {"participant_id": "P1", "tracking": tracking}


def test_feet_become_metres_and_milliseconds_seconds(tmp_path):
    path = tmp_path / "throw.json"
    path.write_text(json.dumps(free_throw()), encoding="utf-8")

    poses = bm.read_file(path)

    assert poses["time_s"].to_list() == pytest.approx([0.0, 0.033, 0.066])
    assert poses["right_wrist_x_m"][0] == pytest.approx(3.048)
    assert poses["right_wrist_y_m"][0] == pytest.approx(0.9144)
    assert poses["right_wrist_z_m"][0] == pytest.approx(-0.3048)
    assert poses["ball_x_m"].null_count() == 3


def test_a_free_throw_without_a_player_is_refused(tmp_path):
    document = free_throw()
    del document["tracking"][1]["data"]["player"]
    path = tmp_path / "throw.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(bm.FormatError, match="player"):
        bm.read_file(path)


@pytest.mark.parametrize(("trial", "release_s"), [("0001", 5.78), ("0106", 6.27)])
def test_a_free_throw_leaves_the_hand_once_and_dribbles_do_not(
    shared, trial, release_s
):
    path = f"data/C04_basketball_freethrow/BB_FT_P0001_T{trial}.json"

    events = bm.swing_events(bm.read_file(shared(path)), sport="throw")

    # By eye on the ball's track: it speeds away from the fingers for good.
    releases = events.filter(pl.col("event").cast(pl.String) == "release")
    assert releases["side"].to_list() == ["right"]
    assert releases["time_s"].to_list() == pytest.approx([release_s], abs=0.04)
