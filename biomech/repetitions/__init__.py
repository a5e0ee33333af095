"""Repetitions of any periodic signal: segmentation, events, metrics."""

from biomech.repetitions.metrics import repetition_metrics
from biomech.repetitions.segmentation import repetition_events, repetitions

__all__ = ["repetition_events", "repetition_metrics", "repetitions"]
