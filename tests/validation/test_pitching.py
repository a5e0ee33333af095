"""Two pitches of OpenBiomechanics against the published points of interest.

The points of interest were computed by their authors in Visual3D from all markers, and
are read from the file beside the landmarks; nothing here was tuned to them.
"""

import json

import numpy as np
import polars as pl
import pytest

import biomech as bm

FOLDER = "data/C02_baseball_obp"
JOINTS = {
    "left_hip": "lead_hip",
    "right_hip": "rear_hip",
    "left_knee": "lead_knee_jc",
    "right_knee": "rear_knee_jc",
    "left_ankle": "lead_ankle_jc",
    "right_ankle": "rear_ankle_jc",
    "left_shoulder": "glove_shoulder_jc",
    "right_shoulder": "shoulder_jc",
    "left_elbow": "glove_elbow_jc",
    "right_elbow": "elbow_jc",
    "left_wrist": "glove_wrist_jc",
    "right_wrist": "wrist_jc",
}


@pytest.fixture(params=["1031_2", "1031_3"])
def pitch(request, shared):
    """Give poses, times of the pitch, and the published values."""
    rows = pl.read_csv(
        shared(f"{FOLDER}/pitching_landmarks.csv"), infer_schema_length=None
    ).filter(pl.col("session_pitch") == request.param)
    truth = json.loads(shared(f"{FOLDER}/GROUND_TRUTH.json").read_text())
    # Their Z is up and Y to the left of X: ours are Y up and Z right.
    xyz = np.stack(
        [rows.select(f"{j}_x", f"{j}_z", f"{j}_y").to_numpy() for j in JOINTS.values()],
        axis=1,
    ).astype(float) * [1.0, 1.0, -1.0]
    frames = pl.DataFrame(
        {
            "clip_id": rows["session_pitch"],
            "track_id": pl.Series([0] * rows.height, dtype=pl.Int32),
            "frame": pl.Series(range(rows.height), dtype=pl.Int32),
            "time_s": rows["time"].cast(pl.Float64),
        }
    )
    poses = bm.from_array(frames, xyz=xyz, keypoints=list(JOINTS), unit="m")
    smooth = bm.smooth(poses, method="butterworth", cutoff_hz=20.0)
    published = truth["poi"][request.param]
    return smooth, rows.row(0, named=True), published


def test_pelvis_and_thorax_turn_as_fast_as_published_and_in_order(pitch):
    poses, moments, published = pitch

    found = bm.kinematic_sequence(poses, (moments["pkh_time"], moments["MIR_time"]))

    peaks = dict(found.select("segment", "peak_deg_s").iter_rows())
    pelvis = float(published["max_pelvis_rotational_velo"])
    thorax = float(published["max_torso_rotational_velo"])
    assert peaks["pelvis"] == pytest.approx(pelvis, rel=0.10)
    assert peaks["thorax"] == pytest.approx(thorax, rel=0.10)
    order = dict(found.select("segment", "order").iter_rows())
    assert order["pelvis"] <= order["thorax"] < order["forearm"]


def test_the_elbow_straightens_as_fast_as_published(pitch):
    poses, _, published = pitch

    metrics = bm.swing_metrics(poses, sport="throw")

    row = metrics.row(
        by_predicate=pl.col("metric") == "elbow_extension_speed", named=True
    )
    expected = float(published["max_elbow_extension_velo"])
    assert row["value"] == pytest.approx(expected, rel=0.10)


def test_foot_contact_and_release_are_found_where_published(pitch):
    poses, moments, _ = pitch

    found = bm.swings(bm.swing_events(poses, sport="throw"))

    row = found.row(-1, named=True)
    assert row["release_s"] == pytest.approx(moments["BR_time"], abs=0.015)
    assert row["foot_contact_s"] == pytest.approx(moments["fp_100_time"], abs=0.005)
