import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.kernels import smoothing
from biomech.kernels.signal import spline_derivative
from biomech.kernels.smoothing import gcv_spline, rts

TIME = np.arange(1200) / 60


def knee(t):
    w = 2 * np.pi * t / 1.1
    return 25 - 20 * np.cos(w) + 8 * np.sin(w) - 14 * np.cos(2 * w + 0.6)


def rate(t):
    w, k = 2 * np.pi * t / 1.1, 2 * np.pi / 1.1
    return k * (20 * np.sin(w) + 8 * np.cos(w) + 28 * np.sin(2 * w + 0.6))


def bend(t):
    w, k = 2 * np.pi * t / 1.1, 2 * np.pi / 1.1
    return k**2 * (20 * np.cos(w) - 8 * np.sin(w) + 56 * np.cos(2 * w + 0.6))


def noisy(sd, points=8, time=TIME, seed=0):
    rng = np.random.default_rng(seed)
    return knee(time)[:, None, None] + rng.normal(0, sd, (len(time), points, 1))


@pytest.mark.parametrize("cutoff_hz", [4.0, 8.0, 12.0])
def test_gain_is_three_decibel_at_the_cutoff(cutoff_hz):
    impulse = np.zeros((1201, 1, 1))
    impulse[600] = 1.0

    smooth = rts(impulse, np.arange(1201) / 60, band_hz=(cutoff_hz, cutoff_hz))

    gain = np.abs(np.fft.rfft(smooth.position[:, 0, 0]))
    at = np.interp(cutoff_hz, np.fft.rfftfreq(1201, 1 / 60), gain)
    assert at == pytest.approx(np.sqrt(0.5), abs=2e-3)


def jitter(time, lasting_s, points=24):
    """First-order autoregressive noise of variance 1, by its definition."""
    noise = np.random.default_rng(0).normal(0, 1, (len(time), points))
    if lasting_s:
        memory = np.exp(-(time[1] - time[0]) / lasting_s)
        for i in range(1, len(time)):
            noise[i] = memory * noise[i - 1] + np.sqrt(1 - memory**2) * noise[i]
    return noise


@pytest.mark.parametrize("rate_hz", [30, 60, 120])
@pytest.mark.parametrize("lasting_s", [0.0, 0.02, 0.05, 0.1])
def test_intervals_of_ninety_percent_hold_the_truth(rate_hz, lasting_s):
    time = np.arange(10 * rate_hz) / rate_hz
    x = knee(time)[:, None] + 2.0 * jitter(time, lasting_s)

    smooth = rts(x[..., None], time, band_hz=(6.0, 8.0))

    error = np.abs(smooth.position[..., 0] - knee(time)[:, None])
    assert 0.85 <= (error < 1.645 * smooth.position_sd).mean() <= 0.96
    wrong = np.abs(smooth.velocity[..., 0] - rate(time)[:, None])
    assert 0.85 <= (wrong < 1.645 * smooth.velocity_sd).mean() <= 0.95


@pytest.mark.parametrize("lasting_s", [0.0, 0.05])
def test_intervals_of_acceleration_hold_the_truth(lasting_s):
    x = knee(TIME)[:, None] + jitter(TIME, lasting_s)

    smooth = rts(x[..., None], TIME, band_hz=(6.0, 8.0))

    wrong = np.abs(smooth.acceleration[..., 0] - bend(TIME)[:, None])
    assert 0.85 <= (wrong < 1.645 * smooth.acceleration_sd).mean() <= 0.95


@pytest.mark.parametrize("sd", [1.0, 2.0, 4.0])
def test_the_noise_of_a_sample_is_found(sd):
    smooth = rts(noisy(sd), TIME, band_hz=(2.0, 12.0))

    assert smooth.noise_sd.mean() == pytest.approx(sd, rel=0.08)


def test_velocity_is_better_than_the_difference_of_any_fixed_filter():
    smooth = rts(noisy(2.0), TIME, band_hz=(2.0, 12.0))

    error = (smooth.velocity[..., 0] - rate(TIME)[:, None])[10:-10]
    assert np.sqrt((error**2).mean()) < 15.0  # deg/s; Butterworth 6 Hz gives 21


def test_states_are_the_derivatives_of_the_quintic_spline_through_the_positions():
    smooth = rts(noisy(2.0), TIME, band_hz=(4.0, 6.0))

    slope = spline_derivative(smooth.position[..., 0], TIME)
    bend = spline_derivative(smooth.position[..., 0], TIME, order=2)

    np.testing.assert_allclose(slope, smooth.velocity[..., 0], atol=1e-4)
    np.testing.assert_allclose(bend, smooth.acceleration[..., 0], atol=1e-2)


def test_strength_stays_in_its_band():
    fast = rts(noisy(0.01), TIME, band_hz=(4.0, 6.0))
    slow = rts(noisy(4.0), TIME, band_hz=(8.0, 12.0))

    np.testing.assert_allclose(fast.cutoff_hz, 6.0)
    np.testing.assert_allclose(slow.cutoff_hz, 8.0)


