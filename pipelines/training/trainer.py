"""The trainer of ultralytics, lent what it lacks, and its errors made ours."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from biomech.errors import ModelError
from pipelines.models.quiet import import_ultralytics


def run_trainer(base: Path, data: Path, folder: Path, /, **options: Any) -> Path:
    """Train with ultralytics.

    Parameters
    ----------
    base
        Weights to start from.
    data
        The ``data.yaml``.
    folder
        Where it keeps what it writes.
    **options
        Of its ``train``; ``imgsz`` is by default the base's.

    Returns
    -------
    The best weights.

    Raises
    ------
    ModelError
        If the training fails.
    """
    ultralytics = import_ultralytics()
    with _torchvision():
        network = ultralytics.YOLO(str(base), task="pose")
        own = {"imgsz": int(network.overrides.get("imgsz", 640))}
        try:
            network.train(
                data=str(data),
                project=str(folder.resolve()),
                name="run",
                exist_ok=True,
                plots=False,
                verbose=False,
                workers=0 if sys.platform == "win32" else 2,
                **(own | options),
            )
        except (RuntimeError, ValueError, OSError) as error:
            msg = f"training failed: {error}"
            raise ModelError(msg) from error
    best = folder / "run" / "weights" / "best.pt"
    if not best.is_file():
        msg = f"training ended without weights in {best.parent}"
        raise ModelError(msg)
    return best


@contextlib.contextmanager
def _torchvision() -> Iterator[None]:
    """Lend ultralytics' trainer the one function of torchvision that it calls.

    The torchvision of the package index does not load beside a torch without CUDA; its
    non-maximum suppression is then done by ultralytics' own.
    """
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError, OSError):
        from ultralytics.utils.nms import TorchNMS

        broken = [name for name in sys.modules if name.split(".")[0] == "torchvision"]
        for name in broken:
            del sys.modules[name]
        lent: Any = ModuleType("torchvision")
        lent.ops = SimpleNamespace(nms=TorchNMS.nms)
        lent.__version__ = "0"
        sys.modules["torchvision"] = lent
        try:
            yield
        finally:
            del sys.modules["torchvision"]
    else:
        yield
