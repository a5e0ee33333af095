"""Figures: a table in, matplotlib axes out. One function per figure."""

from reports.plots.bars import plot_asymmetry, plot_sequence
from reports.plots.curves import plot_cycles, plot_cycles_together, plot_signals
from reports.plots.intervals import plot_athletes, plot_changes
from reports.plots.paths import plot_path
from reports.plots.plane import plot_swing_plane
from reports.plots.svg import figure, to_svg, translate

__all__ = [
    "figure",
    "plot_asymmetry",
    "plot_athletes",
    "plot_changes",
    "plot_cycles",
    "plot_cycles_together",
    "plot_path",
    "plot_sequence",
    "plot_signals",
    "plot_swing_plane",
    "to_svg",
    "translate",
]
