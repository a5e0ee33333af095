"""What `biomech validate` reaches on the trials in ../shared, with a margin."""

import polars as pl
import pytest

from pipelines.validation.conditions import Condition
from pipelines.validation.goals import Errors, goals_table
from pipelines.validation.run import _measured
from pipelines.validation.trials import Skipped, Trial, load_trials


@pytest.fixture(scope="module")
def loaded(shared):
    return list(load_trials(shared("data")))


def test_every_trial_with_truth_is_found(loaded):
    trials = {t.name: t for t in loaded if isinstance(t, Trial)}
    skipped = {s.name for s in loaded if isinstance(s, Skipped)}

    assert len(trials) >= 19
    assert len({t.laboratory for t in trials.values()}) >= 9
    assert "B01_gait_pig_events_btk/Analysis.c3d" in skipped
    runs = [t.laboratory[:3] for t in trials.values() if t.activity == "run"]
    assert sorted(set(runs)) == ["B05", "B06"]


def test_force_plates_agree_with_the_contacts_that_were_published(loaded):
    """GROUND_TRUTH.json of B07 and B11: vertical force above 20 N."""
    published = {
        "B07_walk_run_rajagopal_grf/motion_capture_walk.trc": [
            *(("right", 0.268), ("right", 1.412), ("left", 0.837)),
        ],
        "B11_walk_opencap_lab_grf/S6_walking1.trc": [("left", 0.552)],
    }
    trials = {t.name: t for t in loaded if isinstance(t, Trial)}

    for name, contacts in published.items():
        events = trials[name].events.filter(event="initial_contact")
        found = [(e["side"], e["time_s"]) for e in events.iter_rows(named=True)]
        for side, time_s in contacts:
            assert min(abs(t - time_s) for s, t in found if s == side) < 0.002


def test_plates_and_laboratories_agree_where_both_saw_the_step(loaded):
    events = pl.concat(
        t.events.select("source") for t in loaded if isinstance(t, Trial)
    )
    counts = dict(events["source"].value_counts().iter_rows())

    assert counts["force plate"] > 50
    assert counts["laboratory"] > 40
    assert counts["ambiguous"] <= 6


def test_walking_is_measured_as_well_as_was_written_down(loaded):
    trials = [t for t in loaded if isinstance(t, Trial) and t.activity == "walk"]
    wanted = [Condition("3D"), Condition("2D", 60.0, 8.0)]
    work = [(trial, condition) for condition in wanted for trial in trials]

    errors = _measured(work, tell=lambda *_: None)

    goals = {g["goal"]: g["reached"] for g in goals_table(Errors(*errors)).to_dicts()}
    assert goals["walk 3D stride time repeats"] < 4
    for condition in ("3D", "2D"):
        for event in ("initial_contact", "toe_off"):
            assert goals[f"walk {condition} {event} plates"] < 17
        assert goals[f"walk {condition} F1"] >= 0.98
        assert goals[f"walk {condition} stride time plates"] < 12
        assert goals[f"walk {condition} stride time laboratories"] < 15
        assert goals[f"walk {condition} cadence"] < 1.1
        assert goals[f"walk {condition} step_length"] < 1.0
        assert goals[f"walk {condition} speed"] < 0.03
        assert goals[f"walk {condition} knee_flexion"] < 2
        assert goals[f"walk {condition} hip_flexion"] < 3
