import numpy as np
import pytest

from sample_videos.volume import Capsule, bounds, surface

ORIGIN = np.zeros(3, np.float32)
UP = np.array([0.0, 1.0, 0.0], np.float32)


def test_ball_becomes_a_sphere_of_its_radius():
    ball = surface([Capsule(0, ORIGIN, ORIGIN, 0.1, 0.1)], cell_m=0.01)

    radius = np.linalg.norm(ball.vertices_m, axis=1)

    np.testing.assert_allclose(radius, 0.1, atol=1e-3)


def test_normals_and_triangles_point_outwards():
    ball = surface([Capsule(0, ORIGIN, ORIGIN, 0.1, 0.1)], cell_m=0.01)

    a, b, c = (ball.vertices_m[ball.triangles[:, i]] for i in range(3))
    outward = np.sum(np.cross(b - a, c - a) * a, axis=1)

    assert (outward > 0).all()
    assert np.sum(ball.normals * ball.vertices_m, axis=1).min() > 0.09


def test_distance_to_a_tapered_capsule_is_measured_from_its_surface():
    cone = Capsule(0, ORIGIN, UP, 0.2, 0.1)
    points = np.array([[0.5, 0.0, 0.0], [0.5, 1.0, 0.0], [0.0, 1.3, 0.0]], np.float32)

    np.testing.assert_allclose(cone.distance(points), [0.3, 0.4, 0.2], atol=1e-6)


def test_volume_of_a_sphere_follows_from_its_triangles():
    ball = surface([Capsule(0, ORIGIN, ORIGIN, 0.1, 0.1)], cell_m=0.005)

    a, b, c = (ball.vertices_m[ball.triangles[:, i]] for i in range(3))
    volume = np.sum(a * np.cross(b, c)) / 6

    assert volume == pytest.approx(4 / 3 * np.pi * 0.1**3, rel=0.01)


def test_crop_cuts_the_solid_at_a_plane():
    def above_ground(x, y, z):
        return -y + 0.0 * (x + z)

    half = surface(
        [Capsule(0, ORIGIN, ORIGIN, 0.1, 0.1)], cell_m=0.01, crop=above_ground
    )

    assert half.vertices_m[:, 1].min() == pytest.approx(0.0, abs=1e-3)


def test_nothing_left_gives_no_triangles():
    def nowhere(x, y, z):
        return 1.0 + 0.0 * (x + y + z)

    none = surface([Capsule(0, ORIGIN, ORIGIN, 0.1, 0.1)], cell_m=0.02, crop=nowhere)

    assert len(none.vertices_m) == len(none.triangles) == 0


def test_bounds_hold_both_ends_with_their_radii():
    low, high = bounds([Capsule(0, ORIGIN, UP, 0.2, 0.1)])

    np.testing.assert_allclose(low, [-0.2, -0.2, -0.2])
    np.testing.assert_allclose(high, [0.2, 1.1, 0.2], rtol=1e-6)
