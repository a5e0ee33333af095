"""Errors of smoothers on the kinds of signals that the published table used.

The table gives root mean square errors of angle (deg), velocity (deg/s) and
acceleration (deg/s2) of a knee in walking at 60 frames per second and of a swing with a
velocity pulse of 120 ms. Its signals are not published; these are of the same size.
"""

import numpy as np
import pytest
import scipy

from biomech.kernels import signal
from biomech.kernels.smoothing import rts

_HARMONICS = ((-12.9, 5.9), (-11.5, -13.0), (1.8, -5.0))
_PULSES = ((1.0, -180.0, 0.5), (1.6, 900.0, 0.12))


def knee(time):
    w = 2 * np.pi / 1.1
    out = np.zeros((3, len(time)))
    for k, (c, s) in enumerate(_HARMONICS, start=1):
        wave, slope = np.cos(k * w * time), np.sin(k * w * time)
        turned = c * wave + s * slope
        out += [turned, k * w * (s * wave - c * slope), -((k * w) ** 2) * turned]
    return out


def swing(time):
    out = np.zeros((3, len(time)))
    for center, peak, fwhm in _PULSES:
        sd = fwhm / 2.3548
        z = (time - center) / sd
        pulse = peak * np.exp(-z * z / 2)
        way = peak * sd * np.sqrt(np.pi / 2) * (1 + scipy.special.erf(z / np.sqrt(2)))
        out += [way, pulse, -pulse * z / sd]
    return out


def noise(n, sd, tau_s, rate_hz):
    white = np.random.default_rng(0).normal(0, sd, (n, 8))
    if not tau_s:
        return white
    memory = np.exp(-1 / (tau_s * rate_hz))
    gain = np.sqrt(1 - memory**2)
    start = white[:1] * (1 - gain)
    return scipy.signal.lfilter([gain], [1, -memory], white, axis=0, zi=start)[0]


def rms(found, truth):
    return np.sqrt(np.mean((found - truth[:, None])[5:-5] ** 2))


@pytest.mark.parametrize(
    ("sd", "tau_s", "published"),
    [
        (1.0, 0.0, (0.44, 11.0, 372.0)),
        (2.0, 0.0, (0.82, 15.0, 414.0)),
        (4.0, 0.0, (1.42, 22.0, 532.0)),
        (2.0, 0.05, (1.70, 31.0, 957.0)),
    ],
)
def test_rts_on_a_walking_knee_is_within_ten_percent_of_the_table(sd, tau_s, published):
    time = np.arange(720) / 60
    truth = knee(time)
    x = truth[0][:, None] + noise(720, sd, tau_s, 60)

    smooth = rts(x[..., None], time, band_hz=(2.0, 12.0))

    states = (smooth.position, smooth.velocity, smooth.acceleration)
    for state, right, limit in zip(states, truth, published, strict=True):
        assert rms(state[..., 0], right) <= 1.10 * limit


@pytest.mark.parametrize(
    ("rate_hz", "sd", "tau_s", "published"),
    [
        (240, 2.0, 0.0, (0.62, 24.0, 1362.0)),
        (240, 2.0, 0.05, (1.85, 81.0, 8722.0)),
        (60, 2.0, 0.0, (1.12, 38.0, 1836.0)),
    ],
)
def test_rts_on_a_swing_is_within_ten_percent_of_the_table(
    rate_hz, sd, tau_s, published
):
    time = np.arange(round(2.5 * rate_hz)) / rate_hz
    truth = swing(time)
    x = truth[0][:, None] + noise(len(time), sd, tau_s, rate_hz)

    smooth = rts(x[..., None], time, band_hz=(3.0, 25.0))

    states = (smooth.position, smooth.velocity, smooth.acceleration)
    for state, right, limit in zip(states, truth, published, strict=True):
        assert rms(state[..., 0], right) <= 1.10 * limit


@pytest.mark.parametrize(
    ("sd", "published"),
    [
        (1.0, (0.45, 11.0, 399.0)),
        (2.0, (0.91, 21.0, 745.0)),
        (4.0, (1.80, 44.0, 1532.0)),
    ],
)
def test_butterworth_on_a_walking_knee_is_within_ten_percent_of_the_table(
    sd, published
):
    time = np.arange(720) / 60
    truth = knee(time)

    smooth = signal.lowpass(
        truth[0][:, None] + noise(720, sd, 0.0, 60), time, cutoff_hz=6.0
    )

    derived = [signal.derivative(smooth, time, order=k) for k in (1, 2)]
    for found, right, limit in zip([smooth, *derived], truth, published, strict=True):
        assert rms(found, right) == pytest.approx(limit, rel=0.10)
