import numpy as np
import pytest

import biomech as bm
from biomech.axes import axes_matrix, guess_axes

BODY = {
    "mid_hip": [0.0, 0.95, 0.0],
    "neck": [0.02, 1.45, 0.0],
    "left_ankle": [0.0, 0.08, -0.1],
    "left_big_toe": [0.15, 0.02, -0.13],
    "left_heel": [-0.05, 0.03, -0.1],
}
TURNS = ["x,y,z", "x,z,-y", "y,z,x", "-x,z,y", "-y,z,-x", "z,y,-x", "x,-y,-z"]


@pytest.mark.parametrize("axes", TURNS)
def test_the_turn_of_a_laboratory_is_seen_from_the_body(axes):
    matrix = axes_matrix(axes)
    drift = 0.01 * np.arange(3)[:, None]
    seen = {n: matrix.T @ np.array(p) + drift for n, p in BODY.items()}

    assert guess_axes(seen) == axes


def test_the_made_up_depth_of_two_dimensions_is_never_forward():
    seen = {n: np.tile(np.array(p), (3, 1)) for n, p in BODY.items()}
    seen["left_big_toe"][:, 2] += 0.5
    walk = np.array([1.0, 0.1, 0.0]) * np.arange(3)[:, None]
    seen = {n: xyz + walk for n, xyz in seen.items()}

    assert guess_axes(seen) == "x,y,z"


def test_without_feet_hips_tell_what_is_forward():
    seen = {n: np.array([p]) for n, p in BODY.items() if n in ("mid_hip", "neck")}
    seen |= {"left_hip": np.array([[0, 1, -0.1]]), "right_hip": np.array([[0, 1, 0.1]])}

    assert guess_axes(seen) == "x,y,z"


def test_without_a_body_the_axes_must_be_said():
    with pytest.raises(bm.FormatError, match="axes='x,z,-y'"):
        guess_axes({"left_heel": np.ones((2, 3))})


@pytest.mark.parametrize("axes", ["x,y", "x,y,y", "a,b,c", "x,--y,z", ""])
def test_nonsense_axes_are_refused(axes):
    with pytest.raises(bm.ConfigError, match="each of x, y, z once"):
        axes_matrix(axes)


def test_axes_that_would_mirror_the_body_are_refused():
    with pytest.raises(bm.ConfigError, match="mirror"):
        axes_matrix("x,z,y")
