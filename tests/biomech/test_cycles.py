"""Cycles and ensembles of signals with closed forms."""

import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.schema import CYCLES


@pytest.fixture
def signals():
    """Two seconds at 50 Hz: a ramp on the left, its negative on the right."""
    time = np.arange(101) / 50
    return pl.DataFrame(
        {
            "clip_id": "a",
            "track_id": pl.Series(np.zeros(101), dtype=pl.Int32),
            "frame": pl.Series(np.arange(101), dtype=pl.Int32),
            "time_s": time,
            "left_knee_flexion_deg": 100 * time,
            "right_knee_flexion_deg": -100 * time,
            "trunk_lean_deg": np.full(101, 7.0),
        }
    )


@pytest.fixture
def strides():
    """Two left strides and a right one that reaches over the end."""
    return pl.DataFrame(
        {
            "clip_id": ["a"] * 3,
            "track_id": pl.Series([0, 0, 0], dtype=pl.Int32),
            "side": ["left", "left", "right"],
            "stride_id": pl.Series([0, 1, 0], dtype=pl.Int32),
            "start_s": [0.0, 0.5, 1.5],
            "end_s": [0.5, 1.5, 2.5],
        }
    )


def test_a_ramp_stays_a_ramp_over_the_phase(signals, strides):
    table = bm.cycles(signals, strides)

    CYCLES.validate(table)
    first = table.filter(side="left", stride_id=0)
    assert first["phase_pct"].to_list() == list(range(101))
    np.testing.assert_allclose(first["knee_flexion_deg"], np.linspace(0, 50, 101))
    second = table.filter(side="left", stride_id=1)
    np.testing.assert_allclose(second["knee_flexion_deg"], np.linspace(50, 150, 101))


def test_each_side_keeps_its_own_columns(signals, strides):
    right = bm.cycles(signals, strides).filter(side="right")

    assert right["knee_flexion_deg"][0] == pytest.approx(-150.0)
    assert right["trunk_lean_deg"][0] == 7.0


def test_beyond_the_end_of_the_signal_is_null(signals, strides):
    right = bm.cycles(signals, strides).filter(side="right")

    assert right["knee_flexion_deg"].is_null().to_list() == [False] * 51 + [True] * 50


def test_a_null_is_not_bridged(signals, strides):
    hole = pl.when(pl.col("frame") != 10).then("left_knee_flexion_deg")

    first = bm.cycles(signals.with_columns(hole), strides).filter(stride_id=0)

    phases = first.filter(pl.col("knee_flexion_deg").is_null(), side="left")[
        "phase_pct"
    ]
    assert phases.min() > 36
    assert phases.max() < 44


def test_the_ensemble_has_mean_and_sample_deviation(signals, strides):
    means = bm.ensemble(bm.cycles(signals, strides))

    end = means.filter(side="left", phase_pct=100.0).row(0, named=True)
    assert end["knee_flexion_mean_deg"] == pytest.approx((50 + 150) / 2)
    assert end["knee_flexion_sd_deg"] == pytest.approx(np.std([50, 150], ddof=1))
    assert end["n_knee_flexion"] == 2
    one = means.filter(side="right", phase_pct=0.0).row(0, named=True)
    assert one["n_knee_flexion"] == 1
    assert one["knee_flexion_sd_deg"] is None


def test_no_strides_and_no_signals_give_no_cycles(signals, strides):
    for table in (
        bm.cycles(signals, strides.clear()),
        bm.cycles(signals.clear(), strides),
    ):
        assert table.is_empty()
        assert bm.ensemble(table).is_empty()


def test_shuffled_rows_change_nothing(signals, strides):
    shuffled = signals.sample(fraction=1.0, shuffle=True, seed=1)

    assert bm.cycles(shuffled, strides).equals(bm.cycles(signals, strides))


def test_a_table_without_units_is_refused(signals, strides):
    with pytest.raises(bm.SchemaError, match="no unit suffix"):
        bm.cycles(signals.with_columns(knee=pl.lit(1.0)), strides)
