"""What computes a YOLO network: OpenVINO, ONNX Runtime, torch or TensorRT.

Every engine takes pictures as they are, (n, height, width, 3) uint8 blue-green-red, and
returns the network's output as float32, (n, ...).

Measured on two cores without a graphics card (yolo11n-pose, 384 x 640 px): OpenVINO in
f32 is 3 times as fast as torch, ONNX Runtime within 5 % of OpenVINO; two streams of one
thread beat one stream of two threads by a fifth, and batches gain nothing.
"""

import threading
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ModelError
from pipelines.models.protocol import Points

Pictures = NDArray[np.uint8]

#: Compiled sizes that an engine keeps. Clips of one season have a few sizes; each
#: compiled network costs some 30 MB.
_KEPT_SIZES = 4


class Engine(Protocol):
    """A network that is ready to compute.

    Attributes
    ----------
    name, precision, device
        Written into `ModelInfo`.
    n_streams
        How many threads may call it at once.
    batch
        How many pictures one call should have.
    versions
        Versions of what computes.
    """

    name: str
    precision: str
    device: str
    n_streams: int
    batch: int
    versions: dict[str, str]

    def __call__(self, pictures: Pictures, /) -> Points:
        """Compute."""
        ...


class OpenVinoEngine:
    """OpenVINO on the CPU: one compiled network per size, one thread per stream.

    Parameters
    ----------
    path
        ``.xml`` or ``.onnx``.
    precision
        ``f32`` or ``bf16``. It is pinned: left alone, OpenVINO computes in bf16 on
        processors that can, and the same file gives other numbers on other machines.
    n_streams
        Number of threads that will call.
    """

    name = "openvino"
    device = "cpu"
    batch = 1

    def __init__(self, path: Path, *, precision: str, n_streams: int) -> None:
        import openvino

        self.precision = precision
        self.n_streams = n_streams
        self.versions = {"openvino": version("openvino")}
        self._core = openvino.Core()
        try:
            self._model = self._core.read_model(path)
        except RuntimeError as error:
            raise ModelError(_unreadable(path, error)) from error
        if _is_quantised(self._model):
            self.precision = "int8"
        self.metadata = _onnx_metadata(self._model)
        self._requests: dict[tuple[int, int], SimpleQueue[Any]] = {}
        self._lock = threading.Lock()

    def __call__(self, pictures: Pictures, /) -> Points:
        """Compute one picture at a time."""
        height, width = pictures.shape[1:3]
        requests = self._requests_for((height, width))
        request = requests.get()
        try:
            outputs = [_first(request.infer({0: p[None]})) for p in pictures]
        finally:
            requests.put(request)
        return np.concatenate(outputs)

    def _requests_for(self, size: tuple[int, int]) -> "SimpleQueue[Any]":
        """Compile for a size at its first use."""
        with self._lock:
            if size not in self._requests:
                compiled = self._compile(size)
                queue: SimpleQueue[Any] = SimpleQueue()
                for _ in range(self.n_streams):
                    queue.put(_warm(compiled.create_infer_request()))
                while len(self._requests) >= _KEPT_SIZES:
                    del self._requests[next(iter(self._requests))]
                self._requests[size] = queue
            return self._requests[size]

    def _compile(self, size: tuple[int, int]) -> Any:
        import openvino

        model = self._model.clone()
        model.reshape([1, 3, *size])
        settings = {
            "INFERENCE_PRECISION_HINT": openvino.Type.bf16
            if self.precision == "bf16"
            else openvino.Type.f32,
            "NUM_STREAMS": self.n_streams,
            "INFERENCE_NUM_THREADS": self.n_streams,
            "ENABLE_CPU_PINNING": False,
        }
        return self._core.compile_model(_taking_bytes(model), "CPU", settings)


