"""The validation of jumps, squats and throws, on movements whose truth is exact."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.synthetic import counter_movement_jump, squat, to_poses
from pipelines.validation.exact import _arc, _planes
from pipelines.validation.jumps import jump_studies
from pipelines.validation.repetitions import repetition_studies
from pipelines.validation.study import Recording


def write_mot(path, time, columns):
    table = pl.DataFrame({"time": time, **columns})
    path.write_text("inDegrees=yes\nendheader\n" + table.write_csv(separator="\t"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A jump and squats as markers, with the force and the angles they were made of."""
    folder = tmp_path_factory.mktemp("data") / "D99_made"
    folder.mkdir()
    jump = counter_movement_jump(jump_height_m=0.35, rate_hz=100.0)
    bm.write_trc(to_poses(jump), folder / "jump.trc")
    off, on = (
        jump.events.filter(pl.col("event").cast(pl.String) == name)["time_s"].item()
        for name in ("take_off", "landing")
    )
    time = np.arange(0.0, jump.time_s[-1], 1e-3)
    force = np.where((time > off) & (time < on), 0.0, 700.0)
    zeros = np.zeros(len(time))
    names = ("vx", "vy", "vz", "px", "py", "pz")
    columns = {f"ground_force_1_{n}": force if n == "vy" else zeros for n in names}
    write_mot(folder / "jump_grf.mot", time, columns)
    poses = to_poses(squat(n_repetitions=3, rate_hz=100.0))
    bm.write_trc(poses, folder / "squats.trc")
    angles = bm.joint_angles(poses)
    knees = {
        f"knee_angle_{s[0]}": angles[f"{s}_knee_flexion_deg"] for s in ("left", "right")
    }
    write_mot(folder / "squats_ik.mot", angles["time_s"], knees)
    return folder, jump


def test_a_jump_is_compared_with_its_plates(folder):
    path, jump = folder

    (study,) = jump_studies(path)

    errors = {(r["condition"], r["metric"]): r["error"] for r in study.metrics}
    assert errors["3D", "jump_height_flight"] == pytest.approx(0.0, abs=0.005)
    # The ballistic height is lower: landing with bent legs makes a flight longer.
    apart = jump.truth["flight_time_height_m"] - jump.truth["jump_height_m"]
    assert errors["3D", "jump_height_com"] == pytest.approx(-apart, abs=0.006)
    times = [r["error_ms"] for r in study.events if r["condition"] == "3D"]
    np.testing.assert_allclose(times, 0.0, atol=3.0)


def test_squats_are_compared_with_the_angles_beside_them(folder):
    path, _ = folder

    (study,) = repetition_studies(path)

    errors = {r["metric"]: r["error"] for r in study.metrics}
    assert errors["repetition_count"] == 0
    assert errors["repetition_depth"] == pytest.approx(0.0, abs=0.1)
    assert {r["kind"] for r in study.events} == {"matched"}


def test_a_missed_event_is_a_row_without_an_error():
    about = Recording("lab/file", "throw", 100.0, 1.0, "published")

    row = about.event("3D", "release", 1.0, bm.SCHEMAS["events"].empty())

    assert (row["kind"], row["error_ms"], row["sd_ms"]) == ("missed", None, None)


def test_made_arcs_lie_in_the_plane_they_are_named_for():
    points = _arc(50.0, 10.0)

    normal = np.cross(points[5] - points[0], points[20] - points[0])
    slope = np.degrees(np.arccos(abs(normal[1]) / np.linalg.norm(normal)))
    assert slope == pytest.approx(50.0)
    assert np.ptp(np.linalg.norm(points, axis=1)) < 1e-9
    exact = [r["error"] for r in _planes(3).metrics if r["condition"] == "arc"]
    np.testing.assert_allclose(exact, 0.0, atol=0.1)
