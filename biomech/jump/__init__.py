"""Jumps: events, heights by two methods, push, landing."""

from biomech.jump.events import jump_events, jumps
from biomech.jump.metrics import jump_metrics

__all__ = ["jump_events", "jump_metrics", "jumps"]
