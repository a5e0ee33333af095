import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from polars.testing import assert_frame_equal

import biomech as bm
from biomech.io.trc import read_trc
from biomech.markers import key_columns, marker_array, marker_table

HEADER = """PathFileType\t4\t(X/Y/Z)\twalk.trc
DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames
{rate}\t{rate}\t{n}\t2\t{unit}\t{rate}\t1\t{n}
Frame#\tTime\tLASI\t\t\tRASI\t\t\t
\t\tX1\tY1\tZ1\tX2\tY2\tZ2
"""


def write(tmp_path, rows, *, unit="mm", rate="100", name="walk.trc", head=HEADER):
    path = tmp_path / name
    text = head.format(rate=rate, unit=unit, n=len(rows)) + "\n" + "\n".join(rows)
    path.write_text(text + "\n")
    return path


def test_millimetres_become_metres_and_the_axes_stay(tmp_path):
    path = write(tmp_path, ["1\t0.00\t100\t900\t-20\t110\t910\t230"])

    markers = read_trc(path)

    assert markers.row(0)[3:] == (0.0, 0.1, 0.9, -0.02, 0.11, 0.91, 0.23)
    assert markers.columns[4:7] == ["LASI_x_m", "LASI_y_m", "LASI_z_m"]


@pytest.mark.parametrize("empty", ["", "NaN", "nan", "INan", "  "])
def test_missing_values_are_null_however_they_are_spelled(tmp_path, empty):
    path = write(tmp_path, [f"1\t0.00\t100\t900\t-20\t{empty}\t{empty}\t{empty}"])

    assert read_trc(path)["RASI_x_m"].to_list() == [None]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_do_not_matter(tmp_path, end):
    path = write(tmp_path, ["1\t0.00\t1\t90\t2\t1\t90\t30"], unit="cm")
    path.write_bytes(path.read_bytes().replace(b"\n", end.encode()))

    assert read_trc(path)["LASI_y_m"].to_list() == [0.9]


def test_shifted_header_cells_are_understood(tmp_path):
    row = "{rate}\t{rate}\t{n}\t2\t{unit}\t{rate}\t1\t{n}"
    shifted = HEADER.replace(
        row, "  {rate}\t\t {rate}\t\t {n}\t\t 2\t\t mm\t{rate}\t1\t{n}"
    )
    path = write(tmp_path, ["1\t0.0\t100\t900\t0\t100\t900\t200"], head=shifted)

    assert read_trc(path)["RASI_z_m"].to_list() == [0.2]


def test_a_regular_clock_rounded_for_printing_is_made_exact(tmp_path):
    rows = [f"{i + 1}\t{i / 150:.3f}\t1\t900\t2\t300\t900\t3" for i in range(4)]

    markers = read_trc(write(tmp_path, rows, rate="150"))

    expected = [0.0, 1 / 150, 2 / 150, 3 / 150]
    np.testing.assert_allclose(markers["time_s"], expected, rtol=0, atol=1e-12)


def test_uneven_times_stay_as_they_are(tmp_path):
    times = [0.0, 0.01, 0.027, 0.03]
    rows = [f"{i + 1}\t{t}\t1\t900\t2\t300\t900\t3" for i, t in enumerate(times)]

    assert read_trc(write(tmp_path, rows))["time_s"].to_list() == times
    assert read_trc(write(tmp_path, rows, rate="0"))["time_s"].to_list() == times


def test_pixels_in_the_name_and_metres_in_the_header_are_pixels(tmp_path):
    row = "1\t0.0\t100\t200\t0\t300\t700\t0"
    path = write(tmp_path, [row], unit="m", name="a_Sports2D_px_person00.trc")

    with pytest.warns(UserWarning, match="read as pixels"):
        markers = read_trc(path)

    assert markers.columns[4:] == ["LASI_x_px", "LASI_y_px", "RASI_x_px", "RASI_y_px"]


