from pathlib import Path

import pytest

from biomech.errors import ModelError, SkeletonError
from biomech.skeletons import BLAZEPOSE33, BODY25B, COCO17, HALPE26
from pipelines.models.network import Network, layout_of


def metadata(n_keypoints=17, **more):
    return {
        "task": "pose",
        "kpt_shape": [n_keypoints, 3],
        "names": {0: "person"},
        "stride": 32,
        "imgsz": [640, 640],
        **more,
    }


def network(n_keypoints=17, **more):
    return Network.from_metadata(metadata(n_keypoints, **more), path=Path("a.onnx"))


def test_metadata_of_onnx_are_texts():
    texts = {k: str(v) for k, v in metadata(26, end2end=True).items()}

    read = Network.from_metadata(texts, path=Path("a.onnx"))

    assert read.head.n_keypoints == 26
    assert read.head.end_to_end
    assert read.imgsz == (640, 640)
    assert read.fixed


def test_dynamic_export_takes_any_size():
    assert not network(args={"dynamic": True}).fixed
    assert not network(dynamic=True).fixed


def test_embedded_suppression_counts_as_end_to_end():
    assert network(args={"nms": True}).head.end_to_end
    assert not network(args={"nms": None}).head.end_to_end


def test_person_is_looked_up_by_name():
    assert network(names={0: "ball", 1: "person"}).head.person == 1
    assert network(names={0: "athlete"}).head.person is None


def test_detection_network_is_refused():
    with pytest.raises(ModelError, match="'detect', needed is 'pose'"):
        network(task="detect")


@pytest.mark.parametrize(
    ("n_keypoints", "skeleton"), [(17, COCO17), (26, HALPE26), (33, BLAZEPOSE33)]
)
def test_number_of_keypoints_names_the_layout(n_keypoints, skeleton, tmp_path):
    layout = layout_of(network(n_keypoints), weights=tmp_path / "a.pt")

    assert layout.skeleton is skeleton
    assert layout.columns == tuple(range(n_keypoints))


def test_25_keypoints_are_ambiguous_and_the_error_says_what_to_write(tmp_path):
    with pytest.raises(SkeletonError, match=r"a\.toml with keypoints"):
        layout_of(network(25), weights=tmp_path / "a.pt")


@pytest.mark.parametrize("name", ["a.toml", "a.pt.toml"])
def test_file_beside_the_weights_names_a_skeleton(tmp_path, name):
    (tmp_path / name).write_text('skeleton = "BODY_25B"')

    assert layout_of(network(25), weights=tmp_path / "a.pt").skeleton == BODY25B


def test_file_beside_the_weights_names_keypoints_and_leaves_some_out(tmp_path):
    (tmp_path / "a.toml").write_text('keypoints = ["grip", "", "club_head"]')

    layout = layout_of(network(3), weights=tmp_path / "a.pt")

    assert layout.skeleton.keypoints == ("grip", "club_head")
    assert layout.columns == (0, 2)


def test_names_in_the_weights_are_used_if_they_are_ours(tmp_path):
    known = network(2, kpt_names={0: ["nose", "neck"]})
    strange = network(17, kpt_names={0: [f"p{i}" for i in range(17)]})

    assert layout_of(known, weights=tmp_path / "a.pt").skeleton.keypoints == (
        "nose",
        "neck",
    )
    assert layout_of(strange, weights=tmp_path / "a.pt").skeleton is COCO17


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("skeleton = ", "not TOML"),
        ('skeleton = "HALPE26"', "did you mean 'HALPE-26'"),
        ('keypoints = ["nose"]', "names 1 keypoints; the model gives 2"),
        ('keypoints = ["nose", "elbow"]', "unknown keypoints"),
        ('points = ["nose", "neck"]', "unknown keys"),
    ],
)
def test_wrong_file_beside_the_weights_is_explained(tmp_path, text, message):
    (tmp_path / "a.toml").write_text(text)

    with pytest.raises(SkeletonError, match=message):
        layout_of(network(2), weights=tmp_path / "a.pt")
