"""Swings, strikes and throws: events, planes, the kinematic sequence, metrics."""

from biomech.swing.events import swing_events, swings
from biomech.swing.metrics import swing_metrics
from biomech.swing.plane import swing_plane
from biomech.swing.sequence import kinematic_sequence

__all__ = [
    "kinematic_sequence",
    "swing_events",
    "swing_metrics",
    "swing_plane",
    "swings",
]
