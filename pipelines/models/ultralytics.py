"""Pose networks of ultralytics: YOLO26, YOLO11, YOLOv8 and their offspring."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from importlib.metadata import version
from multiprocessing.pool import ThreadPool
from pathlib import Path

from biomech.errors import ConfigError
from biomech.skeletons import Skeleton
from pipelines.models.decode import MIN_SCORE, decode
from pipelines.models.engines import Engine, Pictures
from pipelines.models.letterbox import Letterbox
from pipelines.models.network import Layout, Network, layout_of
from pipelines.models.opening import Computing, FirstCheck, open_network
from pipelines.models.protocol import Detections, Frame, ModelInfo
from pipelines.models.second_look import seen_again, views_of
from pipelines.models.sources import ModelSource
from pipelines.models.streams import map_watched


class YoloPose:
    """A YOLO pose network on some engine.

    Parameters
    ----------
    engine
        What computes.
    network
        The network's description.
    layout
        Which keypoints to give.
    info
        What to write down.
    imgsz
        Longer side of the input in pixels, a multiple of the stride.
    min_score
        Drop people below this score.
    second_look
        Look again at small people, see `pipelines.models.second_look`.
    check
        Compares the engine with torch on the first picture, and may replace it.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        network: Network,
        layout: Layout,
        info: ModelInfo,
        imgsz: tuple[int, int],
        min_score: float = MIN_SCORE,
        second_look: bool = False,
        check: FirstCheck | None = None,
    ) -> None:
        self._engine = engine
        self._network = network
        self._layout = layout
        self._info = info
        self._imgsz = imgsz
        self._min_score = min_score
        self._closer_px = _half(imgsz, network.stride) if second_look else None
        self._first_check = check
        self._pool = ThreadPool(engine.n_streams)
        self._letterbox = lru_cache(maxsize=16)(self._fit)

    @property
    def info(self) -> ModelInfo:
        """What this model is and how it computes."""
        return self._info

    @property
    def skeleton(self) -> Skeleton:
        """The keypoints, in the order of `Detections.keypoints`."""
        return self._layout.skeleton

    def __call__(self, frames: Sequence[Frame], /) -> list[Detections]:
        """Find the people in pictures, which may differ in size."""
        if frames and self._first_check is not None:
            self._check(frames[0])
        found = self._look(frames, self._imgsz)
        if self._closer_px is None:
            return found
        side = self._closer_px
        views = views_of(frames, found, imgsz=max(self._imgsz), size_px=side)
        closer = self._look([view.image for view in views], (side, side))
        return seen_again(frames, found, views, closer)

    def reset(self) -> None:
        """Do nothing: every picture stands for itself."""

    def close(self) -> None:
        """End the threads."""
        self._pool.terminate()

    def _look(
        self, frames: Sequence[Frame], imgsz: tuple[int, int]
    ) -> list[Detections]:
        """Find the people in pictures, scaled to an input of at most this size."""
        chunks = _chunks(frames, size=self._engine.batch)
        detect = partial(self._detect, imgsz=imgsz)
        found = map_watched(self._pool, detect, chunks)
        return [people for chunk in found for people in chunk]

    def _detect(
        self, frames: Sequence[Frame], imgsz: tuple[int, int]
    ) -> list[Detections]:
        """Find the people in pictures of one size."""
        letterbox = self._letterbox(frames[0].shape[:2], imgsz)
        outputs = self._engine(_inputs(frames, letterbox))
        columns = list(self._layout.columns)
        found = [
            decode(
                output,
                head=self._network.head,
                letterbox=letterbox,
                min_score=self._min_score,
            )
            for output in outputs
        ]
        return [replace(f, keypoints=f.keypoints[:, columns]) for f in found]

    def _fit(self, size: tuple[int, int], imgsz: tuple[int, int]) -> Letterbox:
        stride = None if self._network.fixed else self._network.stride
        return Letterbox.fit(size, network=imgsz, stride=stride)

    def _check(self, frame: Frame) -> None:
        """Compare the engine with torch once; change over if it computes wrongly."""
        check, self._first_check = self._first_check, None
        if check is None:
            return
        letterbox = self._letterbox(frame.shape[:2], self._imgsz)
        pictures = _inputs([frame], letterbox)
        better = check(pictures, self._engine(pictures))
        if better is not None:
            self._engine, note = better
            self._info = replace(
                self._info,
                engine=self._engine.name,
                versions={**self._info.versions, **self._engine.versions},
                notes=(*self._info.notes, note),
            )


