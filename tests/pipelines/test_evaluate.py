import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from biomech.arrays import from_array
from biomech.errors import FormatError, SchemaError, SkeletonError
from biomech.io.parquet import write_table
from biomech.schema import POSES
from biomech.skeletons import COCO17
from pipelines.cli import app
from pipelines.evaluate import evaluate, read_many
from pipelines.matching import sigmas_of

NAMES = COCO17.keypoints
#: A person who stands upright, 100 px from shoulder to ankle: x, y of each keypoint.
UPRIGHT = {
    "nose": (0, -22),
    "eye": (3, -25),
    "ear": (6, -24),
    "shoulder": (15, 0),
    "elbow": (20, 22),
    "wrist": (22, 42),
    "hip": (10, 40),
    "knee": (10, 70),
    "ankle": (10, 100),
}


def person(at=(100.0, 100.0)):
    rows = []
    for name in NAMES:
        x, y = UPRIGHT[name.removeprefix("left_").removeprefix("right_")]
        rows.append((x if name.startswith("left") else -x, y))
    return np.array(rows, float) + at


def poses(xyz, *, track=None, frame=None, confidence=0.9, clip="a", unit="px"):
    xyz = np.asarray(xyz, float)
    n = len(xyz)
    frames = pl.DataFrame(
        {
            "clip_id": pl.Series([clip] * n, dtype=pl.String),
            "track_id": pl.Series(
                track if track is not None else [0] * n, dtype=pl.Int32
            ),
            "frame": pl.Series(
                frame if frame is not None else list(range(n)), dtype=pl.Int32
            ),
        }
    ).with_columns(time_s=pl.col("frame") / 10.0)
    sure = np.broadcast_to(np.asarray(confidence, float).reshape(-1, 1), (n, 17))
    return from_array(frames, xyz=xyz, keypoints=NAMES, unit=unit, confidence=sure)


def score(table, metric, keypoint=None):
    same = (
        pl.col("keypoint").is_null()
        if keypoint is None
        else pl.col("keypoint") == keypoint
    )
    return table.filter(pl.col("metric") == metric, same)["value"].item()


def test_the_truth_itself_scores_perfectly():
    truth = poses([person()] * 5)

    scores = evaluate(truth, truth)

    assert score(scores, "oks_ap_50_95") == 1.0
    assert score(scores, "pck") == 1.0
    assert score(scores, "error_p95") == 0.0
    assert score(scores, "missed") == 0.0


def test_an_error_of_one_sigma_gives_the_oks_of_the_formula():
    area = 0.53 * np.ptp(person(), axis=0).prod()
    shift = np.zeros((17, 2))
    shift[:, 0] = 2 * np.array(sigmas_of(NAMES)) * np.sqrt(area)
    truth = poses([person()])

    scores = evaluate(poses([person() + shift]), truth)

    assert score(scores, "oks_mean") == pytest.approx(np.exp(-0.5), abs=1e-4)
    assert score(scores, "oks_ap_50") == 1.0
    assert score(scores, "oks_ap_75") == 0.0
    assert score(scores, "oks_ap_50_95") == pytest.approx(0.3)


def test_a_person_not_found_counts_as_wrong_keypoints():
    far = person((400.0, 100.0))
    truth = poses([person(), far], track=[0, 1], frame=[0, 0])

    scores = evaluate(poses([person()]), truth)

    assert score(scores, "pck") == 0.5
    assert score(scores, "missed") == 0.5
    assert score(scores, "extra") == 0.0


def test_a_frame_without_any_prediction_counts_as_missed():
    truth = poses([person()] * 4)

    scores = evaluate(poses([person()] * 3), truth)

    assert score(scores, "missed") == 0.25
    assert score(scores, "pck") == 0.75


def test_who_is_outside_of_the_picture_is_not_missed():
    gone = np.full((17, 2), np.nan)
    truth = poses([person(), gone], track=[0, 1], frame=[0, 0])

    scores = evaluate(poses([person()]), truth)

    assert score(scores, "missed") == 0.0
    assert score(scores, "oks_ap_50_95") == 1.0


def test_a_prediction_of_nobody_misses_everybody():
    nobody = poses(np.empty((0, 17, 2)))

    scores = evaluate(nobody, poses([person()] * 3))

    assert score(scores, "missed") == 1.0
    assert score(scores, "pck") == 0.0


def test_average_precision_with_half_of_the_people_found_is_half():
    truth = poses([person(), person((400.0, 100.0))], track=[0, 1], frame=[0, 0])

    scores = evaluate(poses([person()]), truth)

    # Precision 1 up to recall 0.5: 51 of the 101 recalls.
    assert score(scores, "oks_ap_50_95") == pytest.approx(51 / 101)


def test_a_false_alarm_that_is_surer_halves_the_precision():
    ghost = person((400.0, 100.0))
    truth = poses([person()])
    guesses = poses(
        [person(), ghost], track=[0, 1], frame=[0, 0], confidence=[0.5, 0.9]
    )

    scores = evaluate(guesses, truth)

    assert score(scores, "oks_ap_50") == pytest.approx(0.5)
    assert score(scores, "extra") == 1.0


