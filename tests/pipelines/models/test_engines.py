"""The same network on every engine, and against ultralytics itself."""

import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import yaml

from biomech.errors import ConfigError, ModelError
from pipelines.files import sha256_of
from pipelines.models import load_model
from pipelines.models.conversion import convert, load_torch
from pipelines.models.sources import ModelSource
from pipelines.models.trust import trust
from pipelines.models.ultralytics import load_yolo
from tests.pipelines.models.conftest import build_weights

#: Random layers amplify the rounding of float32 a hundred times more than trained ones;
#: a wrong scale or shift would be some 0.5 px.
TOLERANCE_PX = 0.02
#: High enough to leave a dozen people without ties.
MIN_SCORE = 0.3


def assert_same_people(found, wanted):
    assert [len(f) for f in found] == [len(w) for w in wanted]
    assert sum(len(w) for w in wanted) > 3
    for f, w in zip(found, wanted, strict=True):
        np.testing.assert_allclose(f.boxes, w.boxes, atol=TOLERANCE_PX)
        np.testing.assert_allclose(f.scores, w.scores, atol=1e-3)
        np.testing.assert_allclose(f.keypoints, w.keypoints, atol=TOLERANCE_PX)


@pytest.fixture(scope="session")
def by_torch(source, pictures):
    model = load_yolo(source, min_score=MIN_SCORE, engine="torch")
    yield model(pictures)
    model.close()


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_fast_engines_find_the_same_people_as_torch(engine, source, pictures, by_torch):
    model = load_yolo(source, min_score=MIN_SCORE, engine=engine, n_streams=2)

    found = model(pictures)

    assert_same_people(found, by_torch)
    assert (model.info.engine, model.info.precision) == (engine, "f32")
    assert model.info.notes == ()
    assert engine in model.info.versions
    assert model.info.imgsz == 128
    assert model.info.keypoints[0] == "nose"
    model.close()


def people_by_ultralytics(path, picture, *, min_score, imgsz):
    """Chain the steps of its predictor, which needs torchvision for its warm-up."""
    import torch
    from ultralytics.data.augment import LetterBox
    from ultralytics.utils.nms import non_max_suppression
    from ultralytics.utils.ops import scale_boxes, scale_coords

    network, _ = load_torch(path)
    fitted = LetterBox((imgsz, imgsz), auto=True, stride=32)(image=picture)
    planes = torch.from_numpy(fitted[..., ::-1].transpose(2, 0, 1).copy())[None] / 255
    with torch.no_grad():
        output, _ = network(planes)
    (rows,) = non_max_suppression(output, min_score, 0.7, nc=1)
    shape = planes.shape[2:]
    boxes = scale_boxes(shape, rows[:, :4], picture.shape).numpy()
    points = rows[:, 6:].reshape(len(rows), 17, 3)
    keypoints = scale_coords(shape, points, picture.shape).numpy()
    return boxes, rows[:, 4].numpy(), keypoints


@pytest.fixture(scope="session")
def source_26(tmp_path_factory):
    """Weights of a YOLO26 network, which has two heads."""
    path = build_weights(tmp_path_factory.mktemp("26") / "s.pt", family="yolo26n")
    return ModelSource("small_26", path, sha256_of(path))


@pytest.mark.parametrize(("family", "least"), [("source", 0.3), ("source_26", 0.25)])
def test_boxes_scores_and_keypoints_are_those_of_ultralytics(
    family, least, request, pictures
):
    source = request.getfixturevalue(family)
    path = source.path
    model = load_yolo(source, min_score=least, n_streams=2)

    found = model(pictures)

    n_seen = 0
    for people, picture in zip(found, pictures, strict=True):
        boxes, scores, keypoints = people_by_ultralytics(
            path, picture, min_score=least, imgsz=128
        )
        np.testing.assert_allclose(people.boxes, boxes, atol=TOLERANCE_PX)
        np.testing.assert_allclose(people.scores, scores, atol=1e-3)
        seen = np.isfinite(people.keypoints[..., 0])
        np.testing.assert_allclose(
            people.keypoints[seen], keypoints[seen], atol=TOLERANCE_PX
        )
        # Ultralytics moves a point outside the picture to its edge; we hide it.
        height, width = picture.shape[:2]
        moved = np.isin(keypoints[..., 0], [0, width])
        moved |= np.isin(keypoints[..., 1], [0, height])
        assert moved[~seen].all()
        n_seen += seen.sum()
    assert n_seen > 10
    model.close()


def test_pictures_may_change_size_from_one_to_the_next(source, pictures):
    upright = [np.ascontiguousarray(p.transpose(1, 0, 2)) for p in pictures]
    model = load_yolo(source, min_score=MIN_SCORE)

    apart = model(pictures) + model(upright)
    mixed = model([pictures[0], upright[0], pictures[1], upright[1]])

    assert_same_people(mixed, [apart[0], apart[3], apart[1], apart[4]])
    model.close()


def test_no_pictures_give_no_people(source):
    model = load_yolo(source, min_score=MIN_SCORE)

    assert model([]) == []
    model.close()


def test_one_stream_and_many_give_the_same(source, pictures, by_torch):
    model = load_yolo(source, min_score=MIN_SCORE, n_streams=3)

    assert_same_people(model(pictures * 4), by_torch * 4)
    model.close()


