import numpy as np
import pytest
import scipy

from biomech.errors import ConfigError, SchemaError
from biomech.kernels import signal

TIME = np.arange(600) / 60
WAVE = np.sin(2 * np.pi * 1.3 * TIME)
SLOPE = 2 * np.pi * 1.3 * np.cos(2 * np.pi * 1.3 * TIME)


def uneven():
    return TIME + np.random.default_rng(0).uniform(-0.005, 0.005, 600)


@pytest.mark.parametrize("time", [TIME, uneven()], ids=["even", "uneven"])
def test_derivative_of_a_parabola_is_exact_everywhere(time):
    x = 3.0 * time**2 - time + 2.0

    np.testing.assert_allclose(signal.derivative(x, time), 6 * time - 1, atol=1e-9)
    np.testing.assert_allclose(signal.derivative(x, time, order=2), 6.0, atol=1e-6)


def test_derivative_loses_what_its_gain_says():
    frequency_hz = 6.0
    phase = 2 * np.pi * frequency_hz * TIME
    slope = signal.derivative(np.sin(phase), TIME)

    gain = slope.std() / np.cos(phase).std() / (2 * np.pi * frequency_hz)

    assert gain == pytest.approx(np.sinc(2 * frequency_hz / 60), rel=2e-3)


def test_derivative_near_a_hole_uses_one_side():
    x = TIME**2
    x[100:110] = np.nan

    slope = signal.derivative(x, TIME)

    assert np.isnan(slope[100:110]).all()
    np.testing.assert_allclose(slope[[99, 110]], 2 * TIME[[99, 110]], atol=1e-9)


def test_derivative_does_not_reach_across_a_jump_in_time():
    time = np.concatenate([TIME[:50], TIME[50:100] + 10.0])
    x = np.where(time < 5, time, 2 * time)

    slope = signal.derivative(x, time)

    np.testing.assert_allclose(slope[:50], 1.0)
    np.testing.assert_allclose(slope[50:], 2.0)


@pytest.mark.parametrize("time", [TIME, uneven()], ids=["even", "uneven"])
def test_spline_derivative_is_nearly_exact_on_smooth_signals(time):
    wave = np.sin(2 * np.pi * 1.3 * time)
    slope = 2 * np.pi * 1.3 * np.cos(2 * np.pi * 1.3 * time)

    error = signal.spline_derivative(wave, time) - slope

    assert np.abs(error[20:-20]).max() < 1e-5


@pytest.mark.parametrize(
    ("convention", "gain"), [("effective", np.sqrt(0.5)), ("per_pass", 0.5)]
)
def test_butterworth_has_the_gain_of_its_convention_at_the_cutoff(convention, gain):
    impulse = np.zeros(1201)
    impulse[600] = 1.0
    time = np.arange(1201) / 60

    response = signal.lowpass(impulse, time, cutoff_hz=6.0, convention=convention)

    spectrum = np.abs(np.fft.rfft(response))
    assert np.interp(6.0, np.fft.rfftfreq(1201, 1 / 60), spectrum) == pytest.approx(
        gain, abs=1e-3
    )


def test_butterworth_does_not_delay():
    smooth = signal.lowpass(WAVE, TIME, cutoff_hz=6.0)

    assert np.abs(smooth - WAVE)[30:-30].max() < 0.01


@pytest.mark.parametrize(
    ("fc_hz", "rate_hz", "factor"),
    [(6, 30, 0.63), (6, 60, 0.45), (6, 120, 0.32), (6, 240, 0.23)],
)
def test_white_noise_is_damped_as_theory_says(fc_hz, rate_hz, factor):
    smooth, _ = damped_noise(fc_hz, rate_hz)

    assert smooth.std() == pytest.approx(factor, rel=0.05)


def damped_noise(fc_hz, rate_hz):
    """White noise of variance 1, low-passed, and its clock."""
    time = np.arange(20000) / rate_hz
    noise = np.random.default_rng(1).normal(size=(20000, 4))
    return signal.lowpass(noise, time, cutoff_hz=fc_hz), time


