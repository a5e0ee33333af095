"""From a name to a model that finds people."""

from pathlib import Path

from pipelines.models.decode import MIN_SCORE
from pipelines.models.protocol import PoseModel
from pipelines.models.registry import find_model
from pipelines.models.sources import ModelSource


def load_model(
    model: str | Path | ModelSource | None = None,
    /,
    *,
    device: str = "auto",
    precision: str = "auto",
    imgsz: int | None = None,
    batch: int = 8,
    engine: str = "auto",
    n_streams: int | None = None,
    min_score: float = MIN_SCORE,
    max_people: int = 4,
    second_look: bool | None = None,
) -> PoseModel:
    """Make a pose model ready.

    Parameters
    ----------
    model
        A name (``yolo26n-pose``, ``blazepose``, ``biomech-s1``), a file (``.pt``,
        ``.onnx``, ``.engine``, ``.task``), the folder of an OpenVINO model, or what
        `find_model` gave; None chooses as `find_model` says.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``. Auto takes CUDA where torch sees it.
    precision
        ``auto`` (``f16`` on CUDA, otherwise ``f32``), ``f32``, ``f16``, ``bf16``.
    imgsz
        Longer side of a YOLO network's input in pixels; by default what the network was
        trained at.
    batch
        Pictures per call on a graphics card.
    engine
        For YOLO: ``auto``, ``openvino``, ``onnxruntime``, ``torch``.
    n_streams
        Threads on a processor; by default one for each CPU this process may use. Give 1
        in each of several worker processes.
    min_score
        Drop people below this score, 0 to 1.
    max_people
        For BlazePose: the most people it looks for.
    second_look
        For YOLO: whether to cut out people who are small in the input and to look at
        them again; by default with the shipped demonstration model only.

    Returns
    -------
    The model; its `info` says what it is and what must be told to the user.

    Raises
    ------
    ModelError
        If there is no such model, it is not trusted, or cannot run here.
    ConfigError
        If an option is unknown, or two exclude each other.
    SkeletonError
        If nothing says what the model's keypoints are.
    """
    source = model if isinstance(model, ModelSource) else find_model(model)
    if source.path.suffix.lower() == ".task":
        from pipelines.models.mediapipe import load_blazepose

        return load_blazepose(source, max_people=max_people, min_score=min_score)
    from pipelines.models.ultralytics import load_yolo

    return load_yolo(
        source,
        device=device,
        precision=precision,
        imgsz=imgsz,
        batch=batch,
        engine=engine,
        n_streams=n_streams,
        min_score=min_score,
        second_look=second_look,
    )
