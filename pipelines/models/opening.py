"""From weights on disk to an engine that computes them."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from biomech.errors import ConfigError, ModelError
from pipelines.models.conversion import Converted, convert, load_torch
from pipelines.models.devices import has_cuda, require_device
from pipelines.models.engines import (
    Engine,
    OnnxEngine,
    OpenVinoEngine,
    Pictures,
    TorchEngine,
)
from pipelines.models.network import Network
from pipelines.models.protocol import Points
from pipelines.models.quiet import import_ultralytics
from pipelines.models.sources import ModelSource
from pipelines.models.streams import available_cpus

Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "f32", "f16", "bf16"]
DEVICES: tuple[str, ...] = get_args(Device)
PRECISIONS: tuple[str, ...] = get_args(Precision)
ENGINES = ("auto", "openvino", "onnxruntime", "torch")

#: What a converted network may differ from torch, in pixels of the input plus a share
#: of the value. Engines in float32 differ by up to 4e-4 px here; a wrong one by pixels.
_TOLERANCE_PX, _TOLERANCE_SHARE = 1e-2, 1e-4

#: Compares the engine's output for the first picture with torch's; returns an engine
#: to use instead and what to write down about it, or None if all is well.
FirstCheck = Callable[[Pictures, Points], tuple[Engine, str] | None]


@dataclass(frozen=True)
class Computing:
    """How to compute, with every ``auto`` decided.

    Attributes
    ----------
    device
        ``cpu``, ``cuda`` or ``mps``.
    precision
        ``f32``, ``f16`` or ``bf16``.
    engine
        ``auto``, ``openvino``, ``onnxruntime`` or ``torch``.
    batch
        Pictures per call on a graphics card.
    n_streams
        Threads on a processor.
    """

    device: str
    precision: str
    engine: str
    batch: int
    n_streams: int

    @classmethod
    def decide(
        cls,
        *,
        device: str,
        precision: str,
        engine: str,
        batch: int,
        n_streams: int | None,
    ) -> "Computing":
        """Decide what ``auto`` means on this machine.

        Raises
        ------
        ConfigError
            If a value is unknown, or two exclude each other.
        ModelError
            If the device is not to be had.
        """
        _refuse_unknown(device=device, precision=precision, engine=engine)
        require_device(device)
        if device == "auto":
            device = "cuda" if has_cuda() else "cpu"
        if precision == "auto":
            precision = "f16" if device == "cuda" else "f32"
        allowed = {"cpu": ("f32", "bf16"), "cuda": ("f32", "f16"), "mps": ("f32",)}
        if precision not in allowed[device]:
            msg = f"{device} computes in {allowed[device]}, not in {precision!r}"
            raise ConfigError(msg)
        return cls(device, precision, engine, batch, n_streams or available_cpus())


def open_network(
    source: ModelSource, computing: Computing
) -> tuple[Engine, Network, FirstCheck | None]:
    """Open weights of any kind.

    Parameters
    ----------
    source
        Weights that may be opened.
    computing
        How to compute.

    Returns
    -------
    The engine, the network's description, and a check that is due on the first picture.

    Raises
    ------
    ModelError
        If the file is of an unknown kind, or is no pose network.
    """
    path = source.path
    match path.suffix.lower():
        case ".pt":
            return _open_weights(source, computing)
        case ".onnx":
            return *_open_onnx(path, computing), None
        case ".engine":
            return *_open_tensorrt(path, computing), None
        case ".xml" | "" if _openvino_file(path):
            return *_open_openvino(path, computing), None
    msg = (
        f"{path} is no pose model that can be opened here; allowed are .pt, .onnx, "
        ".engine, the folder of an OpenVINO model (with its .xml) and .task"
    )
    raise ModelError(msg)


def _open_weights(
    source: ModelSource, computing: Computing
) -> tuple[Engine, Network, FirstCheck | None]:
    """Open a ``.pt``: as it is by torch, converted by the faster engines."""
    engine = _engine_for_weights(computing)
    if engine == "torch":
        torch_network, metadata = load_torch(source.path)
        network = Network.from_metadata(metadata, path=source.path)
        return _torch_engine(torch_network, computing), network, None
    target = "onnx" if engine == "onnxruntime" else "openvino"
    converted = convert(source.path, sha256=source.sha256, target=target)
    network = Network.from_metadata(converted.metadata, path=source.path)
    if target == "onnx":
        opened: Engine = _onnx_engine(converted.onnx, computing)
    else:
        opened = _openvino_engine(converted.openvino, computing)
    if converted.is_checked or computing.precision != "f32":
        return opened, network, None
    return opened, network, _check_against_torch(source.path, converted, computing)


def _open_onnx(path: Path, computing: Computing) -> tuple[Engine, Network]:
    wants_openvino = computing.engine in {"auto", "openvino"}
    if computing.device == "cpu" and wants_openvino and find_spec("openvino"):
        return _open_openvino(path, computing)
    if find_spec("onnxruntime") is None:
        msg = f"{path} needs OpenVINO or ONNX Runtime: pip install onnxruntime"
        raise ModelError(msg)
    engine = _onnx_engine(path, computing)
    return engine, Network.from_metadata(engine.metadata, path=path)


def _open_openvino(path: Path, computing: Computing) -> tuple[Engine, Network]:
    """Open an OpenVINO model, or an ONNX one with OpenVINO."""
    file = _openvino_file(path) or path
    engine = _openvino_engine(file, computing)
    description = file.parent / "metadata.yaml"
    if file.suffix == ".xml" and not description.is_file():
        msg = f"{description} is missing; ultralytics writes it beside the .xml"
        raise ModelError(msg)
    metadata = _yaml(description) if file.suffix == ".xml" else engine.metadata
    return engine, Network.from_metadata(metadata, path=path)


def _open_tensorrt(path: Path, computing: Computing) -> tuple[Engine, Network]:
    """Open what only ultralytics can: a plan of TensorRT."""
    import_ultralytics()
    import torch
    from ultralytics.nn.autobackend import AutoBackend

    half = computing.precision == "f16"
    try:
        backend = AutoBackend(str(path), torch.device(computing.device), fp16=half)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        msg = f"{path} cannot be opened by TensorRT on {computing.device}: {error}"
        raise ModelError(msg) from error
    network = Network.from_metadata(backend.metadata, path=path)
    engine = TorchEngine(
        backend,
        device=computing.device,
        precision="f16" if backend.fp16 else "f32",
        batch=computing.batch,
        name="tensorrt",
    )
    return engine, network


def _check_against_torch(
    path: Path, converted: Converted, computing: Computing
) -> FirstCheck:
    """Make the check that a new conversion has to pass on its first picture."""

    def check(pictures: Pictures, output: Points) -> tuple[Engine, str] | None:
        torch_network, _ = load_torch(path)
        reference = _torch_engine(torch_network, computing)
        wanted = reference(pictures)
        difference = np.abs(output - wanted)
        if (difference <= _TOLERANCE_PX + _TOLERANCE_SHARE * np.abs(wanted)).all():
            converted.mark_checked(largest_difference_px=float(difference.max()))
            return None
        note = (
            f"the converted network differed from torch by {difference.max():.3g} px "
            "on the first frame, so torch computed instead"
        )
        return reference, note

    return check


def _engine_for_weights(computing: Computing) -> str:
    """Choose what computes a ``.pt``."""
    if computing.device != "cpu":
        return "torch"
    if computing.precision == "bf16":
        return "openvino"
    if computing.engine != "auto":
        return computing.engine
    if find_spec("openvino"):
        return "openvino"
    return "onnxruntime" if find_spec("onnxruntime") and find_spec("onnx") else "torch"


def _openvino_engine(path: Path, computing: Computing) -> OpenVinoEngine:
    return OpenVinoEngine(
        path, precision=computing.precision, n_streams=computing.n_streams
    )


def _onnx_engine(path: Path, computing: Computing) -> OnnxEngine:
    return OnnxEngine(
        path,
        device=computing.device,
        n_streams=computing.n_streams,
        batch=computing.batch if computing.device != "cpu" else 1,
    )


def _torch_engine(network: Any, computing: Computing) -> TorchEngine:
    return TorchEngine(
        network,
        device=computing.device,
        precision=computing.precision,
        batch=computing.batch,
    )


def _openvino_file(path: Path) -> Path | None:
    """Find the .xml of an OpenVINO model."""
    if path.is_dir():
        return next(iter(sorted(path.glob("*.xml"))), None)
    return path if path.suffix.lower() == ".xml" else None


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    with path.open(encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


def _refuse_unknown(*, device: str, precision: str, engine: str) -> None:
    allowed = {"device": DEVICES, "precision": PRECISIONS, "engine": ENGINES}
    given = {"device": device, "precision": precision, "engine": engine}
    wrong = [
        f"{what} {value!r} (allowed are {', '.join(allowed[what])})"
        for what, value in given.items()
        if value not in allowed[what]
    ]
    if wrong:
        msg = f"unknown {'; '.join(wrong)}"
        if precision == "int8":
            msg += (
                ". For int8 quantise the model with calibration pictures first (yolo "
                "export format=openvino int8=True data=...) and name its folder"
            )
        raise ConfigError(msg)
