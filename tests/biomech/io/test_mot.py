import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.io.mot import read_mot, read_mot_forces
from biomech.markers import key_columns


def write(tmp_path, labels, rows, *, head="inDegrees=yes"):
    path = tmp_path / "a.mot"
    lines = ["Coordinates", "version=1", head, "endheader", "\t".join(labels), *rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_radians_become_degrees_and_translations_stay_metres(tmp_path):
    labels = ["time", "knee_angle_r", "pelvis_tx", "right knee"]
    path = write(tmp_path, labels, ["0\t1\t1\t0.5"], head="inDegrees = no")

    signals = read_mot(path)

    assert signals.columns[4:] == ["knee_angle_r_deg", "pelvis_tx_m", "right_knee_deg"]
    np.testing.assert_allclose(signals.row(0)[4:], [57.29578, 1.0, 28.64789], rtol=1e-6)


def test_the_centre_of_pressure_is_in_metres_not_pixels(tmp_path):
    labels = ["time", "ground_force_vy", "ground_force_px", "ground_torque_y"]
    signals = read_mot(write(tmp_path, labels, ["0\t700\t0.5\t3"], head="x=1"))

    assert signals.columns[4:] == [
        "ground_force_vy_n",
        "ground_force_px_m",
        "ground_torque_y_nm",
    ]


@pytest.mark.parametrize(
    ("stem", "plate"),
    [
        ("ground_force_{}", "plate1"),
        ("ground_force_r_{}", "right"),
        ("L_ground_force_{}", "left"),
        ("ground_force_1_{}", "plate1"),
        ("1_ground_force_{}", "plate1"),
    ],
)
def test_force_plates_are_named_by_side_or_number(tmp_path, stem, plate):
    labels = ["time", *(stem.format(k) for k in ("vx", "vy", "vz", "px", "py", "pz"))]
    forces = read_mot_forces(write(tmp_path, labels, ["0\t1\t700\t2\t0.1\t0\t0.2"]))

    assert forces[f"{plate}_force_y_n"].to_list() == [700.0]
    assert forces[f"{plate}_cop_z_m"].to_list() == [0.2]


def test_a_second_plate_gets_the_next_number(tmp_path):
    labels = ["time", "ground_force_vy", "1_ground_force_vy"]
    forces = read_mot_forces(write(tmp_path, labels, ["0\t1\t2"]))

    assert forces.row(0, named=True)["plate2_force_y_n"] == 2.0


def test_what_is_written_is_read_back(tmp_path):
    signals = key_columns("a", np.array([0.0, 0.5])).with_columns(
        left_knee_flexion_deg=pl.Series([10.123456789, None]),
        hip_height_m=pl.Series([0.9, 0.91]),
        left_force_y_n=pl.Series([1.0, 2.0]),
    )
    bm.write_mot(signals, tmp_path / "a.mot")

    back = bm.read_signals(tmp_path / "a.mot")

    assert_frame_equal(back.drop("clip_id"), signals.drop("clip_id"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("hello", "no 'endheader'"),
        ("endheader\ntime\tx\n", "no 'endheader' with rows"),
        ("endheader\nx\ty\n1\t2\n", "first column is 'x'"),
        ("endheader\ntime\tx\n0\t1\n0\t2\n", "not increasing"),
        ("endheader\ntime\tx\n0\tabc\n", "column 2 has 'abc'"),
        ("endheader\ntime\tx\ty\n0\t1\n", "cut short"),
    ],
)
def test_what_is_no_mot_is_refused(tmp_path, content, what):
    path = tmp_path / "a.mot"
    path.write_text(content)

    with pytest.raises(bm.FormatError, match=what):
        read_mot(path)


def test_a_file_without_forces_says_what_it_holds(tmp_path):
    with pytest.raises(bm.FormatError, match="knee_angle_r"):
        read_mot_forces(write(tmp_path, ["time", "knee_angle_r"], ["0\t1"]))
