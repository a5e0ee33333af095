"""The validation harness, on a synthetic walker whose truth is exact."""

import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import biomech as bm
from biomech.markers import key_columns
from biomech.schema import EVENTS
from biomech.synthetic import walker
from biomech.synthetic.motion import to_poses
from pipelines.cli import app
from pipelines.validation.conditions import Condition, at_rate, conditions, seen
from pipelines.validation.goals import Errors, goals_table
from pipelines.validation.measure import _span, measure
from pipelines.validation.run import validate
from pipelines.validation.statistics import (
    agreement,
    coverage,
    f1_score,
    match,
    summary,
)
from pipelines.validation.tables import (
    ANGLE_ERRORS,
    DURATION_ERRORS,
    EVENT_ERRORS,
    METRIC_ERRORS,
)
from pipelines.validation.trials import Skipped, Trial, _merged, load_trials
from pipelines.validation.truth import contact_events, plate_contacts

FORCE_HZ = 1000.0


@pytest.fixture(scope="module")
def motion():
    return walker(duration_s=5.0, rate_hz=100.0)


@pytest.fixture(scope="module")
def data(motion, tmp_path_factory):
    """A folder of trials: the walker as TRC, and the plates it walked on as MOT."""
    folder = tmp_path_factory.mktemp("data") / "B99_walker"
    folder.mkdir()
    bm.write_trc(to_poses(motion), folder / "walk.trc")
    (folder / "walk_grf.mot").write_text(grf_text(motion))
    (folder / "broken.trc").write_text("nothing")
    return folder.parent


def grf_text(motion):
    """Write 700 N on a plate per foot from every contact to the next toe-off."""
    time = np.arange(0.0, motion.time_s[-1], 1 / FORCE_HZ)
    columns = {"time": time}
    for side in ("left", "right"):
        force = np.zeros(len(time))
        for start, end in contacts_of(motion, side):
            force[(time >= start) & (time <= end)] = 700.0
        foot = (motion.points[f"{side}_heel"] + motion.points[f"{side}_big_toe"]) / 2
        for axis, k in (("vx", None), ("vy", 1), ("vz", None)):
            values = force if k == 1 else np.zeros(len(time))
            columns[f"ground_force_{side[0]}_{axis}"] = values
        for axis, k in (("px", 0), ("py", 1), ("pz", 2)):
            at = np.interp(time, motion.time_s, foot[:, k])
            columns[f"ground_force_{side[0]}_{axis}"] = at
    table = pl.DataFrame(columns)
    return "endheader\n" + table.write_csv(separator="\t")


def contacts_of(motion, side):
    own = motion.events.filter(side=side).sort("time_s")
    on = own.filter(event="initial_contact")["time_s"].to_numpy()
    off = own.filter(event="toe_off")["time_s"].to_numpy()
    return [(t, off[off > t][0]) for t in on if (off > t).any()]


@pytest.fixture(scope="module")
def trial(data):
    (found,) = (t for t in load_trials(data) if isinstance(t, Trial))
    return found


def test_a_trial_has_the_exact_events_of_its_plates(motion, trial):
    for side in ("left", "right"):
        own = trial.events.filter(side=side)["time_s"].to_numpy()
        true = [t for c in contacts_of(motion, side) if c[0] > 0 for t in c]
        assert len(own) == len(true) > 4
        np.testing.assert_allclose(np.sort(own), true, atol=1 / FORCE_HZ)
    assert trial.activity == "walk"
    # Hips are lower in walking than in standing, so the estimate is a little small.
    assert trial.height_m == pytest.approx(1.75, abs=0.1)


def test_what_is_no_trial_is_listed_with_the_reason(data):
    (skipped,) = (t for t in load_trials(data) if isinstance(t, Skipped))

    assert skipped.name == "B99_walker/broken.trc"
    assert "does not hold what trc promises" in skipped.reason


def test_the_walker_is_measured_within_the_goals(trial):
    rows = measure(trial, Condition("3D"))

    events = pl.DataFrame(rows.events, infer_schema_length=None)
    counted = events.filter(source="force plate")
    assert counted["kind"].unique().to_list() == ["matched"]
    assert counted["error_ms"].abs().mean() < 25
    durations = pl.DataFrame(rows.durations)
    assert durations.filter(duration="stride_time")["error_ms"].abs().mean() < 5
    lengths = [r for r in rows.metrics if r["metric"] == "step_length"]
    assert all(abs(r["error"]) < 0.01 for r in lengths)


def test_a_validation_writes_its_page_and_tables(data, tmp_path):
    result = CliRunner().invoke(
        app,
        ["validate", "--data", str(data), "--out", str(tmp_path), "--quick", "--json"],
    )

    document = json.loads(result.stdout)
    page = (tmp_path / "validation.html").read_text()
    goals = pl.read_parquet(tmp_path / "goals.parquet")
    assert result.exit_code == (
        1 if goals["is_met"].eq_missing(other=False).any() else 0
    )
    # Made are arcs, a swing, a jump, and runners on heel, midfoot and forefoot.
    assert document["trials"] == 1 + 6
    assert page.count("<svg") == 1
    assert "broken.trc" in page
    assert goals.filter(goal="walk 3D F1")["reached"].to_list() == [1.0]
    assert goals.filter(goal="run 3D speed")["is_met"].to_list() == [None]
    events = pl.read_parquet(tmp_path / "event_errors.parquet")
    assert events["condition"].n_unique() == len(list(conditions(quick=True)))


