"""Serves and free throws without labels: each is found once, by the right hand."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.kernels.windows import runs
from pipelines.activities import recognise


def test_every_serve_is_found_where_the_arm_reaches_up(shared):
    path = shared("data/C01_tennis_serve_ktk/kinematics_tennis_serve.c3d")
    poses = bm.clean(bm.to_poses(bm.read_markers(path)), activity="tennis")

    events = bm.swing_events(poses, sport="tennis")

    reach_m = (poses["right_wrist_y_m"] - poses["right_ear_y_m"]).to_numpy()
    time_s = poses["time_s"].to_numpy()
    up = [(time_s[a], time_s[b - 1]) for a, b in runs(reach_m > 0.2)]
    contacts = events.filter(pl.col("event").cast(pl.String) == "contact")
    assert contacts.height == len(up) == 5
    assert set(events["side"]) == {"right"}
    for contact_s, (first_s, last_s) in zip(contacts["time_s"], up, strict=True):
        assert first_s <= contact_s <= last_s


@pytest.mark.parametrize("trial", ["T0001", "T0106"])
def test_knees_that_dip_before_a_free_throw_are_no_squats(shared, trial):
    path = shared(f"data/C04_basketball_freethrow/BB_FT_P0001_{trial}.json")

    assert recognise(bm.clean(bm.read_file(path))) == "none"


@pytest.mark.parametrize("trial", ["T0001", "T0106"])
def test_a_free_throw_is_released_when_the_ball_leaves_the_fingers(shared, trial):
    path = shared(f"data/C04_basketball_freethrow/BB_FT_P0001_{trial}.json")
    poses = bm.read_file(path)

    events = bm.swing_events(bm.clean(poses, activity="throw"), sport="throw")

    # The ball was within 20 cm of the wrist; it is free a hand and its radius away.
    array = bm.to_array(poses)
    away_m = np.linalg.norm(array.point("ball") - array.point("right_wrist"), axis=1)
    release = events.filter(pl.col("event").cast(pl.String) == "release")
    before, after = (
        np.interp(release["time_s"].item() + s, array.time_s, away_m)
        for s in (-0.1, 0.1)
    )
    assert release["side"].to_list() == ["right"]
    assert before < 0.22
    assert after > 0.5
