"""Numbers and words that no function can mean anything by, refused in one line."""

import pytest

import biomech as bm
from biomech.synthetic import ParallelCamera, runner, to_poses, walker

NAN, INF = float("nan"), float("inf")


@pytest.fixture(scope="module")
def walk():
    camera = ParallelCamera(scale_px_m=300.0, center_m=(3.0, 0.9, 0.0), width_px=3000)
    return to_poses(walker(duration_s=2.0), camera=camera)


@pytest.mark.parametrize(
    ("function", "knob", "value"),
    [
        (bm.clean, "max_gap_s", NAN),
        (bm.smooth, "max_gap_s", -0.1),
        (bm.reject_outliers, "window_s", NAN),
        (bm.reject_outliers, "window_s", INF),
        (bm.reject_outliers, "n_sd", NAN),
        (bm.resample, "rate_hz", NAN),
        (bm.resample, "rate_hz", INF),
        (bm.stitch_tracks, "max_gap_s", NAN),
        (bm.stitch_tracks, "max_distance_bh", NAN),
        (bm.gait_metrics, "view", "from above"),
        (bm.running_metrics, "view", "from above"),
    ],
)
def test_a_knob_without_meaning_is_refused(walk, function, knob, value):
    with pytest.raises(bm.ConfigError, match=rf"{knob}|limits|from above"):
        function(walk, **{knob: value})


@pytest.mark.parametrize("mass_kg", [0.0, -70.0, NAN, INF])
def test_a_body_without_mass_has_no_stiffness(mass_kg):
    with pytest.raises(bm.ConfigError, match="mass_kg"):
        bm.running_metrics(to_poses(runner(duration_s=1.0)), mass_kg=mass_kg)
