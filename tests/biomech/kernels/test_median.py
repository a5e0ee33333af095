import numpy as np
import pytest
import scipy

from biomech.errors import ConfigError
from biomech.kernels.median import outliers, rolling_median


@pytest.mark.parametrize("n_samples", [1, 3, 5, 7, 13])
def test_running_median_is_that_of_scipy_away_from_the_ends(n_samples):
    x = np.random.default_rng(0).normal(size=(40_000, 2))
    half = n_samples // 2

    median = rolling_median(x, n_samples=n_samples)

    expected = scipy.ndimage.median_filter(x, size=(n_samples, 1))
    inside = slice(half, len(x) - half)
    np.testing.assert_array_equal(median[inside], expected[inside])


def test_missing_samples_leave_a_median_of_the_others():
    x = np.array([1.0, np.nan, 2.0, np.nan, np.nan, 3.0, 9.0, np.nan, 4.0])

    median = rolling_median(x, n_samples=5)

    for i, value in enumerate(median):
        window = x[max(0, i - 2) : i + 3]
        seen = np.sort(window[np.isfinite(window)])
        assert value in {seen[(len(seen) - 1) // 2], seen[len(seen) // 2]}


def test_windows_without_samples_are_missing():
    x = np.array([1.0, np.nan, np.nan, np.nan, 1.0])

    assert np.isnan(rolling_median(x, n_samples=3)).tolist() == [
        *(False, False, True, False, False)
    ]


def test_a_jump_is_found_and_a_fast_swing_is_not():
    t = np.arange(120) / 60
    x = (300 * np.sin(2 * np.pi * t))[:, None]
    x[50] += 150.0

    found = outliers(x, n_samples=13)

    assert np.flatnonzero(found).tolist() == [50]


def test_noise_below_the_least_spread_is_no_outlier():
    x = np.zeros((50, 1))
    x[20] = 1.0

    assert outliers(x, n_samples=7, least=0.1).sum() == 1
    assert outliers(x, n_samples=7, least=0.5).sum() == 0


def test_of_white_noise_few_samples_are_outliers():
    x = np.random.default_rng(1).normal(size=(20_000, 3))

    assert outliers(x, n_samples=13).mean() < 0.02


@pytest.mark.parametrize("n_samples", [0, 4, -1])
def test_even_windows_are_refused(n_samples):
    with pytest.raises(ConfigError, match="odd"):
        rolling_median(np.zeros(9), n_samples=n_samples)
