import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.repetitions import repetition_metrics, repetitions

KNEE = "left_knee_flexion_deg"


def signals(values, rate_hz=50.0, track_id=1, name=KNEE, start_s=0.0):
    n = len(values)
    return pl.DataFrame(
        {
            "clip_id": ["a"] * n,
            "track_id": pl.Series([track_id] * n, dtype=pl.Int32),
            "frame": pl.Series(range(n), dtype=pl.Int32),
            "time_s": start_s + np.arange(n) / rate_hz,
            name: values,
        }
    )


def squats(depths_deg, *, down_s=1.0, pause_s=0.5, rate_hz=50.0):
    """Raised-cosine squats from 5 degrees, with pauses standing: exact by design."""
    pause = np.full(round(pause_s * rate_hz), 5.0)
    parts = [pause]
    for depth in depths_deg:
        phase = np.arange(round(2 * down_s * rate_hz)) / (2 * down_s * rate_hz)
        parts += [5 + (depth - 5) * (1 - np.cos(2 * np.pi * phase)) / 2, pause]
    return np.concatenate(parts)


def test_every_squat_is_found_at_its_time_and_depth():
    found = repetitions(signals(squats([90.0, 100.0, 95.0])))

    # The deepest points are at 0.5 + 1.0 + i * 2.5 s by construction.
    assert found.height == 3
    np.testing.assert_allclose(found["deepest_s"], [1.5, 4.0, 6.5], atol=1e-6)
    np.testing.assert_allclose(found["depth_deg"], [90, 100, 95], atol=1e-6)
    np.testing.assert_allclose(found["range_deg"], [85, 95, 90], atol=1e-6)


def test_down_and_up_begin_and_end_where_a_tenth_of_the_speed_is_passed():
    found = repetitions(signals(squats([90.0])))

    # The speed of a raised cosine, a sine, has a tenth at arcsin(0.1) / (2 pi) of its
    # period of 2 s; telling speed over 0.2 s takes some of that away.
    tenth_s = 2.0 * np.arcsin(0.1) / (2 * np.pi)
    np.testing.assert_allclose(found["start_s"], [0.5 + tenth_s], atol=0.015)
    np.testing.assert_allclose(found["lowering_time_s"], [1 - 2 * tenth_s], atol=0.02)
    np.testing.assert_allclose(found["hold_time_s"], [2 * tenth_s], atol=0.02)
    np.testing.assert_allclose(found["raising_time_s"], [1 - 2 * tenth_s], atol=0.02)


def test_tempo_tells_down_hold_up_and_pause_apart():
    down = 5 + 85 * (1 - np.cos(np.pi * np.linspace(0, 1, 101))) / 2
    squat = [np.full(40, 5.0), down, np.full(50, 90.0), down[::2][::-1]]
    table = signals(np.concatenate([*squat, *squat, squat[0]]))

    found = repetitions(table)

    # 2 s down, 1 s hold, 1 s up, 0.8 s pause; edges cut 3 % of down and up each.
    assert found["lowering_time_s"].to_list() == pytest.approx([2.0, 2.0], abs=0.15)
    assert found["hold_time_s"].to_list() == pytest.approx([1.0, 1.0], abs=0.15)
    assert found["raising_time_s"].to_list() == pytest.approx([1.0, 1.0], abs=0.1)
    assert found["pause_s"].to_list() == [pytest.approx(0.8, abs=0.15), None]


def test_noise_alone_is_no_repetition():
    rng = np.random.default_rng(0)

    found = repetitions(signals(10.0 + rng.normal(0.0, 8.0, 1000)))

    assert found.is_empty()


def test_repetitions_without_pauses_are_found_too():
    found = repetitions(signals(squats([90.0] * 6, pause_s=0.0)[:-1]))

    assert found.height in (5, 6)  # the last ends with the clip
    assert not found["is_odd"].any()


def test_half_a_squat_at_the_start_or_end_is_not_invented():
    whole = squats([90.0, 90.0])

    found = repetitions(signals(whole[80:-80]))

    assert found.height == 0


