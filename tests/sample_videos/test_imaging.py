import numpy as np
import pytest

from sample_videos.imaging import Film, develop

GREY = np.full((60, 80, 3), 120, np.uint8)


def test_developing_scales_and_turns_red_green_blue_around():
    image = GREY.copy()
    image[..., 0] = 200

    result = develop(image, (40, 30), Film(), np.random.default_rng(0))

    assert result.shape == (30, 40, 3)
    assert result[0, 0].tolist() == [120, 120, 200]


def test_noise_has_about_the_deviation_asked_for():
    film = Film(noise=6.0)

    result = develop(GREY, (80, 60), film, np.random.default_rng(0))

    assert result.astype(float).std() == pytest.approx(6.0, rel=0.35)
    assert result.mean() == pytest.approx(120.0, abs=1.0)


def test_smear_spreads_a_point_along_its_direction():
    image = np.zeros((60, 80, 3), np.uint8)
    image[30, 40] = 255

    result = develop(
        image, (80, 60), Film(smear_px=6.0, smear_deg=0.0), np.random.default_rng(0)
    )

    rows, columns = np.nonzero(result.sum(axis=2))
    assert np.ptp(rows) == 0
    assert np.ptp(columns) == 6


def test_gain_brightens_and_saturation_zero_is_grey():
    image = GREY.copy()
    image[..., 0] = 60

    grey = develop(image, (80, 60), Film(saturation=0.0), np.random.default_rng(0))
    bright = develop(image, (80, 60), Film(gain=1.5), np.random.default_rng(0))

    assert np.ptp(grey[0, 0].astype(int)) == 0
    assert bright.mean() == pytest.approx(1.5 * image.mean(), abs=1.0)


def test_sun_in_the_lens_washes_out_most_where_it_is():
    film = Film(veil=0.5, veil_at=(1.0, 0.0))

    result = develop(GREY, (80, 60), film, np.random.default_rng(0))[..., 0]

    # Half of it light of 250 at the sun; two fifths of that far away.
    assert result[0, -1] == pytest.approx(120 + 0.5 * 130, abs=2)
    assert result[-1, 0] == pytest.approx(120 + 0.2 * 130, abs=3)
