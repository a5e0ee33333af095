import json

import cv2
import numpy as np
import pytest
import yaml

from biomech.errors import FormatError
from biomech.skeletons import COCO17
from pipelines.training.datasets import read_dataset, split_by_video
from pipelines.training.labelled import Labelled, video_of

WIDTH, HEIGHT = 80, 60


def facing(x=40.0, y=30.0):
    """Somebody who faces the camera: the person's left is on the picture's right."""
    points = np.full((17, 3), 2.0)
    for i, name in enumerate(COCO17.keypoints):
        side = 5 if name.startswith("left") else -5 if name.startswith("right") else 0
        points[i, :2] = x + side, y + i - 8
    return points


def picture(path, *, size=(HEIGHT, WIDTH)):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((*size, 3), 90, np.uint8))


def coco(folder, people, *, names=COCO17.keypoints, n_pictures=None):
    """Write a COCO data set with one person per picture."""
    count = len(people) if n_pictures is None else n_pictures
    for i in range(count):
        picture(folder / "images" / f"serve{i % 3}_{i:04d}.png")
    document = {
        "images": [
            {"id": i, "file_name": f"serve{i % 3}_{i:04d}.png"} for i in range(count)
        ],
        "annotations": [
            {
                "id": i,
                "image_id": i,
                "category_id": 1,
                "bbox": [20.0, 10.0, 40.0, 45.0],
                "keypoints": np.asarray(person).ravel().tolist(),
            }
            | changes
            for i, (person, changes) in enumerate(people)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": list(names)}],
    }
    path = folder / "labels.json"
    path.write_text(json.dumps(document))
    return path


def yolo(folder, lines, **changes):
    """Write an ultralytics data set with one line of labels per picture."""
    (folder / "labels").mkdir(parents=True)
    for i, line in enumerate(lines):
        picture(folder / "images" / f"run{i:04d}.png")
        (folder / "labels" / f"run{i:04d}.txt").write_text(line)
    document = {"path": ".", "kpt_shape": [17, 3], "names": {0: "person"}} | changes
    (folder / "data.yaml").write_text(yaml.safe_dump(document))
    return folder


def yolo_line(person):
    points = person / [WIDTH, HEIGHT, 1.0]
    return " ".join(f"{v:.6f}" for v in [0, 0.5, 0.5, 0.5, 0.75, *points.ravel()])


def test_coco_boxes_become_corners_and_keypoints_stay(tmp_path):
    path = coco(tmp_path, [(facing(), {})] * 2)

    found = read_dataset(path)

    assert found.keypoints == COCO17.keypoints
    np.testing.assert_array_equal(found.pictures[0].boxes, [[20, 10, 60, 55]])
    np.testing.assert_array_equal(found.pictures[0].keypoints[0], facing())


def test_ultralytics_labels_become_pixels(tmp_path):
    folder = yolo(tmp_path / "d", [yolo_line(facing())] * 2)

    found = read_dataset(folder)

    np.testing.assert_allclose(
        found.pictures[1].boxes, [[20, 7.5, 60, 52.5]], atol=1e-3
    )
    np.testing.assert_allclose(found.pictures[1].keypoints[0], facing(), atol=1e-3)


def test_a_picture_without_people_is_background(tmp_path):
    path = coco(tmp_path, [(facing(), {})], n_pictures=2)

    found = read_dataset(path)

    assert [len(p.boxes) for p in found.pictures] == [1, 0]
    assert found.pictures[1].keypoints.shape == (0, 17, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": [1.0] * 48}, r"wrong number of keypoints \(1\).*16 keypoints"),
        ({"bbox": [20.0, 10.0, 0.0, 45.0]}, r"empty boxes \(1\)"),
        ({"bbox": [20.0, 10.0, 90.0, 45.0]}, r"labels outside of the picture \(1\)"),
        ({"bbox": [20.0, 10.0]}, r"boxes that are not four numbers \(1\)"),
        ({"bbox": [20.0, 10.0, float("nan"), 5.0]}, r"not finite \(1\)"),
        ({"bbox": ["a", 1, 2, 3]}, r"cannot be read \(1\): number 2: could not conv"),
        ({"bbox": None}, r"annotations that cannot be read \(1\): number 2"),
        ({"keypoints": ["x"] * 51}, r"annotations that cannot be read \(1\)"),
        ({"image_id": 77}, r"of unlisted pictures \(1\): annotation \d+ of 77"),
        ({"image_id": [1]}, r"annotations that cannot be read \(1\)"),
    ],
)
def test_broken_annotations_are_named(tmp_path, changes, message):
    path = coco(tmp_path, [(facing(), {}), (facing(), {}), (facing(), changes)])

    with pytest.raises(FormatError, match=message):
        read_dataset(path)


