"""Strides from events written by hand, and lengths of an exact walker."""

import polars as pl
import pytest

import biomech as bm
from biomech.schema import EVENTS, STRIDES
from biomech.synthetic import to_poses, walker


def events_of(*rows):
    """Make an events table of (event, side, time)."""
    names = {"on": "initial_contact", "off": "toe_off"}
    return pl.DataFrame(
        [
            {
                "clip_id": "a",
                "track_id": 0,
                "event": names[event],
                "side": side,
                "frame": round(100 * time),
                "time_s": time,
                "time_sd_s": 0.01,
                "confidence": 0.9,
            }
            for event, side, time in rows
        ],
        schema=EVENTS.empty().schema,
    )


WALK = (
    ("on", "right", 1.00),
    ("off", "left", 1.10),
    ("on", "left", 1.50),
    ("off", "right", 1.65),
    ("on", "right", 2.00),
    ("off", "left", 2.12),
    ("on", "left", 2.52),
)


def test_times_of_a_stride_are_differences_of_events():
    table = bm.strides(events_of(*WALK))

    right = table.filter(side="right").row(0, named=True)
    expected = {
        "start_s": 1.0,
        "end_s": 2.0,
        "stride_time_s": 1.0,
        "stance_time_s": 0.65,
        "swing_time_s": 0.35,
        "step_time_s": 0.5,
        "double_support_time_s": 0.1 + 0.15,
        "single_support_time_s": 0.4,
        "toe_off_s": 1.65,
        "opposite_toe_off_s": 1.10,
        "opposite_contact_s": 1.50,
    }
    assert {k: right[k] for k in expected} == pytest.approx(expected)
    assert right["flight_time_s"] is None


def test_strides_are_counted_from_zero_on_each_side():
    table = bm.strides(events_of(*WALK))

    STRIDES.validate(table)
    assert table.select("side", "stride_id").rows() == [("left", 0), ("right", 0)]


def test_a_toe_off_outside_its_stride_is_null():
    without = [row for row in WALK if row != ("off", "right", 1.65)]
    table = bm.strides(events_of(*without, ("off", "right", 2.2)))

    right = table.filter(side="right").row(0, named=True)
    assert right["toe_off_s"] is None
    assert right["stance_time_s"] is None
    assert right["double_support_time_s"] is None
    assert right["stride_time_s"] == pytest.approx(1.0)


def test_a_stride_with_two_contacts_of_the_other_foot_is_left_out():
    without = [row for row in WALK if row != ("on", "right", 2.00)]
    table = bm.strides(events_of(*without, ("on", "right", 3.0)))

    assert table.filter(side="right").is_empty()


def test_a_pause_is_not_a_stride():
    table = bm.strides(events_of(("on", "left", 0.0), ("on", "left", 3.5)))

    assert table.is_empty()


def test_a_stride_twice_as_long_as_the_others_is_left_out():
    contacts = [("on", "left", t) for t in (0.0, 1.0, 2.0, 3.0, 5.0)]

    table = bm.strides(events_of(*contacts))

    assert table["end_s"].to_list() == [1.0, 2.0, 3.0]


def test_running_has_flight_and_no_double_support():
    run = (
        ("on", "right", 0.00),
        ("off", "right", 0.25),
        ("on", "left", 0.35),
        ("off", "left", 0.60),
        ("on", "right", 0.70),
    )

    right = bm.strides(events_of(*run)).row(0, named=True)

    assert right["flight_time_s"] == pytest.approx(0.10)
    assert right["double_support_time_s"] is None


def test_no_events_give_no_strides():
    assert bm.strides(EVENTS.empty()).is_empty()


@pytest.mark.parametrize(
    "knobs",
    [{}, {"treadmill": True}, {"heading_deg": 180.0}, {"heading_deg": 130.0}],
    ids=str,
)
def test_lengths_of_the_walker_are_exact(knobs):
    motion = walker(duration_s=5.0, **knobs)
    poses = to_poses(motion)

    table = bm.strides(bm.gait_events(poses), poses)

    truth = motion.truth
    assert table["stride_length_m"].to_numpy() == pytest.approx(
        truth["stride_length_m"], abs=0.005
    )
    assert table["step_length_m"].to_numpy() == pytest.approx(
        truth["left_step_length_m"], abs=0.005
    )
    assert table["speed_m_s"].to_numpy() == pytest.approx(1.35, abs=0.01)
    assert table["step_width_m"].to_numpy() == pytest.approx(
        truth["step_width_m"], abs=0.01
    )


def test_lengths_are_null_where_the_foot_was_hidden():
    poses = to_poses(walker(duration_s=5.0))
    hidden = pl.col("time_s").is_between(2.0, 2.6)
    left = pl.col("^left_(heel|ankle|big_toe)_._m$")
    poses = poses.with_columns(pl.when(~hidden).then(left))

    table = bm.strides(bm.gait_events(to_poses(walker(duration_s=5.0))), poses)

    seen = table.filter(side="left")
    inside = (pl.col("start_s") < 2.6) & (pl.col("end_s") > 2.0)
    assert seen.filter(inside)["stride_length_m"].null_count() >= 1
    assert seen.filter(~inside)["stride_length_m"].null_count() == 0


def test_strides_of_a_turn_are_left_out():
    there = to_poses(walker(duration_s=5.0))
    back = to_poses(
        walker(duration_s=5.0, heading_deg=180.0, start_m=(5 * 1.35, 0.0, 0.0))
    )
    later = back.with_columns(
        (pl.col("frame") + there.height).cast(pl.Int32), pl.col("time_s") + 5.0
    )
    poses = pl.concat([there, later])

    table = bm.strides(bm.gait_events(poses), poses)

    across = table.filter(pl.col("start_s") < 4.9, pl.col("end_s") > 5.1)
    assert across.is_empty()
    assert table.height >= 8
    assert table["stride_length_m"].to_numpy() == pytest.approx(1.485, abs=0.02)


@pytest.mark.parametrize("lost", ["values", "rows"])
def test_a_contact_that_was_hidden_does_not_make_one_stride_of_two(lost):
    motion = walker(duration_s=3.0, rate_hz=100.0)
    hidden = pl.col("time_s").is_between(1.3, 1.75)
    poses = to_poses(motion)
    if lost == "rows":
        poses = poses.filter(~hidden)
    else:
        places = pl.selectors.ends_with("_m")
        poses = poses.with_columns(pl.when(~hidden).then(places).name.keep())

    strides = bm.strides(bm.gait_events(poses), poses)

    times = strides["stride_time_s"].to_list()
    assert times == pytest.approx([motion.truth["stride_s"]] * len(times), rel=0.05)