def test_a_missing_folder_is_one_clear_error(tmp_path):
    with pytest.raises(bm.FormatError, match="no folder"):
        validate(tmp_path / "none", out=tmp_path)
    with pytest.raises(bm.FormatError, match="holds no folders"):
        validate(tmp_path, out=tmp_path)


def test_a_folder_without_truth_says_what_it_found(tmp_path, motion):
    folder = tmp_path / "data" / "A"
    folder.mkdir(parents=True)
    bm.write_trc(to_poses(motion), folder / "walk.trc")

    with pytest.raises(bm.FormatError, match=r"walk\.trc: no events, no force plates"):
        validate(tmp_path / "data", out=tmp_path)


def poses_standing(n=201):
    """Both feet on the ground 0.2 m apart for two seconds."""
    names = ["left_heel", "left_big_toe", "right_heel", "right_big_toe"]
    at = [[0, 0, -0.1], [0.2, 0, -0.1], [0, 0, 0.1], [0.2, 0, 0.1]]
    frames = key_columns("a", np.arange(n) / 100)
    xyz = np.tile(np.array(at, float), (n, 1, 1))
    return bm.from_array(frames, xyz=xyz, keypoints=names, unit="m")


def plate(loads, *, cop=(0.1, 0.1), name="plate1", start_s=0.5, end_s=1.3):
    """A plate with a load that rises and falls linearly within 0.1 s."""
    time = np.arange(2001) / 1000
    corners = [start_s, start_s + 0.1, end_s - 0.1, end_s]
    force = np.interp(time, corners, [0, loads, loads, 0])
    if np.ndim(cop) == 1:
        cop = np.tile(np.array(cop, float), (len(time), 1))
    return key_columns("a", time).with_columns(
        pl.Series(f"{name}_force_y_n", force),
        pl.Series(f"{name}_cop_x_m", cop[:, 0]),
        pl.Series(f"{name}_cop_z_m", cop[:, 1]),
    )


def test_contacts_are_where_the_force_crosses_twenty_newtons():
    (contact,) = plate_contacts(plate(800.0), poses_standing())

    assert contact.side == "right"
    # 20 N of 800 N in 0.1 s: 2.5 ms after the rise begins, and before it ends.
    assert contact.start_s == pytest.approx(0.5025, abs=1e-6)
    assert contact.end_s == pytest.approx(1.2975, abs=1e-6)


@pytest.mark.parametrize(
    "forces",
    [
        plate(15.0),
        plate(800.0, start_s=-0.2),
        plate(800.0, end_s=2.5),
        plate(800.0, end_s=0.54),
        plate(800.0, cop=(0.9, 0.1)),
        plate(800.0, cop=np.linspace([0.1, -0.1], [0.9, 0.1], 2001)),
    ],
    ids=["light", "begins before", "ends after", "short", "far away", "two feet"],
)
def test_what_is_no_whole_step_is_no_contact(forces):
    assert plate_contacts(forces, poses_standing()) == []


def test_a_foot_half_on_a_plate_is_left_out():
    both = plate(800.0).join(
        plate(400.0, name="plate2", cop=(0.1, -0.1)),
        on=["clip_id", "track_id", "frame"],
    )

    assert [c.plate for c in plate_contacts(both, poses_standing())] == ["plate1"]


def test_contacts_become_events():
    poses = poses_standing()

    events = contact_events(plate_contacts(plate(800.0), poses), poses)

    EVENTS.validate(events)
    assert events.select("event", "frame").rows() == [
        ("initial_contact", 50),
        ("toe_off", 130),
    ]


def events_at(*times):
    rows = [
        {
            "clip_id": "a",
            "track_id": 0,
            "event": "toe_off",
            "side": "left",
            "frame": 0,
            "time_s": t,
        }
        for t in times
    ]
    return pl.DataFrame(rows, schema={n: c.dtype for n, c in EVENTS.columns.items()})


def test_plates_win_over_laboratories_unless_they_disagree():
    merged = _merged(events_at(1.0, 2.0), events_at(1.02, 2.06, 3.0))

    assert merged.select("time_s", "source", "laboratory_s").rows() == [
        (1.0, "force plate", 1.02),
        (2.0, "ambiguous", 2.06),
        (3.0, "laboratory", 3.0),
    ]


def test_durations_do_not_mix_plates_and_laboratories():
    plate = {"source": "force plate", "time_s": 1.0, "laboratory_s": 1.02}
    bare = {"source": "force plate", "time_s": 1.0, "laboratory_s": None}
    marked = {"source": "laboratory", "time_s": 2.0, "laboratory_s": 2.0}

    assert _span(plate, plate | {"time_s": 2.1}) == ("force plate", pytest.approx(1.1))
    assert _span(plate, marked) == ("laboratory", pytest.approx(0.98))
    assert _span(bare, marked) == (None, 0.0)