def test_missing_and_damaged_pictures_are_named_together(tmp_path):
    path = coco(tmp_path, [(facing(), {})] * 4)
    (tmp_path / "images" / "serve1_0001.png").unlink()
    (tmp_path / "images" / "serve2_0002.png").write_bytes(b"no picture")

    with pytest.raises(
        FormatError,
        match=r"missing pictures \(1\): .*serve1_0001.*decoded \(1\): .*serve2_0002",
    ):
        read_dataset(path)


def test_a_picture_that_ends_early_is_refused(tmp_path):
    path = coco(tmp_path, [(facing(), {})] * 2)
    whole = tmp_path / "images" / "serve1_0001.png"
    whole.write_bytes(whole.read_bytes()[:-30])

    with pytest.raises(FormatError, match=r"decoded \(1\): .*serve1_0001"):
        read_dataset(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"images": [{"id": 1}], "annotations": [], "categories": []}, "file_name"),
        ({"images": [], "annotations": [], "categories": "x"}, "lists its keypoints"),
        ([], "not a COCO keypoints file"),
    ],
)
def test_a_json_of_another_shape_is_refused(tmp_path, content, message):
    (tmp_path / "labels.json").write_text(json.dumps(content))

    with pytest.raises(FormatError, match=message):
        read_dataset(tmp_path / "labels.json")


@pytest.mark.parametrize(
    ("lines", "changes", "message"),
    [
        (["0 a b c"], {}, r"lines that are not numbers \(1\)"),
        ([], {"kpt_shape": [17, 5]}, r"kpt_shape is \(17, 5\)"),
        ([], {"kpt_shape": [17]}, "not a pose data set"),
    ],
)
def test_broken_ultralytics_sets_are_refused(tmp_path, lines, changes, message):
    lines = [*lines, *(yolo_line(facing()) for _ in range(2))]
    folder = yolo(tmp_path / "d", lines, **changes)

    with pytest.raises(FormatError, match=message):
        read_dataset(folder)


def test_a_data_set_without_people_is_refused(tmp_path):
    path = coco(tmp_path, [], n_pictures=3)

    with pytest.raises(FormatError, match=r"nobody is labelled"):
        read_dataset(path)


def test_exchanged_left_and_right_are_found_by_the_eyes(tmp_path):
    exchanged = facing()
    exchanged[:, 0] = 80 - exchanged[:, 0]
    path = coco(tmp_path, [(exchanged, {})] * 12)

    with pytest.raises(FormatError, match=r"left and right are exchanged.*left eye"):
        read_dataset(path)


def test_eyes_of_people_in_profile_are_no_evidence_of_an_exchange(tmp_path):
    aside = facing()
    aside[:, 0] = 80 - aside[:, 0]
    aside[0, 0] = aside[:, 0].min() - 5  # the nose, ahead of both eyes
    path = coco(tmp_path, [(aside, {})] * 12)

    assert len(read_dataset(path).pictures) == 12


def test_unknown_keypoint_names_are_refused_with_a_hint(tmp_path):
    names = ["nose", *COCO17.keypoints[1:16], "right_ankel"]
    path = coco(tmp_path, [(facing(), {})] * 2, names=names)

    with pytest.raises(FormatError, match=r"right_ankel.*did you mean 'right_ankle'"):
        read_dataset(path)


def test_a_wrong_flip_order_is_refused(tmp_path):
    folder = yolo(tmp_path / "d", [yolo_line(facing())] * 2, flip_idx=list(range(17)))

    with pytest.raises(FormatError, match=r"flip_idx does not exchange"):
        read_dataset(folder)


@pytest.mark.parametrize("name", ["nothing.json", "empty"])
def test_what_is_no_data_set_is_refused(tmp_path, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(FormatError):
        read_dataset(tmp_path / name)


def labelled(video, n):
    nobody = np.empty((0, 4), np.float32), np.empty((0, 17, 3), np.float32)
    return [Labelled(video_path(video, i), *nobody, video) for i in range(n)]


def video_path(video, i):
    from pathlib import Path

    return Path(video) / f"frame_{i:04d}.png"


def test_whole_videos_are_held_out():
    pictures = [p for video in "abcdefgh" for p in labelled(video, 10)]

    split = split_by_video(pictures, held_out_share=0.25)

    learned, held = (
        {p.video for p in part} for part in (split.learned, split.held_out)
    )
    assert not learned & held
    assert len(split.held_out) == 20
    assert len(split.learned) == 60


def test_of_one_video_the_end_is_held_out_and_it_is_said():
    split = split_by_video(labelled("a", 10), held_out_share=0.2)

    assert [p.path.stem for p in split.held_out] == ["frame_0008", "frame_0009"]
    assert "one video only" in split.rule


def test_two_pictures_of_one_video_still_leave_one_to_judge_by():
    split = split_by_video(labelled("a", 2))

    assert (len(split.learned), len(split.held_out)) == (1, 1)


def test_frames_of_one_video_share_its_name(tmp_path):
    first, second = (video_of(tmp_path / f"serve3-{i:03d}.jpg") for i in (1, 2))

    assert first == second
    assert first != video_of(tmp_path / "serve4-001.jpg")
