import cv2
import numpy as np
import pytest

from biomech.skeletons import COCO17
from pipelines.training.datasets import read_dataset
from pipelines.training.labelled import Labelled
from pipelines.training.yolo import write_yolo

POINTS = np.column_stack([np.linspace(10, 60, 17), np.linspace(5, 50, 17), [2] * 17])


def pictures(folder, names):
    folder.mkdir()
    for name in names:
        cv2.imwrite(str(folder / name), np.full((60, 80, 3), 90, np.uint8))
    box, points = np.float32([[8, 4, 62, 52]]), np.float32([POINTS])
    return [Labelled(folder / name, box, points, "a") for name in names]


def test_what_was_written_is_read_again(tmp_path):
    some = pictures(tmp_path / "own", ["a_1.png", "a_2.png"])
    parts = {"train": some[:1], "val": some[1:]}

    document = write_yolo(tmp_path / "set", parts, COCO17.keypoints)

    found = read_dataset(document)
    assert found.keypoints == COCO17.keypoints
    assert [p.path.parent.name for p in found.pictures] == ["train", "val"]
    for picture in found.pictures:
        assert picture.boxes[0] == pytest.approx([8, 4, 62, 52], abs=1e-3)
        assert picture.keypoints[0] == pytest.approx(POINTS, abs=1e-3)


def test_pictures_are_linked_but_copied_where_the_trainer_would_write(tmp_path):
    plain, trailing = pictures(tmp_path / "own", ["plain.jpg", "trailing.jpg"])
    with trailing.path.open("ab") as file:
        file.write(b"a maker's note behind the end")

    write_yolo(tmp_path / "set", {"train": [plain, trailing]}, COCO17.keypoints)

    linked, copied = sorted((tmp_path / "set/images/train").iterdir())
    assert linked.resolve() == plain.path
    assert not copied.is_symlink()
    assert copied.read_bytes() == trailing.path.read_bytes()