class OnnxEngine:
    """ONNX Runtime, on the CPU with one thread per call, or on a CUDA device.

    Parameters
    ----------
    path
        ``.onnx``.
    device
        ``cpu`` or ``cuda``.
    n_streams
        Number of threads that will call.
    batch
        Pictures per call on a graphics card.
    """

    name = "onnxruntime"

    def __init__(self, path: Path, *, device: str, n_streams: int, batch: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        wanted = "CUDAExecutionProvider" if device == "cuda" else "CPUExecutionProvider"
        if wanted not in onnxruntime.get_available_providers():
            msg = (
                f"ONNX Runtime here cannot use the device {device!r}; it offers "
                f"{onnxruntime.get_available_providers()} (pip install onnxruntime-gpu)"
            )
            raise ModelError(msg)
        try:
            self._session = onnxruntime.InferenceSession(path, options, [wanted])
        except _onnx_errors() as error:
            raise ModelError(_unreadable(path, error)) from error
        self._input = self._session.get_inputs()[0]
        half = self._input.type == "tensor(float16)"
        self._dtype = np.dtype(np.float16 if half else np.float32)
        self.precision = "f16" if half else "f32"
        self.device = device
        self.n_streams = 1 if device == "cuda" else n_streams
        # An export with a fixed batch takes no other.
        fixed = self._input.shape[0]
        self._fixed_batch = fixed if isinstance(fixed, int) else None
        self.batch = self._fixed_batch or batch
        self.versions = {"onnxruntime": version("onnxruntime")}
        self.metadata = self._session.get_modelmeta().custom_metadata_map

    def __call__(self, pictures: Pictures, /) -> Points:
        """Compute."""
        planes = pictures[..., ::-1].transpose(0, 3, 1, 2).astype(self._dtype) / 255
        if self._fixed_batch and len(planes) < self._fixed_batch:
            planes = np.resize(planes, (self._fixed_batch, *planes.shape[1:]))
        (output, *_) = self._session.run(None, {self._input.name: planes})
        result: Points = output[: len(pictures)].astype(np.float32, copy=False)
        return result


class TorchEngine:
    """PyTorch, in the process: the reference, and the engine of graphics cards.

    Parameters
    ----------
    network
        A torch module, or an ultralytics ``AutoBackend`` (for TensorRT).
    device
        ``cpu``, ``cuda`` or ``mps``.
    precision
        ``f32`` or ``f16``.
    batch
        Pictures per call.
    name
        ``torch``, or what runs inside.
    """

    def __init__(
        self,
        network: Any,
        *,
        device: str,
        precision: str,
        batch: int,
        name: str = "torch",
    ) -> None:
        import torch

        self.name = name
        self.device = device
        self.precision = precision
        self.batch = batch
        # A second thread fits pictures into the input while a graphics card computes.
        self.n_streams = 1 if device == "cpu" else 2
        self.versions = {"torch": str(torch.__version__)}
        self._torch = torch
        self._lock = threading.Lock()
        self._dtype = torch.float16 if precision == "f16" else torch.float32
        self._network = network.to(device=device, dtype=self._dtype)

    def __call__(self, pictures: Pictures, /) -> Points:
        """Compute."""
        torch = self._torch
        planes = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).flip(1)
        with self._lock, torch.inference_mode():
            output = self._network(planes.to(self._dtype) / 255)
        while isinstance(output, list | tuple):
            output = output[0]
        result: Points = output.float().cpu().numpy()
        return result


def _unreadable(path: Path, error: Exception) -> str:
    last = str(error).strip().splitlines()[-1]
    return f"{path} cannot be opened as a network: {last}"


def _onnx_errors() -> tuple[type[Exception], ...]:
    """List what ONNX Runtime raises for a file it cannot use; it has no base class."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile")
    return tuple(getattr(state, name) for name in (*names, "NotImplemented"))


def _warm(request: Any) -> Any:
    """Compute once, on one thread.

    The first use of a request fetches numpy's C interface inside OpenVINO. Two threads
    that do so at the same moment wait for each other for ever, one holding Python's
    lock and the other the C++ one (seen with OpenVINO 2026.4.1).
    """
    request.infer({0: np.zeros(request.get_input_tensor(0).shape, np.uint8)})
    return request


def _first(results: Any) -> Points:
    """Copy the first output; the request will overwrite its own."""
    output: Points = np.array(results[0], np.float32)
    return output


def _onnx_metadata(model: Any) -> dict[str, str]:
    """Read what an ONNX file says about itself; empty for OpenVINO's own files."""
    said = model.get_rt_info()
    if "framework" not in said:
        return {}
    return {key: str(value.value) for key, value in said["framework"].items()}


def _taking_bytes(model: Any) -> Any:
    """Let the graph itself turn bytes, blue first, into the planes of a network."""
    from openvino import Type
    from openvino.preprocess import ColorFormat, PrePostProcessor

    steps = PrePostProcessor(model)
    picture = steps.input()
    picture.tensor().set_element_type(Type.u8)
    picture.tensor().set_layout("NHWC").set_color_format(ColorFormat.BGR)
    picture.model().set_layout("NCHW")
    picture.preprocess().convert_element_type(Type.f32)
    picture.preprocess().convert_color(ColorFormat.RGB).scale(255.0)
    return steps.build()


def _is_quantised(model: Any) -> bool:
    return any(op.get_type_name() == "FakeQuantize" for op in model.get_ops())