def test_conversion_is_checked_once_and_kept(source, pictures):
    converted = convert(source.path, sha256=source.sha256, target="openvino")
    (converted.folder / "checked.json").unlink(missing_ok=True)
    model = load_yolo(source, min_score=MIN_SCORE, engine="openvino")
    before = converted.is_checked

    model(pictures[:1])

    assert not before
    assert converted.is_checked
    model.close()


def test_conversion_that_computes_wrongly_is_replaced_by_torch(
    source, source_26, pictures, by_torch
):
    other = convert(source_26.path, sha256=source_26.sha256, target="openvino")
    mistaken = replace(source, sha256="0" * 64)
    name = other.folder.name.replace(source_26.sha256[:20], "0" * 20)
    spoilt = shutil.copytree(other.folder, other.folder.with_name(name))
    (spoilt / "checked.json").unlink(missing_ok=True)

    model = load_yolo(mistaken, min_score=MIN_SCORE, engine="openvino")
    found = model(pictures)

    assert_same_people(found, by_torch)
    assert model.info.engine == "torch"
    assert "torch computed instead" in model.info.notes[0]
    model.close()


CONVERTED_ONLY = """
import sys
import numpy as np
from pathlib import Path
from pipelines.models.sources import ModelSource
from pipelines.models.ultralytics import load_yolo
model = load_yolo(ModelSource("small", Path(sys.argv[1]), sys.argv[2]))
model([np.zeros((96, 128, 3), np.uint8)])
model.close()
print("torch" in sys.modules)
"""


def test_converted_network_runs_without_importing_torch(source, pictures, root):
    model = load_yolo(source, min_score=MIN_SCORE)
    model(pictures[:1])
    model.close()

    done = subprocess.run(
        [sys.executable, "-c", CONVERTED_ONLY, source.path, source.sha256],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "False"


def test_lower_precision_is_computed_only_when_asked_for_and_written_down(source):
    model = load_yolo(source, min_score=MIN_SCORE, precision="bf16")

    assert model.info.precision == "bf16"
    assert model.info.engine == "openvino"
    model.close()


def exported_metadata(source):
    _, metadata = load_torch(source.path)
    return metadata


def exported_folder(source, folder, **changed):
    converted = convert(source.path, sha256=source.sha256, target="openvino")
    folder.mkdir()
    for name in ("model.xml", "model.bin"):
        (folder / name).write_bytes((converted.folder / name).read_bytes())
    metadata = exported_metadata(source) | changed
    (folder / "metadata.yaml").write_text(yaml.safe_dump(metadata))
    return folder


def test_folder_that_ultralytics_exported_is_read(source, pictures, by_torch, tmp_path):
    folder = exported_folder(source, tmp_path / "small_openvino_model")

    model = load_model(folder, min_score=MIN_SCORE)

    assert_same_people(model(pictures), by_torch)
    assert model.info.name == "small_openvino_model"
    model.close()


def test_network_of_one_size_cannot_look_twice(source, tmp_path):
    folder = exported_folder(source, tmp_path / "fixed", dynamic=False)

    with pytest.raises(ConfigError, match=r"second look .* dynamic=True"):
        load_model(folder, second_look=True)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_onnx_file_that_ultralytics_exported_is_read(
    engine, source, pictures, by_torch, tmp_path
):
    import onnx

    converted = convert(source.path, sha256=source.sha256, target="onnx")
    network = onnx.load(converted.onnx)
    for key, value in exported_metadata(source).items():
        entry = network.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(network, tmp_path / "small.onnx")

    model = load_model(tmp_path / "small.onnx", engine=engine, min_score=MIN_SCORE)

    assert_same_people(model(pictures), by_torch)
    assert model.info.engine == engine
    model.close()


def test_keypoints_are_named_by_the_file_beside_the_weights(tmp_path, pictures):
    path = build_weights(tmp_path / "club.pt", n_keypoints=3)
    (tmp_path / "club.toml").write_text('keypoints = ["grip", "", "club_head"]')
    trust(path)

    model = load_model(path, engine="torch")
    (people, *_) = model(pictures)

    assert model.skeleton.keypoints == ("grip", "club_head")
    assert people.keypoints.shape[1:] == (2, 3)
    model.close()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"device": "gpu"}, ConfigError, "unknown device 'gpu'.*cuda"),
        ({"engine": "tflite"}, ConfigError, "unknown engine"),
        ({"precision": "int8"}, ConfigError, "calibration pictures"),
        ({"precision": "f16", "device": "cpu"}, ConfigError, "not in 'f16'"),
        ({"imgsz": 8}, ConfigError, "at least 32 px"),
    ],
)
def test_impossible_options_are_explained(source, options, error, message):
    with pytest.raises(error, match=message):
        load_yolo(source, min_score=MIN_SCORE, **options)


def test_cuda_without_a_card_is_explained(source):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    with pytest.raises(ModelError, match="no CUDA device"):
        load_yolo(source, min_score=MIN_SCORE, device="cuda")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pt", b"not a model", "cannot be opened as ultralytics weights"),
        ("a.onnx", b"not a model", "cannot be opened"),
        ("a.xyz", b"", "allowed are .pt, .onnx"),
    ],
)
def test_damaged_files_are_one_clear_error(name, content, message, tmp_path, source):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(ModelError, match=message):
        load_yolo(replace(source, path=path, sha256="1" * 64))
