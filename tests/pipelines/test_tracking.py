import numpy as np
import pytest

from biomech.errors import ConfigError, VideoError
from pipelines.models.protocol import Detections
from pipelines.tracking import Tracker


def people(*boxes, score=0.9):
    """Boxes of 50 x 100 px at the given left edges; None for nobody."""
    boxes = [(x, 100, x + 50, 200) for x in boxes]
    n = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(n, 4),
        np.full(n, score, np.float32),
        np.zeros((n, 17, 3), np.float32),
    )


def walk(tracker, *, rate_hz, first, last, start_s=0.0, x=0.0, speed_px_s=60.0):
    """Move one box to the right from one time to another."""
    times = np.arange(first, last) / rate_hz
    return [
        tracker.update(people(x + speed_px_s * t), start_s + t).tolist()[0]
        for t in times
    ]


def test_everybody_keeps_a_number_of_their_own():
    tracker = Tracker(rate_hz=30)

    ids = [tracker.update(people(3 * i, 400 - 3 * i), i / 30) for i in range(40)]

    assert np.unique(ids, axis=0).tolist() == [[1, 2]]


def test_numbers_follow_the_people_and_not_the_order_of_the_list():
    tracker = Tracker(rate_hz=30)
    tracker.update(people(0, 300), 0.0)

    ids = tracker.update(people(300, 0), 1 / 30)

    assert ids.tolist() == [2, 1]


@pytest.mark.parametrize("rate_hz", [10, 30, 120, 240])
def test_hidden_person_comes_back_within_the_time_at_any_rate(rate_hz):
    tracker = Tracker(rate_hz=rate_hz, lost_s=1.0)
    walk(tracker, rate_hz=rate_hz, first=0, last=rate_hz)

    # Hidden from 1.0 to 1.6 s; the pictures in between hold nobody.
    for i in range(rate_hz, round(1.6 * rate_hz)):
        tracker.update(people(), i / rate_hz)
    again = walk(tracker, rate_hz=rate_hz, first=round(1.6 * rate_hz), last=2 * rate_hz)

    assert set(again) == {1}


@pytest.mark.parametrize("rate_hz", [30, 240])
def test_person_away_for_longer_is_somebody_new(rate_hz):
    tracker = Tracker(rate_hz=rate_hz, lost_s=0.5)
    walk(tracker, rate_hz=rate_hz, first=0, last=rate_hz)

    for i in range(rate_hz, round(1.6 * rate_hz)):
        tracker.update(people(), i / rate_hz)
    again = walk(tracker, rate_hz=rate_hz, first=round(1.6 * rate_hz), last=2 * rate_hz)

    assert 1 not in again


def test_missing_pictures_count_like_pictures_without_people():
    tracker = Tracker(rate_hz=30, lost_s=0.5)
    walk(tracker, rate_hz=30, first=0, last=30)

    again = walk(tracker, rate_hz=30, first=60, last=70)

    assert 1 not in again


def test_next_clip_begins_at_one():
    first = Tracker(rate_hz=30)
    first.update(people(0, 300), 0.0)

    assert Tracker(rate_hz=30).update(people(0), 0.0).tolist() == [1]


def test_weak_detection_carries_a_person_but_begins_none():
    tracker = Tracker(rate_hz=30)
    tracker.update(people(0), 0.0)

    carried = tracker.update(people(1, score=0.15), 1 / 30)
    begun = Tracker(rate_hz=30).update(people(0, score=0.15), 0.0)

    assert carried.tolist() == [1]
    assert begun.tolist() == [-1]


def test_newcomer_counts_from_the_second_picture_on():
    tracker = Tracker(rate_hz=30)
    tracker.update(people(0), 0.0)

    ids = [tracker.update(people(0, 300), i / 30).tolist() for i in (1, 2)]

    assert ids[0] == [1, -1]
    assert ids[1][0] == 1
    assert ids[1][1] > 1


def test_nobody_gives_no_numbers():
    assert Tracker(rate_hz=30).update(people(), 0.0).shape == (0,)


def test_time_that_stands_still_is_refused():
    tracker = Tracker(rate_hz=30)
    tracker.update(people(0), 1.0)

    with pytest.raises(VideoError, match=r"1\.0 s follows one at 1\.0 s"):
        tracker.update(people(0), 1.0)


@pytest.mark.parametrize("options", [{"rate_hz": 0}, {"rate_hz": 30, "lost_s": -1}])
def test_impossible_rates_are_refused(options):
    with pytest.raises(ConfigError, match="must be above 0"):
        Tracker(**options)
