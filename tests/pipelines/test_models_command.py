import json

import pytest
from typer.testing import CliRunner

from biomech.errors import ModelError
from pipelines.cli import app

runner = CliRunner()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOMECH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BIOMECH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BIOMECH_WEIGHTS_URL", "http://127.0.0.1:9")


def test_list_names_every_model_and_says_what_is_here(tmp_path):
    weights = tmp_path / "cache" / "weights"
    weights.mkdir(parents=True)
    (weights / "yolo11n-pose.pt").write_bytes(b"x")

    rows = json.loads(runner.invoke(app, ["models", "--json"]).stdout)

    here = {row["name"]: row["is_here"] for row in rows}
    assert here["yolo11n-pose"]
    assert not here["yolo26n-pose"]
    assert {"biomech-s1", "blazepose", "yolov8x-pose"} <= set(here)


def test_list_for_people_has_one_line_per_model():
    lines = runner.invoke(app, ["models"]).stdout.splitlines()

    assert len(lines) == 19
    assert any(line.startswith("yolo26n-pose") and "AGPL-3.0" in line for line in lines)


def test_trusted_file_is_listed(tmp_path):
    path = tmp_path / "best.pt"
    path.write_bytes(b"weights")

    told = json.loads(
        runner.invoke(app, ["models", "trust", str(path), "--json"]).stdout
    )

    assert told["name"] == "best.pt"
    assert told["sha256"] in runner.invoke(app, ["models"]).stdout


def test_fetching_offline_is_one_clear_error():
    result = runner.invoke(app, ["models", "get", "yolo26n-pose"])

    assert isinstance(result.exception, ModelError)
    assert "does not answer" in str(result.exception)