def test_a_shallow_repetition_among_deep_ones_is_odd():
    found = repetitions(signals(squats([90.0, 91.0, 60.0, 89.0, 90.5])))

    assert found["is_odd"].to_list() == [False, False, True, False, False]


def test_standing_still_gives_none_and_says_none():
    still = signals(np.full(200, 5.0))

    metrics = repetition_metrics(repetitions(still), still)

    count = metrics.row(by_predicate=pl.col("metric") == "repetition_count", named=True)
    time = metrics.row(by_predicate=pl.col("metric") == "repetition_time", named=True)
    assert count["value"] == 0
    assert time["value"] is None
    assert time["reason"] == "no_events"


def test_noise_of_three_degrees_changes_neither_count_nor_depth_much():
    rng = np.random.default_rng(1)
    clean = squats([90.0, 100.0, 95.0, 92.0])

    found = repetitions(signals(clean + rng.normal(0, 3, len(clean))))

    assert found.height == 4
    np.testing.assert_allclose(found["depth_deg"], [90, 100, 95, 92], atol=8)


def test_tracks_are_kept_apart_and_rows_may_be_shuffled():
    both = pl.concat(
        [signals(squats([90.0])), signals(squats([80.0, 80.0]), track_id=2)]
    )

    found = repetitions(both.sample(fraction=1.0, shuffle=True, seed=0))

    assert found.group_by("track_id").len().sort("track_id")["len"].to_list() == [1, 2]


def test_missing_samples_do_not_break_a_repetition():
    values = squats([90.0, 90.0])
    values[60:66] = np.nan
    table = signals(values).with_columns(pl.col(KNEE).fill_nan(None))

    assert repetitions(table).height == 2


def test_metrics_average_and_grade():
    table = signals(squats([90.0, 100.0, 95.0])).with_columns(
        right_knee_flexion_deg=pl.col(KNEE) - 4.0
    )
    found = repetitions(table, column=KNEE)

    metrics = repetition_metrics(found, table)

    by_name = {row["metric"]: row for row in metrics.iter_rows(named=True)}
    bm.SCHEMAS["metrics"].validate(metrics)
    assert by_name["repetition_count"]["value"] == 3
    assert by_name["repetition_depth"]["value"] == pytest.approx(95.0, abs=1e-6)
    assert by_name["repetition_depth"]["low"] < 95.0 - 1.645 * 2.0 + 0.1
    assert by_name["repetition_symmetry"]["value"] == pytest.approx(-4.0, abs=1e-6)
    assert by_name["repetition_symmetry"]["grade"] == "B"
    assert by_name["repetition_time"]["low"] < by_name["repetition_time"]["value"]
    assert by_name["repetition_odd_count"]["reason"] == "too_few_cycles"


def test_unknown_columns_and_columns_without_units_are_refused():
    table = signals(squats([90.0]))

    with pytest.raises(bm.SchemaError, match=r"did you mean 'left_knee_flexion_deg'"):
        repetitions(table, column="left_knee_flexion")
    with pytest.raises(bm.SchemaError, match="not a signals table"):
        repetitions(pl.DataFrame({"x": [1]}))


def test_no_rows_give_no_rows():
    assert repetitions(signals(squats([90.0])).clear()).is_empty()


@pytest.mark.parametrize("knob", ["min_range_deg", "min_time_s"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_limits_that_let_everything_through_are_refused(knob, value):
    with pytest.raises(bm.ConfigError, match=knob):
        repetitions(signals(squats([90.0])), **{knob: value})


def test_events_name_start_deepest_and_end_of_every_repetition():
    table = signals(squats([90.0, 100.0]))
    found = repetitions(table)

    events = bm.repetition_events(found, table)

    bm.SCHEMAS["events"].validate(events)
    names = events["event"].cast(pl.String).to_list()
    assert names == ["repetition_start", "deepest", "repetition_end"] * 2
    deepest = events.filter(pl.col("event").cast(pl.String) == "deepest")
    np.testing.assert_allclose(deepest["time_s"], [1.5, 4.0], atol=1e-6)
    assert deepest["frame"].to_list() == [75, 200]


def test_no_repetitions_give_no_events():
    table = signals(squats([90.0])).clear()

    assert bm.repetition_events(repetitions(table), table).is_empty()
