"""From a ``.pt`` file to what the fast engines read, once per file of weights."""

import contextlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from biomech.errors import ModelError
from pipelines.models.places import cache_dir
from pipelines.models.quiet import import_ultralytics

#: Counted up when the conversion itself changes, so that old files are not used.
_RECIPE = 1


@dataclass(frozen=True)
class Converted:
    """A converted network on disk.

    Attributes
    ----------
    folder
        Where it lies.
    metadata
        The network's description, as `Network.from_metadata` reads it.
    """

    folder: Path
    metadata: Mapping[str, Any]

    @property
    def openvino(self) -> Path:
        """The OpenVINO model."""
        return self.folder / "model.xml"

    @property
    def onnx(self) -> Path:
        """The ONNX model."""
        return self.folder / "model.onnx"

    @property
    def is_checked(self) -> bool:
        """Whether its output was compared with torch's on a real picture."""
        return (self.folder / "checked.json").exists()

    def mark_checked(self, *, largest_difference_px: float) -> None:
        """Note that the comparison went well."""
        text = json.dumps({"largest_difference_px": largest_difference_px})
        (self.folder / "checked.json").write_text(text, "utf-8")


def load_torch(path: Path, /) -> tuple[Any, dict[str, Any]]:
    """Open a ``.pt`` file; the caller has made sure that it may be.

    Parameters
    ----------
    path
        Weights of an ultralytics pose model.

    Returns
    -------
    The fused network in evaluation mode with one output for each anchor, and its
    description.

    Raises
    ------
    ModelError
        If the file is not such weights.

    Notes
    -----
    A YOLO26 network has two heads. We take the one-to-many head and remove double
    boxes ourselves, as ``model.predict`` of ultralytics 8.4 does, on every engine.
    """
    import_ultralytics()
    from ultralytics.nn.tasks import load_checkpoint

    try:
        network, _ = load_checkpoint(str(path))
    except (TypeError, ModuleNotFoundError, AttributeError, KeyError) as error:
        msg = (
            f"{path} cannot be opened as ultralytics weights: {error}. Weights with "
            "classes of their own need ULTRALYTICS_SAFE_LOAD=0, which lets the file "
            "run any program"
        )
        raise ModelError(msg) from error
    metadata = _metadata(network)
    if metadata["task"] == "pose":
        network.end2end = False
        network = network.fuse(verbose=False)
    return network.eval().float(), metadata


def convert(path: Path, /, *, sha256: str, target: str) -> Converted:
    """Convert weights for a fast engine, or find them converted.

    Parameters
    ----------
    path
        A ``.pt`` file that may be opened.
    sha256
        Its digest; the converted network lies in the cache under this name.
    target
        ``openvino`` or ``onnx``.

    Returns
    -------
    The converted network, which takes pictures of any size.
    """
    name = f"{sha256[:20]}-{target}-{_RECIPE}-{version('ultralytics')}"
    folder = cache_dir() / "converted" / name
    description = folder / "network.json"
    if not description.exists():
        network, metadata = load_torch(path)
        with _appearing(folder) as part:
            _write(network, part, target=target)
            text = json.dumps({**metadata, "dynamic": True})
            (part / description.name).write_text(text, "utf-8")
    return Converted(folder, json.loads(description.read_text("utf-8")))


def _metadata(network: Any) -> dict[str, Any]:
    """Describe a torch network in the words that ultralytics puts into its exports."""
    arguments = getattr(network, "args", None)
    trained_at = arguments.get("imgsz", 640) if isinstance(arguments, dict) else 640
    head = network.model[-1]
    is_pose = hasattr(head, "kpt_shape")
    described = {
        "task": "pose" if is_pose else getattr(network, "task", None),
        "stride": max(int(network.stride.max()), 32),
        "names": dict(network.names),
        "imgsz": trained_at,
        "end2end": False,
        "dynamic": True,
    }
    keypoints = {
        "kpt_shape": getattr(head, "kpt_shape", None),
        "kpt_names": getattr(network, "kpt_names", None),
    }
    return described | {k: v for k, v in keypoints.items() if v is not None}


def _write(network: Any, folder: Path, *, target: str) -> None:
    """Trace a network with sizes left open, and save it."""
    import torch

    head = network.model[-1]
    head.export, head.dynamic, head.format = True, True, target
    example = torch.zeros(1, 3, 256, 320)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch remarks on branches that are settled
        network(example)
        if target == "openvino":
            _write_openvino(network, example, folder / "model.xml")
        else:
            _write_onnx(network, example, folder / "model.onnx")


def _write_openvino(network: Any, example: Any, path: Path) -> None:
    import openvino
    import torch

    traced = torch.jit.trace(network, example, strict=False, check_trace=False)
    model = openvino.convert_model(traced, input=[-1, 3, -1, -1], example_input=example)
    openvino.save_model(model, path, compress_to_fp16=False)


def _write_onnx(network: Any, example: Any, path: Path) -> None:
    import torch

    torch.onnx.export(
        network,
        (example,),
        path,
        opset_version=17,
        input_names=["images"],
        output_names=["output0"],
        dynamic_axes={
            "images": {0: "batch", 2: "height", 3: "width"},
            "output0": {0: "batch", 2: "anchors"},
        },
        dynamo=False,
    )


@contextlib.contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Fill a folder out of sight, then give it its name; the first one wins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        yield part
        with contextlib.suppress(OSError):  # another process was faster
            os.rename(part, folder)  # noqa: PTH104 - replaces nothing that is filled
    finally:
        shutil.rmtree(part, ignore_errors=True)