@pytest.mark.parametrize(
    ("fc_hz", "rate_hz", "gain"),
    [
        *((6, 60, 10.8), (10, 60, 19.9), (15, 60, 29.7), (20, 60, 37.0)),
        *((6, 120, 8.4), (10, 120, 17.0), (15, 120, 28.6), (20, 120, 39.8)),
        *((6, 240, 6.1), (10, 240, 12.9), (15, 240, 23.0), (20, 240, 34.1)),
    ],
)
def test_noise_of_a_velocity_is_the_published_multiple_of_that_of_a_sample(
    fc_hz, rate_hz, gain
):
    smooth, time = damped_noise(fc_hz, rate_hz)

    velocity = signal.derivative(smooth, time)

    assert velocity.std() == pytest.approx(gain, rel=0.03)


@pytest.mark.parametrize(
    ("fc_hz", "rate_hz", "gain"),
    [(6, 60, 450), (6, 120, 374), (6, 240, 282), (20, 240, 4820)],
)
def test_noise_of_an_acceleration_is_the_published_multiple_of_that_of_a_sample(
    fc_hz, rate_hz, gain
):
    smooth, time = damped_noise(fc_hz, rate_hz)

    acceleration = signal.spline_derivative(smooth, time, order=2)

    assert acceleration.std() == pytest.approx(gain, rel=0.07)


@pytest.mark.parametrize(
    ("fwhm_s", "fc_hz", "kept"),
    [(0.05, 6, 0.68), (0.08, 6, 0.85), (0.05, 10, 0.86), (0.05, 20, 0.98)],
)
def test_peaks_are_kept_as_published(fwhm_s, fc_hz, kept):
    time = np.arange(2400) / 1200
    pulse = np.exp(-4 * np.log(2) * ((time - 1) / fwhm_s) ** 2)

    smooth = signal.lowpass(pulse, time, cutoff_hz=fc_hz)

    assert smooth.max() == pytest.approx(kept, abs=0.03)


@pytest.mark.parametrize("filtered", ["lowpass", "savitzky_golay"])
def test_uneven_timestamps_give_nearly_what_even_ones_give(filtered):
    knobs = {"lowpass": {"cutoff_hz": 6.0}, "savitzky_golay": {"window_s": 0.12}}
    time = uneven()
    wave = np.sin(2 * np.pi * 1.3 * time)

    smooth = getattr(signal, filtered)(wave, time, **knobs[filtered])

    assert np.abs(smooth - wave)[30:-30].max() < 0.01


def test_single_precision_differs_by_less_than_a_thousandth_of_a_pixel():
    x = 500.0 + 200.0 * WAVE + np.random.default_rng(2).normal(size=600)

    single = signal.lowpass(x.astype(np.float32), TIME, cutoff_hz=6.0)

    assert single.dtype == np.float32
    assert np.abs(single - signal.lowpass(x, TIME, cutoff_hz=6.0)).max() < 1e-3


@pytest.mark.parametrize("cutoff_hz", [0.31, 6.1, 26.0])
@pytest.mark.parametrize("n", [10, 31, 64, 65, 600])
def test_filters_in_blocks_are_those_of_scipy(n, cutoff_hz):
    x = np.random.default_rng(1).normal(size=(n, 3)).cumsum(axis=0) + 500.0
    b, a = scipy.signal.butter(2, cutoff_hz, fs=60.0)
    pad = min(n - 1, max(9, int(np.ceil(60.0 / cutoff_hz))))
    wanted = scipy.signal.filtfilt(b, a, x, axis=0, padlen=pad)
    line = scipy.signal.savgol_filter(x, 7, 2, axis=0)

    found = signal.lowpass(x, TIME[:n], cutoff_hz=cutoff_hz, convention="per_pass")
    moving = signal.savitzky_golay(x, TIME[:n], window_s=7 / 60, polyorder=2)

    np.testing.assert_allclose(found, wanted, rtol=1e-9)
    np.testing.assert_allclose(moving, line, rtol=1e-9)


def test_cutoff_above_nyquist_is_refused_with_what_is_allowed():
    with pytest.raises(ConfigError, match=r"cutoff_hz is 40; .* at most 27"):
        signal.lowpass(WAVE, TIME, cutoff_hz=40.0)


@pytest.mark.parametrize("bad", [TIME[::-1], np.zeros(600), np.full(600, np.nan)])
def test_time_that_does_not_grow_is_refused(bad):
    with pytest.raises(SchemaError, match="time does not grow"):
        signal.lowpass(WAVE, bad, cutoff_hz=6.0)


