import json

import biomech as bm
from biomech.synthetic import add_noise, add_swaps, to_poses, walker
from pipelines.description import describe
from pipelines.legible import legible


def test_every_step_and_every_repaired_interval_has_a_line(tmp_path):
    truth = to_poses(walker(duration_s=3.0))
    raw = add_swaps(add_noise(truth, sd_m=0.005), fraction=0.05, seed=1).poses
    done = bm.cleaning(raw, activity="walk")
    meta = {"steps": done.footer(), "swaps": done.swaps.to_dicts()}
    path = tmp_path / "poses.parquet"
    bm.write_table(done.poses, path, schema=bm.SCHEMAS["poses"], meta=meta)

    text = "\n".join(legible(describe(path)))

    for line in (
        "mask_low_confidence: n_masked ",
        f", n_intervals {done.swaps.height}, swaps true",
        "reject_outliers: n_rejected ",
        "fill_gaps: n_filled ",
        "by rts, max_gap_s 0.15",
        "smooth: activity walk, cutoff_hz ",
    ):
        assert line in text
    assert text.count(" of track 0, frames ") == done.swaps.height > 0


def test_keypoints_are_named_once():
    columns = {"frame": "Int32", "nose_x_px": "Float32", "nose_sd_px": "Float32"}

    lines = legible({"n_rows": 3, "columns": columns})

    assert lines == ["n_rows     3", "columns    frame", "keypoints  nose"]


def test_what_has_no_form_of_its_own_is_shown_as_json():
    found = {"rate": 30.5, "remarks": [], "clip": {"height_m": None, "name": "a"}}

    lines = legible(found)

    assert lines[0].split() == ["rate", json.dumps(30.5)]
    assert lines[1].split() == ["remarks", "none"]
    assert lines[2].split(maxsplit=1) == ["clip", "height_m null, name a"]