def test_events_are_paired_nearest_first_and_once():
    pairs = match(np.array([1.0, 1.06]), np.array([1.05, 9.0]), tolerance_s=0.1)

    assert pairs.tolist() == [-1, 0]
    assert match(np.array([]), np.array([1.0]), tolerance_s=0.1).tolist() == []


def test_agreement_is_that_of_bland_and_altman():
    found = agreement(np.array([-10.0, 0.0, 10.0, 20.0, np.nan]))

    # Standard deviation of -10, 0, 10, 20: the root of 500 / 3.
    sd = np.sqrt(500 / 3)
    assert (found.n, found.bias, found.mae) == (4, 5.0, 10.0)
    assert found.sd == pytest.approx(sd)
    assert found.rmse == pytest.approx(np.sqrt(150))
    assert found.loa_high == pytest.approx(5 + 1.96 * sd)


def test_scores_without_events_are_not_numbers():
    assert np.isnan(f1_score(0, 0, 0))
    assert np.isnan(coverage(np.array([]), np.array([])))
    assert agreement(np.array([])).n == 0


def test_the_share_within_normal_intervals_is_ninety_percent():
    errors = np.random.default_rng(1).normal(0, 2.0, 20_000)

    assert coverage(errors, np.full(20_000, 2.0)) == pytest.approx(0.90, abs=0.01)


def test_a_summary_has_a_row_per_group():
    table = pl.DataFrame(
        {"lab": ["a", "a", "b"], "trial": ["1", "2", "3"], "error": [1.0, 3.0, None]}
    )

    found = summary(table, by=["lab"], error="error")

    assert found.select("lab", "n", "bias", "n_trials").rows() == [
        ("a", 2, 2.0, 2),
        ("b", 0, None, 1),
    ]


def test_a_film_lies_on_the_curve_between_the_markers():
    time = np.arange(11) / 10
    x = 3 * time**3 - time
    xyz = np.stack([x, x + 1, x + 2], axis=1)[:, None]
    poses = bm.from_array(key_columns("a", time), xyz=xyz, keypoints=["nose"], unit="m")

    film = at_rate(poses, 25.0)

    at = film["time_s"].to_numpy()
    np.testing.assert_allclose(np.diff(at), 0.04)
    np.testing.assert_allclose(film["nose_x_m"], 3 * at**3 - at, atol=1e-6)


def test_a_film_does_not_bridge_a_long_gap():
    time = np.arange(21) / 20
    xyz = np.ones((21, 1, 3))
    xyz[8:12] = np.nan
    poses = bm.from_array(key_columns("a", time), xyz=xyz, keypoints=["nose"], unit="m")

    film = at_rate(poses, 20.0)

    assert film["nose_x_m"].is_null().to_list() == [7 < i < 12 for i in range(21)]


def test_a_body_is_eight_hundred_pixels_tall_and_upright(trial):
    view = seen(trial, Condition("2D", 50.0, 8.0))

    array = bm.to_array(view.poses)
    top, heel = array.point("head_top")[:, 1], array.point("left_heel")[:, 1]
    tall = np.nanmedian(heel - top) * view.metres_per_px
    assert view.metres_per_px == pytest.approx(trial.height_m / 800)
    assert tall == pytest.approx(1.7, abs=0.1)


def test_yaw_shortens_the_way_by_its_cosine(trial):
    ways = [
        np.ptp(bm.to_array(seen(trial, c).poses).point("mid_hip")[:, 0])
        for c in (Condition("a", 50.0, 400.0), Condition("b", 50.0, 400.0, 60.0))
    ]

    assert ways[1] / ways[0] == pytest.approx(0.5, rel=0.02)


def test_noise_has_the_size_that_is_promised(trial):
    plain, noisy = (
        bm.to_array(seen(trial, Condition("a", 60.0, 8.0, noise_px=n)).poses).xyz
        for n in (0.0, 7.0)
    )

    assert np.nanstd(noisy - plain) == pytest.approx(7.0, rel=0.03)


def test_goals_without_data_are_open_and_missed_ones_are_said():
    empty = Errors(
        EVENT_ERRORS.empty(),
        DURATION_ERRORS.empty(),
        METRIC_ERRORS.empty(),
        ANGLE_ERRORS.empty(),
    )
    row = {"pair": 0, "trial": "t", "laboratory": "l", "activity": "walk"}
    row |= {"condition": "3D", "recorded_hz": 100.0, "duration": "stride_time"}
    row |= {"side": "left", "source": "force plate"}
    row |= {"true_ms": 1000.0, "error_ms": -12.0}
    schema = {n: c.dtype for n, c in DURATION_ERRORS.columns.items()}
    durations = pl.DataFrame([row], schema=schema)

    open_goals = goals_table(empty)
    goals = goals_table(empty._replace(durations=durations))

    assert open_goals["is_met"].null_count() == open_goals.height
    (missed,) = goals.drop_nulls("is_met").iter_rows(named=True)
    assert (missed["goal"], missed["reached"]) == ("walk 3D stride time plates", 12.0)
    assert missed["is_met"] is False
