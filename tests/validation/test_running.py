"""Real running: a force treadmill (B06), and overground at known speeds (B05)."""

import json

import numpy as np
import polars as pl
import pytest

import biomech as bm

#: The force file has 60 rows a second: the first row above 20 N comes half a step late
#: in the mean, the last half a step early.
HALF_STEP_S = 0.5 / 60


@pytest.fixture(scope="module")
def treadmill(shared):
    """Poses, and contacts as (side, contact, toe-off)."""
    folder = "data/B06_run_hamner_grf"
    poses = bm.read_file(shared(f"{folder}/subject02_running.trc"))
    truth = json.loads(shared(f"{folder}/GROUND_TRUTH.json").read_text())
    contacts = truth["B06_run_hamner_grf"]["contacts"]
    sides = {"plate1": "right", "plate2": "left"}
    return poses, [(sides[p], *c) for p, found in contacts.items() for c in found]


def test_events_are_within_ten_milliseconds_of_the_force_treadmill(treadmill):
    poses, contacts = treadmill
    events = bm.running_events(poses)

    for column, event, shift in (
        (1, "initial_contact", -HALF_STEP_S),
        (2, "toe_off", HALF_STEP_S),
    ):
        errors = []
        for contact in contacts:
            found = events.filter(event=event, side=contact[0])["time_s"].to_numpy()
            away = found - (contact[column] + shift)
            errors.append(away[np.abs(away).argmin()])
        inner = np.array([e for e in errors if abs(e) < 0.1])
        assert len(inner) >= len(contacts) - 1
        assert np.abs(inner).mean() < 0.011
        assert abs(inner.mean()) < 0.008


def test_contact_time_is_within_fifteen_milliseconds(treadmill):
    poses, contacts = treadmill
    truth = np.mean([off - on for _, on, off in contacts]) + 2 * HALF_STEP_S

    found = _pooled(bm.running_metrics(poses), "contact_time")

    assert found["value"] == pytest.approx(truth, abs=0.015)
    assert found["low"] < truth < found["high"]
    assert found["grade"] == "B"


@pytest.mark.parametrize("trial", ["run0350", "run0700"])
def test_speed_is_within_two_percent(shared, trial):
    folder = "data/B05_run_sprint_known_speed"
    truth = json.loads(shared(f"{folder}/GROUND_TRUTH.json").read_text())
    poses = bm.read_file(shared(f"{folder}/{trial}cms.trc"))

    metrics = bm.running_metrics(poses)

    known = truth[f"B05_{trial}"]["sacrum_mean_forward_speed_m_s"]
    assert _pooled(metrics, "speed")["value"] == pytest.approx(known, rel=0.02)
    assert _pooled(metrics, "flight_time")["value"] > 0.1


@pytest.mark.parametrize("trial", ["run0350", "run0700"])
def test_running_is_recognised(shared, trial):
    poses = bm.read_file(shared(f"data/B05_run_sprint_known_speed/{trial}cms.trc"))

    assert bm.activity(poses)["activity"].to_list() == ["running"]


def _pooled(metrics, name):
    return metrics.filter(pl.col("side").is_null(), metric=name).row(0, named=True)