def test_windows_of_a_long_recording_join_without_a_seam(monkeypatch):
    time = np.arange(4000) / 60
    x = noisy(1.0, points=2, time=time)
    x[500:504, 0] = x[900:1000, 1] = np.nan

    cut = rts(x, time, band_hz=(4.0, 4.0))
    monkeypatch.setattr(smoothing, "MEMORY", 600.0)
    whole = rts(x, time, band_hz=(4.0, 4.0))

    np.testing.assert_allclose(cut.position, whole.position, atol=1e-5)
    np.testing.assert_allclose(cut.velocity, whole.velocity, atol=1e-3)
    np.testing.assert_allclose(cut.position_sd, whole.position_sd, atol=1e-5)


def test_short_gaps_are_filled_with_a_larger_sd_and_long_ones_stay():
    x = noisy(0.5, points=1)
    x[100:106] = x[300:400] = x[:4] = np.nan

    smooth = rts(x, TIME, band_hz=(4.0, 8.0), max_gap_s=0.15)

    missing = np.isnan(smooth.position[:, 0, 0])
    assert np.flatnonzero(missing).tolist() == [*range(4), *range(300, 400)]
    assert smooth.position_sd[103, 0] > 1.5 * smooth.position_sd[60, 0]
    assert abs(smooth.position[103, 0, 0] - knee(TIME[103])) < 3.0


def test_neighbours_are_no_gap_even_if_the_limit_is_shorter_than_a_frame():
    time = np.arange(300) / 30
    x = noisy(1.0, points=1, time=time)
    x[100] = np.nan

    smooth = rts(x, time, band_hz=(4.0, 8.0), max_gap_s=0.03)

    assert np.flatnonzero(np.isnan(smooth.velocity[:, 0, 0])).tolist() == [100]
    assert np.isfinite(smooth.position_sd[99])


def test_nothing_reaches_across_a_long_gap():
    x = noisy(0.1, points=1)
    x[300:400] = np.nan
    moved = x.copy()
    moved[400:] += 500.0

    before = rts(x, TIME, band_hz=(4.0, 4.0)).position
    after = rts(moved, TIME, band_hz=(4.0, 4.0)).position

    np.testing.assert_allclose(before[:300], after[:300], atol=1e-6)


def test_uneven_timestamps_are_taken_as_they_are():
    time = TIME + np.random.default_rng(4).uniform(-0.006, 0.006, len(TIME))
    x = knee(time)[:, None, None]

    smooth = rts(x, time, band_hz=(8.0, 8.0))

    assert np.abs(smooth.position[20:-20, 0, 0] - knee(time)[20:-20]).max() < 0.05


def test_confident_samples_weigh_more():
    x = np.zeros((101, 1, 1))
    x[50] = 10.0
    sure, unsure = np.ones((101, 1)), np.ones((101, 1))
    unsure[50] = 0.2

    trusted = rts(x, np.arange(101) / 60, band_hz=(6.0, 6.0), confidence=sure)
    doubted = rts(x, np.arange(101) / 60, band_hz=(6.0, 6.0), confidence=unsure)

    assert doubted.position[50].item() < 0.25 * trusted.position[50].item()


def test_the_smoother_is_linear_and_starts_where_the_body_is():
    straight = (3000.0 + 250.0 * TIME)[:, None, None]

    smooth = rts(straight, TIME, band_hz=(4.0, 4.0))

    np.testing.assert_allclose(smooth.position, straight, atol=1e-3)
    np.testing.assert_allclose(smooth.velocity, 250.0, atol=1e-3)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_almost_no_frames_break_nothing(n):
    smooth = rts(np.ones((n, 2, 2)), TIME[:n], band_hz=(4.0, 6.0))

    assert smooth.position.shape == (n, 2, 2)
    np.testing.assert_allclose(smooth.position, 1.0, atol=1e-6)


def test_a_point_that_was_never_seen_stays_missing():
    x = noisy(1.0, points=2)
    x[:, 1] = np.nan

    smooth = rts(x, TIME, band_hz=(4.0, 6.0))

    assert np.isfinite(smooth.position[:, 0]).all()
    assert np.isnan(smooth.position[:, 1]).all()
    assert np.isnan(smooth.noise_sd[1])


@pytest.mark.parametrize("band_hz", [(0.0, 6.0), (8.0, 6.0), (4.0, 28.0)])
def test_impossible_bands_are_refused(band_hz):
    with pytest.raises(ConfigError, match=r"allowed is 0 < low <= high <= 27"):
        rts(noisy(1.0), TIME, band_hz=band_hz)


def test_gcv_spline_finds_a_curve_and_no_straight_line():
    smooth = gcv_spline(noisy(2.0, points=3)[..., 0], TIME)

    error = smooth - knee(TIME)[:, None]
    assert np.sqrt((error**2).mean()) < 0.9


def test_gcv_spline_leaves_gaps_and_tiny_runs_alone():
    x = noisy(1.0, points=1)[..., 0]
    x[100:200] = np.nan
    x[204:] = np.nan

    smooth = gcv_spline(x, TIME)

    np.testing.assert_array_equal(np.isnan(smooth), np.isnan(x))
    np.testing.assert_array_equal(smooth[200:204], x[200:204])
