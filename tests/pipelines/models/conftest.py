"""Small networks with random weights, in folders of their own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipelines.files import sha256_of
from pipelines.models.sources import ModelSource


@pytest.fixture(scope="session", autouse=True)
def _folders_of_their_own(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Keep the user's cache and settings out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("BIOMECH_CACHE", "BIOMECH_CONFIG"):
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        for variable in ("BIOMECH_MODEL", "BIOMECH_WEIGHTS_URL"):
            patch.delenv(variable, raising=False)
        yield


@pytest.fixture
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and empty settings for this test alone."""
    monkeypatch.setenv("BIOMECH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BIOMECH_CONFIG", str(tmp_path / "config"))
    return tmp_path


def build_weights(
    path: Path, *, family: str = "yolo11n", n_keypoints: int = 17
) -> Path:
    """Save a network of random weights whose answers depend on the picture.

    Fresh batch normalisation lets signals die out on their way through the layers, so
    its statistics are taken from some noise first.
    """
    from pipelines.models.quiet import import_ultralytics

    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import PoseModel

    torch.manual_seed(1)
    network = PoseModel(
        f"{family}-pose.yaml", nc=1, data_kpt_shape=(n_keypoints, 3), verbose=False
    )
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.rand(8, 3, 128, 128))
    network.eval()
    head = network.model[-1]
    for layer in (*head.cv3, *(getattr(head, "one2one_cv3", None) or [])):
        layer[-1].bias.data[:] = -2.0
    network.names = {0: "person"}
    torch.save({"model": network, "train_args": {"imgsz": 128}}, path)
    return path


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small YOLO11 pose network, trained at 128 px."""
    return build_weights(tmp_path_factory.mktemp("weights") / "small.pt")


@pytest.fixture(scope="session")
def source(weights: Path) -> ModelSource:
    """The same weights, found and allowed."""
    return ModelSource("small", weights, sha256_of(weights))


@pytest.fixture(scope="session")
def pictures() -> list[np.ndarray]:
    """Three pictures of one size, with large and small structure."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 255, (3, 9, 16, 3), dtype=np.uint8)
    return [np.kron(c, np.ones((12, 12, 1), np.uint8)) for c in coarse]