def test_a_body_of_six_hundred_metres_is_refused(tmp_path):
    path = write(tmp_path, ["1\t0.0\t100\t200\t0\t300\t700\t0"], unit="m")

    with pytest.raises(bm.UnitError, match=r"spread over 500 of them.*unit='px'"):
        read_trc(path)

    assert read_trc(path, unit="mm")["RASI_y_m"].to_list() == pytest.approx([0.7])


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("1\t0.0\t1\t2\tx\t3\t4\t5", "column 5 has 'x'"),
        ("1\t0.0\t1\t2", "cut short: 4 of 8"),
        ("1\t\t1\t2\t3\t4\t5\t6", "row 1 has no time"),
        ("1\t0\t1\t2\t3\t4\t5\t6\t7", "more than the 8 cells"),
    ],
)
def test_damaged_rows_say_where(tmp_path, row, what):
    with pytest.raises(bm.FormatError, match=what):
        read_trc(write(tmp_path, [row]), unit="m")


def test_time_that_goes_backwards_is_refused(tmp_path):
    rows = ["1\t0.0\t1\t2\t3\t4\t5\t6", "2\t0.0\t1\t2\t3\t4\t5\t6"]

    with pytest.raises(bm.FormatError, match="time does not increase at row 2"):
        read_trc(write(tmp_path, rows))


@pytest.mark.parametrize("content", ["", "PathFileType\t4\n", "hello\n" * 9])
def test_what_is_no_trc_is_refused(tmp_path, content):
    path = tmp_path / "walk.trc"
    path.write_text(content)

    with pytest.raises(bm.FormatError):
        read_trc(path)


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(bm.FormatError, match="No such file"):
        read_trc(tmp_path / "none.trc")


@settings(deadline=None, max_examples=25)
@given(
    xyz=arrays(np.float64, (3, 2, 3), elements=st.floats(-1, 1).map(lambda v: v + 2.0)),
    hole=st.booleans(),
)
def test_what_is_written_is_read_back(tmp_path_factory, xyz, hole):
    xyz[:, 1] -= 3.0
    if hole:
        xyz[1, 0] = np.nan
    frames = key_columns("a", np.array([0.0, 0.1, 0.2]))
    markers = marker_table(frames, names=["A", "B.c"], xyz=xyz, unit="m")
    path = tmp_path_factory.mktemp("trc") / "a.trc"

    bm.write_trc(markers, path, unit="mm")

    back = read_trc(path)
    assert_frame_equal(back.drop("clip_id"), markers.drop("clip_id"), abs_tol=1e-9)


def test_poses_come_back_through_the_names_of_pose2sim(tmp_path, frames):
    rng = np.random.default_rng(1)
    names = ("left_hip", "right_hip", "left_ankle", "right_ankle", "left_big_toe")
    xyz = rng.uniform(0, 300, (3, 5, 2))
    poses = bm.from_array(frames, xyz=xyz, keypoints=names, unit="px")
    bm.write_trc(poses, tmp_path / "a.trc")

    back = bm.read_file(tmp_path / "a.trc")

    assert "LBigToe" in (tmp_path / "a.trc").read_text()
    columns = [c for c in poses.columns if c.endswith("_px")]
    assert_frame_equal(back.select(columns), poses.select(columns))


def test_two_tracks_do_not_fit_one_file(tmp_path, frames):
    xyz = np.ones((6, 1, 2))
    other = frames.with_columns(track_id=pl.lit(2, pl.Int32))
    poses = bm.from_array(
        pl.concat([frames, other]), xyz=xyz, keypoints=["nose"], unit="px"
    )

    with pytest.raises(bm.SchemaError, match="this table has 2"):
        bm.write_trc(poses, tmp_path / "a.trc")


def test_marker_names_given_twice_get_a_number():
    frames = key_columns("a", np.array([0.0]))

    table = marker_table(frames, names=["A", "A"], xyz=np.ones((1, 2, 3)), unit="m")

    assert marker_array(table).names == ("A", "A_2")
