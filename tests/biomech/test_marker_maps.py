import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.marker_maps import marker_map, marker_maps
from biomech.marker_rules import apply_rule, parse_rule
from biomech.markers import key_columns, marker_table


def table(points, *, n=2, unit="m"):
    xyz = np.stack([np.tile(np.array(p, float), (n, 1)) for p in points.values()], 1)
    return marker_table(
        key_columns("a", np.arange(n) / 10), names=list(points), xyz=xyz, unit=unit
    )


PELVIS = {
    "LASI": (0.1, 1.0, -0.12),
    "RASI": (0.1, 1.0, 0.12),
    "LPSI": (-0.1, 1.0, -0.05),
    "RPSI": (-0.1, 1.0, 0.05),
}
LEGS = {
    f"{s}{name}": (x, y, sign * z)
    for s, sign in (("L", -1), ("R", 1))
    for name, (x, y, z) in {
        "KNE": (0.05, 0.5, 0.15),
        "ANK": (0.0, 0.1, 0.14),
        "HEE": (-0.05, 0.05, 0.1),
        "TOE": (0.15, 0.04, 0.1),
    }.items()
}


def test_the_hip_lies_where_harrington_says():
    poses = bm.to_poses(table(PELVIS | LEGS))

    # Depth 0.2 m, width 0.24 m: 0.0579 behind, 0.0829 below, 0.0865 to the side.
    row = poses.row(0, named=True)
    for side, sign in (("left", -1), ("right", 1)):
        found = [row[f"{side}_hip_{a}_m"] for a in "xyz"]
        np.testing.assert_allclose(found, [0.0421, 0.9171, sign * 0.0865], atol=1e-6)


def test_a_lateral_marker_is_moved_half_a_joint_inwards():
    poses = bm.to_poses(table(PELVIS | LEGS))

    np.testing.assert_allclose(poses["left_knee_z_m"], -0.15 + 0.057, atol=1e-6)
    np.testing.assert_allclose(poses["right_ankle_z_m"], 0.14 - 0.042, atol=1e-6)


def test_medial_markers_are_used_where_they_exist():
    medial = {"LKNM": (0.05, 0.5, -0.05), "RKNM": (0.05, 0.5, 0.05)}

    poses = bm.to_poses(table(PELVIS | LEGS | medial), mapping="cgm2")

    np.testing.assert_allclose(poses["left_knee_z_m"], -0.10, atol=1e-6)


def test_modelled_points_that_are_there_half_the_time_are_passed_over():
    markers = table(PELVIS | LEGS | {"LFEO": (9, 9, 9)}).with_columns(
        pl.Series(f"LFEO_{a}_m", [9.0, None]) for a in "xyz"
    )

    poses = bm.to_poses(markers)

    np.testing.assert_allclose(poses["left_knee_x_m"], 0.05, atol=1e-6)


def test_a_laboratory_with_z_up_is_turned():
    points = {n: (x, -z, y) for n, (x, y, z) in (PELVIS | LEGS).items()}

    turned = bm.to_poses(table(points))

    np.testing.assert_allclose(turned["left_knee_y_m"], 0.5, atol=1e-6)
    np.testing.assert_allclose(turned["right_knee_z_m"], 0.093, atol=1e-6)


def test_a_missing_marker_takes_away_only_what_needs_it():
    markers = table(PELVIS | LEGS).with_columns(
        pl.Series(f"LKNE_{a}_m", [0.5, None]) for a in "xyz"
    )

    poses = bm.to_poses(markers)

    assert poses["left_knee_x_m"].null_count() == 1
    assert poses["left_ankle_x_m"].null_count() == 0


def test_an_own_mapping_is_a_toml_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        name = "mine"
        [keypoints]
        nose = "between(A, B, 0.25)"
        [sided]
        hip = ["{S}H"]
        ankle = ["{s} ankle"]
        """
    )
    points = {"A": (0, 0, 0), "B": (4, 8, 0), "LH": (0, 1, -1), "RH": (0, 1, 1)}
    points |= {"left ankle": (0, 0, -1), "right ankle": (0, 0, 1)}

    poses = bm.to_poses(table(points), mapping=path, axes="x,y,z")

    row = poses.row(0, named=True)
    assert (row["nose_x_m"], row["nose_y_m"]) == (1.0, 2.0)
    assert row["mid_hip_z_m"] == 0.0


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x = ", "not TOML"),
        ("[keypoints]\nnoze = 'A'", "did you mean 'nose'"),
        ("[keypoints]\nnose = 3", "should be a rule"),
        ("[keypoints]\nnose = 'mid(A'", "neither a marker nor a call"),
        ("[keypoints]\nnose = 'middle(A, B)'", "unknown function 'middle'"),
        ("[keypoints]\nnose = 'between(A, B)'", r"expected between\(a, b, part\)"),
        ("[keypoints]\nnose = 'harrington(up, A, B, C)'", "expected harrington"),
        ("name = 'empty'", "needs a table"),
        ("keypoints = 3", "should be a table"),
    ],
)
def test_a_mapping_that_makes_no_sense_says_why(tmp_path, text, what):
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(bm.ConfigError, match=what):
        marker_map(path)


def test_an_unknown_mapping_is_refused():
    with pytest.raises(bm.ConfigError, match="did you mean 'opencap'"):
        marker_map("opencab")


def test_every_built_in_mapping_is_readable_and_names_its_source():
    maps = [marker_map(name) for name in marker_maps()]

    assert len(maps) >= 9
    assert all(m.source and m.rules for m in maps)


def test_markers_of_nobody_are_refused_with_their_names():
    with pytest.raises(bm.SkeletonError, match=r"among the markers \['P1', 'P2'\]"):
        bm.to_poses(table({"P1": (0, 0, 0), "P2": (1, 1, 1)}))


def test_markers_that_are_never_there_are_refused():
    never = table(dict.fromkeys(PELVIS, (np.nan, np.nan, np.nan)))

    with pytest.raises(bm.SkeletonError, match="all 4 markers are missing"):
        bm.to_poses(never)


def test_the_shoulder_lies_seventeen_percent_below_the_acromion():
    points = {"a": [[0, 1.5, 0.2]], "b": [[0, 1.5, -0.2]], "low": [[0, 1.0, 0]]}
    arrays = {n: np.array(p, float) for n, p in points.items()}

    centre = apply_rule(parse_rule("rab(a, b, low)"), arrays)

    np.testing.assert_allclose(centre, [[0.0, 1.5 - 0.17 * 0.4, 0.2]])
