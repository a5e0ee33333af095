"""Strides that need no rule for contact, and runners whose contacts are exact."""

import numpy as np
import pytest

import biomech as bm
from biomech.synthetic import to_poses, walker
from pipelines.validation.made import made_trials
from pipelines.validation.repeats import FootCurves


@pytest.fixture(scope="module")
def curves():
    return FootCurves(to_poses(walker(stride_s=1.1, duration_s=4.0, rate_hz=100.0)))


@pytest.mark.parametrize("marked_late_s", [-0.03, 0.0, 0.03])
def test_a_foot_repeats_after_one_stride_wherever_contact_was_marked(
    curves, marked_late_s
):
    repeat_s = curves.repeat_s("right", 1.1, 2.2 + marked_late_s)

    assert repeat_s == pytest.approx(1.1, abs=0.0015)


def test_nothing_repeats_outside_the_recording_or_far_from_the_mark(curves):
    assert curves.repeat_s("right", 1.1, 9.0) is None
    assert curves.repeat_s("right", 1.1, 2.2 + 0.2) is None


def test_made_runners_keep_their_contact_times():
    trials = list(made_trials(quick=True))

    assert len(trials) == 3
    for trial in trials:
        sure = trial.events.filter(source="made", side="left")
        contact, lift = (
            sure.filter(event=event)["time_s"].to_numpy()
            for event in ("initial_contact", "toe_off")
        )
        first_lifts = [lift[lift > t].min() for t in contact if (lift > t).any()]
        np.testing.assert_allclose(
            first_lifts - contact[: len(first_lifts)], 0.235, atol=1e-6
        )
        assert bm.activity(trial.poses)["activity"].to_list() == ["running"]
