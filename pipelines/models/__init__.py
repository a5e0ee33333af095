"""Pose models behind one Protocol: pictures in, people out."""

from pipelines.models.devices import require_device
from pipelines.models.loading import load_model
from pipelines.models.protocol import (
    DEMO_WARNING,
    Detections,
    ModelInfo,
    PoseModel,
)
from pipelines.models.registry import DEMO_MODEL, OFFICIAL, find_model, get_model
from pipelines.models.sources import ModelSource

__all__ = [
    "DEMO_MODEL",
    "DEMO_WARNING",
    "OFFICIAL",
    "Detections",
    "ModelInfo",
    "ModelSource",
    "PoseModel",
    "find_model",
    "get_model",
    "load_model",
    "require_device",
]