def test_track_numbers_do_not_matter():
    here, there = person(), person((300.0, 100.0))
    truth = poses([here, here, there, there], track=[0, 0, 1, 1], frame=[0, 1, 0, 1])
    guesses = poses([there, here, there, here], track=[5, 5, 7, 7], frame=[0, 1, 1, 0])

    scores = evaluate(guesses, truth)

    assert score(scores, "pck") == 1.0
    assert score(scores, "missed") == 0.0


def test_pck_counts_keypoints_within_a_fifth_of_the_torso():
    moved = person()
    moved[NAMES.index("left_wrist"), 0] += 0.21 * 40
    moved[NAMES.index("right_wrist"), 0] += 0.19 * 40

    scores = evaluate(poses([moved]), poses([person()]))

    assert score(scores, "pck", "left_wrist") == 0.0
    assert score(scores, "pck", "right_wrist") == 1.0
    assert score(scores, "pck") == pytest.approx(16 / 17)


def test_errors_are_in_percent_of_stature():
    stature_px = 100 / 0.779

    scores = evaluate(poses([person((101.0, 100.0))] * 4), poses([person()] * 4))

    assert score(scores, "error_median") == pytest.approx(100 / stature_px, rel=1e-3)


def test_jitter_is_the_deviation_of_white_noise():
    rng = np.random.default_rng(0)
    truth = np.repeat(person()[None], 4000, axis=0)
    noisy = truth + rng.normal(0, 1.5, truth.shape)

    scores = evaluate(poses(noisy), poses(truth))

    assert score(scores, "jitter") == pytest.approx(100 * 1.5 * 0.779 / 100, rel=0.02)
    assert score(scores, "jitter_of_truth") == 0.0


def test_jitter_does_not_cross_gaps_in_time():
    steps = person()[None] + np.array([0, 0, 50.0])[:, None, None] * [1, 0]
    truth = poses(steps, frame=[0, 1, 90])

    scores = evaluate(truth, truth)

    assert score(scores, "jitter") is None


def test_three_dimensional_errors_with_and_without_the_root():
    xyz = np.concatenate([person() / 60, np.zeros((17, 1))], axis=1)[None]

    scores = evaluate(
        poses(xyz + np.array([0.03, 0.0, 0.04]), unit="m"), poses(xyz, unit="m")
    )

    assert score(scores, "mpjpe") == pytest.approx(0.05, abs=1e-6)
    assert score(scores, "mpjpe_root") == pytest.approx(0.0, abs=1e-6)


def test_a_truth_without_people_has_no_values():
    nobody = poses(np.empty((0, 17, 2)))

    scores = evaluate(nobody, nobody)

    assert scores["value"].is_null().all()


def test_keypoints_outside_the_picture_do_not_count():
    cropped = person()
    cropped[NAMES.index("left_ankle")] = np.nan

    scores = evaluate(poses([person()]), poses([cropped]))

    assert score(scores, "pck") == 1.0
    assert score(scores, "pck", "left_ankle") is None


def test_pixels_and_metres_are_not_compared():
    with pytest.raises(SchemaError, match=r"prediction is in px and the truth in m"):
        evaluate(poses([person()]), poses([person()], unit="m"))


def test_tables_without_a_common_frame_are_refused():
    with pytest.raises(SchemaError, match=r"no frame is in both"):
        evaluate(poses([person()], frame=[3]), poses([person()]))


def test_tables_without_a_common_keypoint_are_refused():
    wrist = [c for c in poses([person()]).columns if c.startswith("left_wrist")]
    key = ["clip_id", "track_id", "frame", "time_s"]
    truth = poses([person()]).select(*key, *wrist)
    guesses = poses([person()]).drop(wrist)

    with pytest.raises(SkeletonError, match=r"no keypoint of HALPE-26"):
        evaluate(guesses, truth)


def test_the_command_prints_scores_as_json(tmp_path):
    truth = poses([person()] * 5)
    for name in ("predicted", "truth"):
        write_table(truth, tmp_path / f"{name}.parquet", schema=POSES)
    files = [str(tmp_path / f"{name}.parquet") for name in ("predicted", "truth")]

    result = CliRunner().invoke(app, ["evaluate", *files, "--json"])

    assert result.exit_code == 0
    rows = {row["metric"]: row for row in json.loads(result.stdout)}
    assert rows["pck"]["value"] == 1.0
    assert rows["pck"]["n"] == 5 * 17


def test_the_command_says_that_two_clips_have_different_names(tmp_path):
    for clip in ("jump", "walk"):
        table = poses([person()] * 5, clip=clip)
        write_table(table, tmp_path / f"{clip}.parquet", schema=POSES)
    files = [str(tmp_path / f"{clip}.parquet") for clip in ("jump", "walk")]

    result = CliRunner().invoke(app, ["evaluate", *files])

    assert result.exit_code == 0
    assert "'jump' is judged by the truth of 'walk'" in result.stderr


def test_of_a_folder_of_sample_videos_the_truth_in_pixels_is_read(root):
    table = read_many(root / "sample_videos")

    assert table["clip_id"].n_unique() == 11
    assert "left_heel_x_px" in table.columns


def test_a_folder_of_clips_is_one_evaluation(tmp_path):
    for clip in ("a", "b"):
        table = poses([person()], clip=clip)
        write_table(table, tmp_path / f"{clip}.parquet", schema=POSES)

    both = read_many(tmp_path)

    assert score(evaluate(both, both), "pck") == 1.0
    assert both["clip_id"].to_list() == ["a", "b"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"no Parquet file"):
        read_many(tmp_path)
