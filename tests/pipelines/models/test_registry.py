import time

import pytest

from biomech.errors import ConfigError, ModelError
from pipelines.models import DEMO_WARNING, registry
from pipelines.models.places import config_dir
from pipelines.models.protocol import ModelInfo
from pipelines.models.registry import OFFICIAL, find_model, get_model

#: A closed port of this computer: refuses at once.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def offline(own_folders, monkeypatch):
    monkeypatch.setenv("BIOMECH_WEIGHTS_URL", NOWHERE)
    return own_folders


@pytest.fixture
def shipped(offline, monkeypatch):
    path = offline / "biomech-s1.pt"
    path.write_bytes(b"demonstration")
    monkeypatch.setattr(registry, "SHIPPED", path)
    return path


def test_official_models_are_the_families_in_five_sizes_and_blazepose():
    assert {f"yolo{f}{s}-pose" for f in ("26", "11", "v8") for s in "nsmlx"} | {
        "blazepose",
        "blazepose-lite",
        "blazepose-heavy",
    } == set(OFFICIAL)


def test_offline_official_name_is_one_error_within_seconds(offline):
    start = time.monotonic()

    with pytest.raises(ModelError, match=r"does not answer.*biomech models get"):
        find_model("yolo11x-pose")

    assert time.monotonic() - start < 4


def test_offline_default_is_the_shipped_model_and_says_so(shipped):
    found = find_model()

    assert found.is_demo
    assert found.path == shipped
    assert "does not answer" in found.note


def test_shipped_model_can_be_named_without_a_note(shipped):
    found = find_model("biomech-s1")

    assert found.is_demo
    assert found.note is None


def test_demonstration_model_warns_in_one_constant_sentence():
    info = ModelInfo("biomech-s1", "", "", "", "", "", 0, "", (), is_demo=True)

    assert info.warning == DEMO_WARNING
    assert info.as_meta()["warning"] == DEMO_WARNING
    assert "do not trust its numbers on real footage" in DEMO_WARNING


def test_missing_shipped_model_is_explained(offline, monkeypatch):
    monkeypatch.setattr(registry, "SHIPPED", offline / "absent.pt")

    with pytest.raises(ModelError, match="lacks the demonstration model"):
        find_model()


def test_environment_comes_before_the_settings_file(shipped, offline, monkeypatch):
    (offline / "a.onnx").write_bytes(b"a")
    (offline / "b.onnx").write_bytes(b"b")
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / "config.toml").write_text(f'model = "{offline / "a.onnx"}"')

    from_file = find_model()
    monkeypatch.setenv("BIOMECH_MODEL", str(offline / "b.onnx"))
    from_environment = find_model()

    assert from_file.name == "a"
    assert from_environment.name == "b"


@pytest.mark.parametrize("text", ["model = 1", "model ="])
def test_wrong_settings_file_is_explained(offline, text):
    config_dir().mkdir(parents=True, exist_ok=True)
    (config_dir() / "config.toml").write_text(text)

    with pytest.raises(ConfigError, match=r"config\.toml"):
        find_model()


def test_misspelt_name_suggests_the_right_one(offline):
    with pytest.raises(ModelError, match="did you mean 'yolo26n-pose'"):
        find_model("yolo26n-posse")
    with pytest.raises(ModelError, match="did you mean 'blazepose'"):
        get_model("blaze-pose")


def test_missing_file_is_called_a_missing_file(offline):
    with pytest.raises(ModelError, match="no such file or folder"):
        find_model(offline / "absent.onnx")
