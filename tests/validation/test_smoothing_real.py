"""Smoothing and gap filling against measured truth."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.kernels import signal
from biomech.kernels.smoothing import gcv_spline, rts


@pytest.fixture(scope="module")
def pezzack(shared):
    """Displacement, with and without added noise, and the measured acceleration."""
    path = shared("data/B10_bmc_walk_run_winter_pezzack/Pezzack.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [[float(x) for x in r.split()] for r in lines if r[:1].isdigit()]
    time, raw, noisy, acceleration = np.array(rows).T
    return time, {"raw": raw, "noisy": noisy}, acceleration


def tried(x, time):
    """Accelerations by every smoother, at every strength."""
    for cutoff_hz in np.arange(2.0, 15.0, 0.5):
        smooth = signal.lowpass(x, time, cutoff_hz=cutoff_hz)
        yield signal.derivative(smooth, time, order=2)
        band = (cutoff_hz, cutoff_hz)
        yield rts(x[:, None, None], time, band_hz=band).acceleration[:, 0, 0]
    for window_s in np.arange(0.1, 0.6, 0.06):
        for polyorder in (3, 5):
            knobs = {"window_s": window_s, "polyorder": polyorder}
            yield signal.savitzky_golay(x, time, order=2, **knobs)
    yield signal.derivative(gcv_spline(x, time), time, order=2)


@pytest.mark.parametrize("which", ["raw", "noisy"])
def test_pezzack_acceleration_is_within_ten_percent_of_the_best_smoother(
    pezzack, which
):
    time, displacement, truth = pezzack
    x = displacement[which]

    def rms(found):
        return np.sqrt(np.nanmean((found - truth)[5:-5] ** 2))

    best = min(rms(a) for a in tried(x, time))
    ours = rts(x[:, None, None], time, band_hz=(4.0, 6.0))

    assert rms(ours.acceleration[:, 0, 0]) <= 1.10 * best


@pytest.fixture(scope="module")
def serve(shared):
    """Markers of a tennis serve: whole, and with holes; shape (frames, markers, 3)."""
    names = ["kinematics_tennis_serve.c3d", "kinematics_tennis_serve_nan.c3d"]
    tables = [bm.read_markers(shared(f"data/C01_tennis_serve_ktk/{n}")) for n in names]
    columns = [c for c in tables[0].columns if c.endswith(("_x_m", "_y_m", "_z_m"))]
    whole, holed = (
        t.sort("frame").select(pl.col(columns).cast(pl.Float64)).to_numpy()
        for t in tables
    )
    return tables[0].sort("frame")["time_s"].to_numpy(), whole, holed


def test_the_holes_of_the_serve_are_filled_better_by_cubic_splines(serve):
    time, whole, holed = serve
    holes = np.isnan(holed) & np.isfinite(whole)

    error = {
        method: np.abs(signal.fill(holed, time, max_gap_s=1.0, method=method) - whole)
        for method in ("cubic", "linear")
    }

    assert holes.sum() == 3 * 145
    assert np.median(error["cubic"][holes]) < 0.4 * np.median(error["linear"][holes])
    assert np.median(error["cubic"][holes]) < 0.02


def test_with_the_usual_limit_long_holes_stay_open_and_short_ones_are_right(serve):
    time, whole, holed = serve

    filled = signal.fill(holed, time, max_gap_s=0.15)

    mended = np.isnan(holed) & np.isfinite(filled)
    assert 0 < mended.sum() < 3 * 145
    assert np.abs(filled - whole)[mended].max() < 0.01
    np.testing.assert_array_equal(filled[~np.isnan(holed)], holed[~np.isnan(holed)])


@pytest.mark.parametrize(
    ("name", "activity", "rate_hz"),
    [
        ("A01_openpose_body25_running/example1_side", "run", 30.0),
        (
            "F01_pose2sim_4cam_video_json_trc/openpose_body25b_json/cam03_json",
            "walk",
            60.0,
        ),
        ("A07_mediapipe_blazepose_squats/pose_squats.full.json", "squat", 25.0),
    ],
)
def test_real_keypoints_are_cleaned_without_being_bent(shared, name, activity, rate_hz):
    raw = bm.read_file(shared(f"data/{name}"), rate_hz=rate_hz)

    poses = bm.clean(raw, activity=activity)

    raw = raw.sort(bm.FRAME)
    height = bm.track_quality(raw)["height_px"].max()
    for side in ("left", "right"):
        for axis in ("x", "y"):
            column = f"{side}_knee_{axis}_px"
            moved = (poses[column] - raw[column]).abs()
            assert moved.drop_nulls().quantile(0.95) < 0.02 * height
            lost = raw[column].is_not_null() & poses[column].is_null()
            assert lost.mean() < 0.1