def test_savitzky_golay_passes_its_polynomials_unchanged():
    x = TIME**3 - 2 * TIME

    same = signal.savitzky_golay(x, TIME, window_s=0.15, polyorder=3)
    slope = signal.savitzky_golay(x, TIME, window_s=0.15, polyorder=3, order=1)

    np.testing.assert_allclose(same, x, atol=1e-8)
    np.testing.assert_allclose(slope, 3 * TIME**2 - 2, atol=1e-6)


def test_filters_are_linear():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 600))
    for smooth in (
        lambda v: signal.lowpass(v, TIME, cutoff_hz=8.0),
        lambda v: signal.savitzky_golay(v, TIME, window_s=0.1),
        lambda v: signal.derivative(v, TIME),
        lambda v: signal.spline_derivative(v, TIME),
    ):
        np.testing.assert_allclose(
            smooth(2 * x - 3 * y), 2 * smooth(x) - 3 * smooth(y), atol=1e-9 * 600
        )


def test_short_gaps_are_filled_and_long_ones_stay():
    x = WAVE.copy()
    x[:5] = x[100:106] = x[300:400] = np.nan

    filled = signal.fill(x, TIME, max_gap_s=0.15)

    assert np.isnan(filled).sum() == 5 + 100
    assert np.abs(filled - WAVE)[100:106].max() < 0.005
    np.testing.assert_array_equal(filled[6:100], WAVE[6:100])


def test_a_gap_as_long_as_the_limit_is_filled():
    x = WAVE.copy()
    x[100:105] = np.nan  # from sample 99 to 105: 6 steps of 1/60 s

    assert np.isfinite(signal.fill(x, TIME, max_gap_s=0.1)).all()
    assert np.isnan(signal.fill(x, TIME, max_gap_s=0.099)).sum() == 5


def test_resampling_reads_between_samples_but_not_outside():
    new_time = np.array([-0.1, 1.2345, 5.5, 20.0])

    there = signal.resample(WAVE, TIME, new_time, max_gap_s=0.1)

    expected = np.sin(2 * np.pi * 1.3 * new_time[1:3])
    np.testing.assert_allclose(there[1:3], expected, atol=1e-6)
    assert np.isnan(there[[0, 3]]).all()


def test_crossings_are_found_between_samples_in_their_direction():
    ups = signal.zero_crossings(WAVE, TIME, direction="up")
    downs = signal.zero_crossings(WAVE, TIME, direction="down")

    np.testing.assert_allclose(ups * 1.3, np.arange(1, len(ups) + 1), atol=1e-3)
    np.testing.assert_allclose(downs * 1.3, np.arange(len(downs)) + 0.5, atol=1e-3)


@pytest.mark.parametrize("rate_hz", [30, 60])
def test_peaks_are_found_within_a_millisecond_at_video_rates(rate_hz):
    time = np.arange(10 * rate_hz) / rate_hz
    wave = np.sin(2 * np.pi * time - 0.4)

    found = signal.peaks(wave, time, prominence=0.5)

    truth = 0.25 + 0.4 / (2 * np.pi) + np.arange(10)
    np.testing.assert_allclose(found.time, truth, atol=1e-3)


def test_vertex_of_a_parabola_is_exact_on_uneven_steps():
    time = np.array([0.0, 0.3, 0.5, 0.6])
    x = 2.0 - 5.0 * (time - 0.42) ** 2

    at, value = signal.vertex(x, time, np.array([2]))

    assert at.item() == pytest.approx(0.42)
    assert value.item() == pytest.approx(2.0)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("missing", [False, True])
def test_almost_no_samples_break_nothing(n, missing):
    x, time = np.full((n, 2), np.nan if missing else 1.0), TIME[:n]

    results = [
        signal.lowpass(x, time, cutoff_hz=6.0),
        signal.savitzky_golay(x, time, window_s=0.1),
        signal.fill(x, time, max_gap_s=0.1),
        signal.derivative(x, time),
        signal.spline_derivative(x, time),
    ]

    assert all(r.shape == (n, 2) for r in results)
    assert not missing or np.isnan(np.concatenate(results)).all()
