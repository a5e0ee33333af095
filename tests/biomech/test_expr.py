import numpy as np
import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

import biomech as bm
from biomech import expr
from biomech.synthetic import add_noise, pendulum

KNEE = "left_knee_flexion_deg"


@pytest.fixture(scope="module")
def signals():
    two = [pendulum(n_frames=200), pendulum(n_frames=100, track_id=4, rate_hz=120.0)]
    return bm.joint_angles(add_noise(pl.concat(two), sd_px=2.0))


def over_tracks(expression):
    return expression.over(bm.TRACK, order_by="frame")


def test_expressions_agree_with_the_functions_on_tables(signals):
    knee = pl.col(KNEE)

    table = signals.select(
        slope=over_tracks(expr.derivative(knee)),
        smooth=over_tracks(expr.lowpass(knee, cutoff_hz=8.0)),
    )

    slope = bm.angular_velocities(signals, method="central")
    smooth = bm.lowpass(signals, cutoff_hz=8.0)
    np.testing.assert_allclose(table["slope"], slope[f"{KNEE}_s"])
    np.testing.assert_allclose(table["smooth"], smooth[KNEE])


def test_the_namespace_takes_many_columns_at_once(signals):
    wide = signals.with_columns(
        over_tracks(cs.ends_with("_deg").bm.derivative()).name.suffix("_s")
    )

    rates = bm.angular_velocities(signals, method="central")
    assert_frame_equal(
        wide.select(rates.columns), rates, check_column_order=False, abs_tol=1e-9
    )


def test_shuffled_rows_give_the_same_numbers(signals):
    smooth = over_tracks(pl.col(KNEE).bm.lowpass(cutoff_hz=8.0))

    shuffled = signals.sample(fraction=1.0, shuffle=True, seed=1).with_columns(smooth)

    assert_frame_equal(
        shuffled.sort(bm.FRAME), signals.with_columns(smooth).sort(bm.FRAME)
    )


@pytest.mark.parametrize("kernel", ["fill", "median", "unwrap", "savitzky_golay"])
def test_every_expression_gives_null_for_missing(signals, kernel):
    gone = pl.when(pl.col("frame") >= 30).then(KNEE)

    out = signals.select(over_tracks(getattr(gone.bm, kernel)())).to_series()

    assert out.is_null().sum() >= 50
    assert not out.is_nan().any()
