"""Our angles in Sports2D's convention against the angles that Sports2D wrote."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.kernels.geometry import wrap

FOLDER = "data/A13_sports2d_trc_mot/p1_sample60_cam2_Sports2D_"


@pytest.fixture(scope="module")
def both(shared):
    """Its angles, and ours of the same pixels facing right and facing left."""
    poses = bm.read_file(shared(f"{FOLDER}px_person00.trc"), unit="px")
    theirs = bm.read_signals(shared(f"{FOLDER}angles_person00.mot")).sort("frame")
    right = bm.sports2d_angles(poses, cutoff_hz=None)
    mirrored = poses.with_columns(-pl.col("^.*_x_px$"))
    left = bm.sports2d_angles(mirrored, cutoff_hz=None)
    return theirs, right, left


@pytest.mark.parametrize(
    ("name", "median_deg"),
    [
        *(("right ankle", 2.0), ("left ankle", 2.0), ("right knee", 1.5)),
        *(("left knee", 1.5), ("right hip", 2.0), ("left hip", 2.0)),
        *(("right foot", 2.0), ("left foot", 2.0), ("right thigh", 1.5)),
        *(("left thigh", 1.5), ("right shank", 1.5), ("left shank", 1.5)),
        *(("trunk", 1.0), ("pelvis", 1.0), ("shoulders", 1.0)),
    ],
)
def test_angles_agree_with_those_of_the_peer(both, name, median_deg):
    """The person looks into the camera: the peer changes sides from frame to frame.

    Its angles come from unfiltered points and its pixels in the file are filtered, so
    that they can only agree on the whole.
    """
    theirs, right, left = both
    column = f"{name.replace(' ', '_')}_deg"

    off = [
        np.abs(wrap((side[f"sports2d_{column}"] - theirs[column]).to_numpy()))
        for side in (right, left)
    ]

    assert np.nanmedian(np.minimum(*off)) < median_deg
