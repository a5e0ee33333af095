import numpy as np
import pytest

from biomech.kernels import geometry


def turned(v, degrees):
    return v @ geometry.rotation_2d(degrees).T


@pytest.mark.parametrize("degrees", [1e-7, 1.0, 89.999999, 90.0, 179.9999999, 180.0])
def test_angles_are_exact_to_a_millionth_of_a_degree(degrees):
    u = np.array([3.0, -4.0])
    v = 2.5 * turned(u, degrees)

    assert geometry.angle_between(u, v) == pytest.approx(degrees, abs=1e-6)
    assert geometry.signed_angle(u, v) == pytest.approx(degrees, abs=1e-6)


def test_a_turn_from_the_first_axis_to_the_second_is_positive():
    x, y = np.array([1.0, 0.0]), np.array([0.0, 1.0])

    assert geometry.signed_angle(x, y) == 90.0
    assert geometry.signed_angle(y, x) == -90.0
    assert geometry.direction_angle(y) == 90.0


def test_zero_vectors_have_no_angle():
    zero, x = np.zeros(2), np.array([1.0, 0.0])

    angles = [
        geometry.signed_angle(zero, x),
        geometry.angle_between(x, zero),
        geometry.direction_angle(zero),
    ]

    assert np.isnan(angles).all()


def test_turn_about_an_axis_ignores_what_lies_along_the_axis():
    u = np.array([1.0, 5.0, 0.0])
    v = np.array([0.0, -3.0, 2.0])

    turn = geometry.signed_angle_about(u, v, np.array([0.0, 7.0, 0.0]))

    assert turn == pytest.approx(-90.0)  # from x to z about y, by the right-hand rule


def test_wrapping_keeps_plus_180_and_turns_minus_180():
    wrapped = geometry.wrap([-180.0, 180.0, 181.0, 540.0, -0.5])

    np.testing.assert_allclose(wrapped, [180.0, 180.0, -179.0, 180.0, -0.5])


def test_unwrapping_looks_through_missing_samples():
    continuous = geometry.unwrap([np.nan, 170.0, np.nan, -170.0, -10.0, 170.0])

    np.testing.assert_allclose(continuous, [np.nan, 170.0, np.nan, 190.0, 350.0, 530.0])


def test_unwrapping_undoes_wrapping_of_a_long_turn():
    turn = np.linspace(0.0, 2000.0, 300)

    np.testing.assert_allclose(geometry.unwrap(geometry.wrap(turn)), turn)


def test_plane_through_exact_points_is_exact():
    rng = np.random.default_rng(1)
    normal = np.array([0.3, 0.8, -0.52])
    normal /= np.linalg.norm(normal)
    spread = rng.normal(size=(40, 3))
    points = np.array([1.0, 2.0, 3.0]) + spread - np.outer(spread @ normal, normal)

    fit = geometry.fit_plane(points)

    np.testing.assert_allclose(fit.normal, normal, atol=1e-12)
    assert fit.rms < 1e-12


def test_sd_of_a_plane_covers_the_real_error_of_its_tilt():
    rng = np.random.default_rng(2)
    angle = np.linspace(0.0, np.pi, 25)
    arc = np.stack([np.cos(angle), np.zeros(25), np.sin(angle)], axis=1)

    fits = [
        geometry.fit_plane(arc + rng.normal(0, 0.02, arc.shape)) for _ in range(300)
    ]

    tilt = [np.degrees(np.arccos(fit.normal[1])) for fit in fits]
    promised = np.sqrt(np.mean([(fit.sd_deg**2).sum() for fit in fits]))
    assert np.sqrt(np.mean(np.square(tilt))) == pytest.approx(promised, rel=0.1)


def test_points_on_a_line_give_no_plane():
    points = np.outer(np.arange(5.0), [1.0, 2.0, 3.0])

    assert np.isnan(geometry.fit_plane(points).normal).all()


def test_line_leaves_out_missing_points_and_knows_its_error():
    x = np.arange(20.0)
    points = np.stack([x, 0.5 * x + 1.0], axis=1)
    points[3] = np.nan

    fit = geometry.fit_line(points)

    np.testing.assert_allclose(fit.direction, np.array([2.0, 1.0]) / np.sqrt(5))
    assert fit.sd_deg == pytest.approx(0.0, abs=1e-6)


def test_sd_of_a_line_covers_the_real_error_of_its_direction():
    rng = np.random.default_rng(3)
    x = np.stack([np.linspace(0, 10, 30), np.zeros(30)], axis=1)

    fits = [geometry.fit_line(x + rng.normal(0, 0.1, x.shape)) for _ in range(300)]

    angle = [np.degrees(np.arctan2(f.direction[1], f.direction[0])) for f in fits]
    assert np.std(angle) == pytest.approx(np.mean([f.sd_deg for f in fits]), rel=0.12)
