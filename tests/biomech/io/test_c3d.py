import numpy as np
import pytest

import biomech as bm
from biomech.io.c3d import read_c3d_angles, read_c3d_events, read_c3d_markers

ezc3d = pytest.importorskip("ezc3d")


def write(tmp_path, labels, xyz, *, first_frame=0, events=(), unit="mm", angles=()):
    """Write points of shape (frames, markers, 3) at 100 Hz."""
    file = ezc3d.c3d()
    points = np.ones((4, len(labels), len(xyz)))
    points[:3] = np.moveaxis(xyz, (0, 1, 2), (2, 1, 0))
    file["data"]["points"] = points
    file["header"]["points"]["first_frame"] = first_frame
    parameters = file["parameters"]
    parameters["POINT"]["RATE"]["value"] = [100.0]
    parameters["POINT"]["UNITS"]["value"] = [unit]
    parameters["POINT"]["LABELS"]["value"] = list(labels)
    if angles:
        file.add_parameter("POINT", "ANGLES", list(angles))
    if events:
        names, sides, times = zip(*events, strict=True)
        file.add_parameter("EVENT", "USED", [len(events)])
        file.add_parameter("EVENT", "LABELS", list(names))
        file.add_parameter("EVENT", "CONTEXTS", list(sides))
        file.add_parameter("EVENT", "TIMES", np.array([[0.0] * len(times), times]))
    path = tmp_path / "a.c3d"
    file.write(str(path))
    return path


def test_time_is_that_of_the_trial_clock(tmp_path):
    path = write(tmp_path, ["LASI"], np.ones((3, 1, 3)), first_frame=147)

    markers = read_c3d_markers(path)

    np.testing.assert_allclose(markers["time_s"], [1.47, 1.48, 1.49])
    assert markers["frame"].to_list() == [0, 1, 2]


def test_placeholders_at_zero_are_missing(tmp_path):
    xyz = np.ones((2, 1, 3))
    xyz[1] = 0.0

    markers = read_c3d_markers(write(tmp_path, ["LASI"], xyz))

    np.testing.assert_allclose(markers["LASI_x_m"][0], 0.001)
    assert markers["LASI_x_m"][1] is None


def test_subjects_become_tracks_without_their_prefix(tmp_path):
    labels = ["Matt:LASI", "Derrick:LASI", "BALL"]
    xyz = np.arange(1.0, 10.0).reshape(1, 3, 3)

    markers = read_c3d_markers(write(tmp_path, labels, xyz, unit="m"))

    assert markers["track_id"].to_list() == [0, 1]
    assert markers["LASI_x_m"].to_list() == [1.0, 4.0]
    assert markers["BALL_x_m"].to_list() == [7.0, None]


def test_modelled_outputs_and_unlabelled_points_are_no_markers(tmp_path):
    labels = ["LASI", "*12", "LKneeAngles", "LKneeMoment", "RGroundReactionForce", "LX"]
    path = write(tmp_path, labels, np.ones((1, 6, 3)), angles=["LX"])

    markers = read_c3d_markers(path)

    assert markers.columns[4:] == ["LASI_x_m", "LASI_y_m", "LASI_z_m"]


def test_angles_keep_their_degrees(tmp_path):
    path = write(tmp_path, ["LASI", "LKneeAngles"], np.full((1, 2, 3), 42.0))

    angles = read_c3d_angles(path)

    assert angles["LKneeAngles_x_deg"].to_list() == [42.0]


@pytest.mark.parametrize(
    ("name", "context", "event", "side"),
    [
        ("Foot Strike", "Left", "initial_contact", "left"),
        ("Foot Off", "Right", "toe_off", "right"),
        ("LHS", "", "initial_contact", "left"),
        ("RTO", "", "toe_off", "right"),
        ("mFS", "Right", "initial_contact", "right"),
        ("Right Foot Strike", "General", "initial_contact", "right"),
    ],
)
def test_events_are_known_by_the_names_of_laboratories(
    tmp_path, name, context, event, side
):
    events = [(name, context, 1.02), ("eFS", "Left", 1.01)]
    path = write(tmp_path, ["A"], np.ones((5, 1, 3)), first_frame=100, events=events)

    found = read_c3d_events(path)

    assert found.select("event", "side", "frame").rows() == [(event, side, 2)]
    np.testing.assert_allclose(found["time_s"], [1.02], rtol=1e-6)


def test_events_outside_the_file_are_placeholders(tmp_path):
    events = [("Foot Strike", "Left", 0.0), ("Foot Strike", "Left", 9.0)]
    path = write(tmp_path, ["A"], np.ones((5, 1, 3)), first_frame=100, events=events)

    assert read_c3d_events(path).is_empty()


def test_an_unknown_unit_is_refused_and_may_be_said(tmp_path):
    path = write(tmp_path, ["A"], np.ones((1, 1, 3)), unit="ell")

    with pytest.raises(bm.UnitError, match="'ell'"):
        read_c3d_markers(path)

    assert bm.read_markers(path, unit="m")["A_x_m"].to_list() == [1.0]


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_cut_file_is_refused_before_the_library_reads_it(tmp_path, part):
    path = write(tmp_path, ["LASI"], np.ones((400, 1, 3)))
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])

    with pytest.raises(bm.FormatError, match=r"cut: 400 frames|lies outside|larger"):
        read_c3d_markers(path)


def test_parameters_that_point_astray_are_refused(tmp_path):
    path = write(tmp_path, ["LASI"], np.ones((4, 1, 3)))
    content = bytearray(path.read_bytes())
    at = content.index(b"LABELS") + len("LABELS")
    content[at + 4 : at + 6] = b"\xff\xff"  # the dimensions of the labels
    path.write_bytes(bytes(content))

    with pytest.raises(bm.FormatError, match="a parameter is larger than its place"):
        read_c3d_markers(path)


@pytest.mark.parametrize("content", [b"", b"\x02\x50" + b"\x07" * 600, b"text"])
def test_a_damaged_file_is_one_clear_error(tmp_path, content):
    path = tmp_path / "a.c3d"
    path.write_bytes(content)

    with pytest.raises(bm.FormatError):
        bm.read_markers(path)
