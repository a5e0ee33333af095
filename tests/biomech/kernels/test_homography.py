import numpy as np
import pytest

from biomech.kernels.homography import fit, locate
from biomech.synthetic import Camera

CAMERA = Camera((0.0, 3.4, 16.5), (-2.2, 1.0, 0.0), focal_px=1250.0)
COURT = np.array([[-8.0, -5.0], [6.0, -5.0], [3.0, 5.0], [-5.0, 5.0], [0.0, 1.0]])
PLACES = np.random.default_rng(1).uniform(-5.0, 5.0, (30, 2))


def seen(places, camera=CAMERA):
    x, z = np.asarray(places, float).T
    return camera.project(np.stack([x, 0 * x, z], axis=1)[None]).pixels


@pytest.mark.parametrize("n_points", [4, 5])
def test_places_seen_by_a_known_camera_are_found_exactly(n_points):
    plane = fit(COURT[:n_points], seen(COURT[:n_points]))

    np.testing.assert_allclose(locate(plane, seen(PLACES)[0]).xy_m, PLACES, atol=1e-9)
    np.testing.assert_allclose(plane.off_px, 0.0, atol=1e-9)


def test_every_frame_has_the_homography_of_its_own_camera():
    target = np.column_stack([np.linspace(-3, 3, 7), np.ones(7), np.zeros(7)])
    panning = Camera((0.0, 3.4, 16.5), target, focal_px=1250.0)
    court = np.broadcast_to(np.insert(COURT, 1, 0.0, axis=1), (7, 5, 3))
    pixels = panning.project(court).pixels

    found = locate(fit(COURT, pixels), pixels[:, 4]).xy_m

    np.testing.assert_allclose(found, np.tile(COURT[4], (7, 1)), atol=1e-9)


def test_a_point_that_is_hidden_in_a_frame_is_left_out_of_it():
    pixels = np.repeat(seen(COURT), 2, axis=0)
    pixels[1, 0] = np.nan

    found = locate(fit(COURT, pixels), np.repeat(seen(PLACES)[0, :1], 2, axis=0)).xy_m

    np.testing.assert_allclose(found, np.tile(PLACES[0], (2, 1)), atol=1e-9)


@pytest.mark.parametrize("n_points", [4, 5])
def test_the_covariance_is_that_of_many_noisy_fits(n_points):
    court, rng = COURT[:n_points], np.random.default_rng(2)
    noisy = seen(court) + rng.normal(0.0, 1.0, (4000, n_points, 2))
    pixel = seen(PLACES)[0, :1]

    expected = locate(fit(court, seen(court)), pixel).covariance[0]
    found = np.cov(locate(fit(court, noisy), np.repeat(pixel, 4000, axis=0)).xy_m.T)

    np.testing.assert_allclose(found, expected, rtol=0.15, atol=2e-4)


def test_metres_per_pixel_are_the_slope_of_the_place():
    plane, pixel = fit(COURT, seen(COURT)), seen(PLACES)[0, :1]

    here = locate(plane, pixel)
    right, down = (locate(plane, pixel + step).xy_m for step in ([1e-4, 0], [0, 1e-4]))

    slope = np.stack([right - here.xy_m, down - here.xy_m], axis=-1) / 1e-4
    np.testing.assert_allclose(slope, here.per_px, rtol=1e-4)


def test_noise_of_many_points_is_the_distance_from_the_fit():
    rng = np.random.default_rng(3)
    court = rng.uniform(-5.0, 5.0, (200, 2))

    plane = fit(court, seen(court) + rng.normal(0.0, 2.0, (1, 200, 2)))

    assert np.sqrt(np.mean(plane.off_px**2)) == pytest.approx(2 * np.sqrt(2), rel=0.1)


@pytest.mark.parametrize(
    "court",
    [
        [[0, 0], [1, 0], [2, 0], [3, 0]],
        [[0, 0], [1, 0], [2, 0], [3, 1]],
        [[0, 0], [1, 1], [2, 0]],
    ],
    ids=["a line", "a line and a point", "three points"],
)
def test_points_that_show_no_plane_give_nan(court):
    plane = fit(np.array(court, float), seen(court))

    assert np.isnan(plane.entries).all()


def test_corners_that_no_camera_sees_in_this_order_give_nan():
    plane = fit(COURT[[0, 2, 1, 3]], seen(COURT[:4]))

    assert np.isnan(plane.entries).all()


def test_there_is_no_ground_above_the_horizon():
    found = locate(fit(COURT, seen(COURT)), np.array([[400.0, 10.0]]))

    assert np.isnan(found.xy_m).all()
