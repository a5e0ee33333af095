import json

import cv2
import numpy as np
import polars as pl
import pytest

from biomech.errors import ConfigError, FormatError, ModelError
from biomech.skeletons import COCO17
from pipelines.models import load_model
from pipelines.models.trust import trust, trusted_files
from pipelines.training import finetune
from pipelines.training.finetune import FineTuning, fine_tune
from pipelines.training.network import new_network, save_weights

SHORT = FineTuning(epochs=1, patience=1, imgsz=64, batch_size=2, device="cpu")


@pytest.fixture
def base(tmp_path, monkeypatch):
    """Untrained weights that the user trusts, with cache and settings of our own."""
    monkeypatch.setenv("BIOMECH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BIOMECH_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "base.pt"
    save_weights(new_network(keypoints=COCO17.keypoints), path, imgsz=64)
    trust(path)
    return path


@pytest.fixture
def data(tmp_path):
    """Six pictures of two videos, one person each, as COCO writes them."""
    rng = np.random.default_rng(0)
    points = np.column_stack([rng.uniform(20, 44, (17, 2)), np.full(17, 2)])
    folder = tmp_path / "data"
    folder.mkdir()
    names = [f"{video}_{i}.png" for video in ("a", "b") for i in range(3)]
    for name in names:
        image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / name), image)
    document = {
        "images": [{"id": i, "file_name": name} for i, name in enumerate(names)],
        "annotations": [
            {
                "id": i,
                "image_id": i,
                "bbox": [18, 8, 28, 48],
                "keypoints": points.ravel().tolist(),
            }
            for i in range(len(names))
        ],
        "categories": [{"id": 1, "keypoints": list(COCO17.keypoints)}],
    }
    (folder / "labels.json").write_text(json.dumps(document))
    return folder / "labels.json"


@pytest.mark.slow
def test_fine_tuned_weights_are_trusted_scored_and_usable(base, data, tmp_path):
    out = tmp_path / "club"

    result = fine_tune(data, out, base=base, how=SHORT)

    assert result.weights == out / "club.pt"
    assert sorted(p.name for p in out.iterdir()) == [
        "club.pt",
        "club.toml",
        "evaluation.parquet",
        "report.md",
    ]
    assert "club.pt" in [entry.name for entry in trusted_files()]
    model = load_model(result.weights, engine="torch", imgsz=64)
    assert model.skeleton.keypoints == COCO17.keypoints
    model.close()
    weights = pl.read_parquet(out / "evaluation.parquet")["weights"].unique().sort()
    assert weights.to_list() == ["base", "fine-tuned"]
    assert "1 of 2 videos are held out" in (out / "report.md").read_text()
    assert not list(tmp_path.glob("*.part"))


def test_a_broken_data_set_leaves_nothing_behind(base, data, tmp_path):
    (data.parent / "b_1.png").write_bytes(b"damaged")

    with pytest.raises(FormatError, match=r"cannot be decoded \(1\)"):
        fine_tune(data, tmp_path / "club", base=base, how=SHORT)

    assert not list(tmp_path.glob("club*"))


def test_a_training_that_fails_leaves_nothing_behind(base, data, tmp_path, monkeypatch):
    def fail(*_args, **_options):
        msg = "training failed: out of memory"
        raise ModelError(msg)

    monkeypatch.setattr(finetune, "run_trainer", fail)

    with pytest.raises(ModelError, match=r"out of memory"):
        fine_tune(data, tmp_path / "club", base=base, how=SHORT)

    assert not list(tmp_path.glob("club*"))


def test_a_folder_in_use_is_not_overwritten(base, data, tmp_path):
    with pytest.raises(ConfigError, match=r"not an empty folder"):
        fine_tune(data, data.parent, base=base, how=SHORT)


def test_a_full_disk_is_noticed_before_anything_is_written(
    base, data, tmp_path, monkeypatch
):
    monkeypatch.setattr(finetune, "_SPARE_BYTES", 2**60)

    with pytest.raises(ConfigError, match=r"MiB free; training needs"):
        fine_tune(data, tmp_path / "club", base=base, how=SHORT)

    assert not list(tmp_path.glob("club*"))


def test_weights_that_nobody_trusts_are_refused(base, data, tmp_path):
    other = tmp_path / "other.pt"
    other.write_bytes(b"anything")

    with pytest.raises(ModelError, match=r"biomech models trust"):
        fine_tune(data, tmp_path / "club", base=other, how=SHORT)


@pytest.mark.parametrize(
    "knobs", [{"epochs": 0}, {"held_out_share": 1.0}, {"imgsz": 100}]
)
def test_knobs_out_of_range_are_refused(knobs):
    name = next(iter(knobs))

    with pytest.raises(ConfigError, match=name):
        FineTuning(**knobs)
