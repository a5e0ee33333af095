import numpy as np
import pytest

import biomech as bm
from biomech.metrics import estimate, metric, metrics_table, refused
from biomech.quality import REASONS, grade_of, reason_text, worst
from biomech.schema import METRICS


def test_the_mean_of_two_values_has_students_interval():
    found = estimate([1.0, 3.0])

    # Student's t, 95 %, one degree of freedom: 6.3138 (any table); sd = sqrt 2.
    half = 6.3138 * np.sqrt(2) / np.sqrt(2)
    assert found.value == 2.0
    assert found.sd == pytest.approx(np.sqrt(2))
    assert found.high - found.value == pytest.approx(half, rel=1e-4)


def test_one_value_has_the_interval_of_its_error():
    found = estimate([5.0], error_sd=2.0)

    # Normal, 95 %: 1.6449.
    assert found.low == pytest.approx(5.0 - 1.6449 * 2.0, abs=1e-3)
    assert found.sd is None


def test_a_shared_error_does_not_average_away():
    few = estimate([1.0] * 4, bias_sd=0.5)
    many = estimate([1.0] * 400, bias_sd=0.5)

    assert few.high - few.low == pytest.approx(many.high - many.low)


def test_intervals_cover_the_truth_nine_times_in_ten():
    rng = np.random.default_rng(7)
    found = [
        estimate(rng.normal(10.0, 2.0, 6) + rng.normal(0, 0.8), bias_sd=0.8)
        for _ in range(1500)
    ]

    covered = np.mean([e.low <= 10.0 <= e.high for e in found])
    assert 0.87 <= covered <= 0.94


def test_missing_values_are_left_out_and_nothing_is_nothing():
    assert estimate([1.0, np.nan, 3.0]).n == 2
    assert estimate([]).n == 0
    assert np.isnan(estimate([np.nan]).value)


def test_a_row_takes_its_unit_from_the_card_and_refusals_have_no_value():
    rows = [
        metric("cadence", estimate([110.0, 112.0]), grade="A"),
        metric("speed", estimate([]), grade="A"),
        refused("step_width", "view_unsuitable", n=3),
    ]

    table = metrics_table(rows, clip_id="a", track_id=1)

    METRICS.validate(table)
    assert table["unit"].to_list() == ["spm", "m_s", "m"]
    assert table["value"].to_list() == [111.0, None, None]
    assert table["reason"].to_list() == [None, "low_coverage", "view_unsuitable"]


def test_unknown_metrics_and_reasons_are_refused_with_a_suggestion():
    with pytest.raises(bm.ConfigError, match="did you mean 'cadence'"):
        refused("cadense", "no_events")
    with pytest.raises(bm.ConfigError, match="did you mean 'no_scale'"):
        refused("cadence", "no_scales")


def test_every_reason_is_a_sentence_without_full_stop():
    assert all(text and not text.endswith(".") for text in REASONS.values())
    assert reason_text("needs_3d").startswith("one camera")


def test_grades_fall_with_every_weakness():
    assert [grade_of(), grade_of(True), grade_of(True, True, True)] == ["A", "B", "C"]
    assert worst("A", "C", "B") == "C"


def test_a_card_explains_itself():
    text = bm.explain("cadence")

    assert "steps" in text
    assert "source" in text