def load_yolo(
    source: ModelSource,
    *,
    device: str = "auto",
    precision: str = "auto",
    imgsz: int | None = None,
    batch: int = 8,
    engine: str = "auto",
    n_streams: int | None = None,
    min_score: float = MIN_SCORE,
    second_look: bool | None = None,
) -> YoloPose:
    """Make an ultralytics network ready.

    On a processor a ``.pt`` file is converted once (a few seconds) and computed by
    OpenVINO in float32, or by ONNX Runtime or torch where that is missing; the first
    picture is compared with torch. Graphics cards compute with torch in float16.

    Parameters
    ----------
    source
        The weights; that they may be opened was settled before.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``. Auto takes a graphics card if torch
        sees one.
    precision
        ``auto`` (``f16`` on CUDA, otherwise ``f32``), ``f32``, ``f16``, ``bf16``.
    imgsz
        Longer side of the network's input in pixels; by default what the network was
        trained at.
    batch
        Pictures per call on a graphics card.
    engine
        ``auto``, ``openvino``, ``onnxruntime``, ``torch``.
    n_streams
        Threads on a processor; by default one for each CPU this process may use.
    min_score
        Drop people below this score, 0 to 1.
    second_look
        Whether to look again at small people, see `pipelines.models.second_look`; by
        default with the shipped demonstration model only.

    Returns
    -------
    The model.

    Raises
    ------
    ConfigError
        If an option is unknown, or two exclude each other.
    ModelError
        If the file is not a pose network, or the device is not to be had.
    SkeletonError
        If nothing names the keypoints.
    """
    computing = Computing.decide(
        device=device,
        precision=precision,
        engine=engine,
        batch=batch,
        n_streams=n_streams,
    )
    opened, network, check = open_network(source, computing)
    layout = layout_of(network, weights=source.path)
    size = _input_size(network, imgsz, path=source.path)
    twice = source.is_demo if second_look is None else second_look
    if twice:
        _require_two_sizes(network, path=source.path)
    info = ModelInfo(
        name=source.name,
        path=str(source.path),
        sha256=source.sha256,
        engine=opened.name,
        precision=opened.precision,
        device=opened.device,
        imgsz=max(size),
        second_look=twice,
        skeleton=layout.skeleton.name,
        keypoints=layout.skeleton.keypoints,
        versions={"ultralytics": version("ultralytics"), **opened.versions},
        is_demo=source.is_demo,
        licence=source.licence,
        notes=(source.note,) if source.note else (),
    )
    return YoloPose(
        opened,
        network=network,
        layout=layout,
        info=info,
        imgsz=size,
        min_score=min_score,
        second_look=twice,
        check=check,
    )


def _require_two_sizes(network: Network, *, path: Path) -> None:
    """Refuse a second look, which is smaller, of a network of one size."""
    if network.fixed:
        height, width = network.imgsz
        msg = (
            f"{path} takes pictures of {height} x {width} px only; a second look at "
            "small people needs an export with dynamic=True"
        )
        raise ConfigError(msg)


def _inputs(frames: Sequence[Frame], letterbox: Letterbox) -> Pictures:
    """Fit pictures of one size into the network's input."""
    pictures = letterbox.blank(len(frames))
    for frame, picture in zip(frames, pictures, strict=True):
        letterbox.place(frame, into=picture)
    return pictures


def _chunks(frames: Sequence[Frame], *, size: int) -> list[Sequence[Frame]]:
    """Cut consecutive pictures into batches of one picture size."""
    chunks: list[list[Frame]] = []
    for frame in frames:
        fits = chunks and len(chunks[-1]) < size
        if fits and chunks[-1][0].shape == frame.shape:
            chunks[-1].append(frame)
        else:
            chunks.append([frame])
    return list(chunks)


def _half(imgsz: tuple[int, int], stride: int) -> int:
    """Return half of the longer side, a multiple of the stride."""
    return max(max(imgsz) // 2 // stride, 1) * stride


def _input_size(network: Network, imgsz: int | None, *, path: Path) -> tuple[int, int]:
    """Choose the largest input, height and width."""
    if imgsz is None:
        return network.imgsz
    if network.fixed and imgsz != max(network.imgsz):
        msg = (
            f"{path} was exported for {network.imgsz[0]} x {network.imgsz[1]} px and "
            f"takes no other size (asked for {imgsz}); export it with dynamic=True"
        )
        raise ConfigError(msg)
    if network.fixed:
        return network.imgsz
    if imgsz < network.stride:
        msg = f"imgsz is {imgsz}; at least {network.stride} px are needed"
        raise ConfigError(msg)
    side = -(-imgsz // network.stride) * network.stride
    return side, side
