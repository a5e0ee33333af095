from fractions import Fraction

import pytest

from pipelines.timeline import Clock, Timeline

MS = Fraction(1, 1000)


def read_all(stamps):
    clock = Clock(Timeline.from_stamps(stamps, MS, Fraction(10)))
    return [clock.read(stamp) for stamp in stamps], clock.n_mended


def test_sound_stamps_are_left_alone():
    read, n_mended = read_all([500, 600, 750, 800])

    assert read == [(0, 0.0), (1, 0.1), (2, 0.25), (3, 0.3)]
    assert n_mended == 0


def test_a_repeated_stamp_moves_half_an_interval_on():
    read, n_mended = read_all([0, 100, 100, 200, 300])

    assert [time for _, time in read] == [0.0, 0.1, 0.15, 0.2, 0.3]
    assert [index for index, _ in read] == [0, 1, 2, 3, 4]
    assert n_mended == 1


def test_missing_stamps_follow_at_the_usual_interval():
    read, n_mended = read_all([0, 100, None, None, 400])

    assert [time for _, time in read] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert n_mended == 2


def test_stamps_that_are_all_missing_use_the_declared_rate():
    read, n_mended = read_all([None, None, None])

    assert [time for _, time in read] == pytest.approx([0.0, 0.1, 0.2])
    assert n_mended == 3


def test_after_a_clock_was_reset_time_goes_on():
    stamps = [*range(5000, 8000, 100), *range(0, 3000, 100)]

    read, n_mended = read_all(stamps)

    assert [time for _, time in read] == pytest.approx([0.1 * i for i in range(60)])
    assert [index for index, _ in read] == list(range(60))
    assert n_mended == 1


def test_frames_stored_out_of_order_are_numbered_as_shown():
    timeline = Timeline.from_stamps([0, 300, 100, 200, 400], MS, None)

    assert timeline.n_bad == 0
    assert Clock(timeline).read(200) == (2, 0.2)


def test_a_nominal_rate_that_the_stamps_deny_is_not_believed():
    timeline = Timeline.from_stamps([0, 40, 80, 120], MS, Fraction(600))

    assert timeline.rate == 25


def test_a_declared_rate_that_rounded_stamps_support_is_kept_exactly():
    ntsc = Fraction(30_000, 1001)
    stamps = [round(1000 * i / ntsc) for i in range(40)]

    assert Timeline.from_stamps(stamps, MS, ntsc).rate == ntsc


def test_one_frame_lasts_as_long_as_the_rate_says():
    timeline = Timeline.from_stamps([70], MS, Fraction(25))

    assert timeline.duration_s == pytest.approx(0.04)
    assert not timeline.is_variable
