"""Colours and type that mean the same everywhere: on video, in curves, on pages."""

from typing import Any

#: Sides of the body, from the palette of Okabe and Ito (2008), which people with any
#: kind of colour vision can tell apart.
LEFT = "#0072B2"
RIGHT = "#D55E00"
#: What belongs to neither side, on a picture.
MIDDLE = "#F0E442"
#: What belongs to neither side, on paper.
NEUTRAL = "#4D5A66"
#: The one accent: what a reader should look at.
ACCENT = "#00786C"
#: Text, quiet text, lines of the grid, paper. Figures are drawn in these; pages replace
#: them by their own variables, so that figures follow light and dark.
INK, MUTED, GRID, PAPER = "#1B2430", "#5A6673", "#DCE2E8", "#FFFFFF"

#: Colour of a side; None is neither.
SIDE_COLOUR: dict[str | None, str] = {"left": LEFT, "right": RIGHT, None: NEUTRAL}

#: Settings of matplotlib for every figure of the project.
RC: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "biomech",
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.color": MUTED,
    "ytick.labelsize": 8.5,
}


def colour_of(name: str, /) -> str:
    """Give the colour of a column, a metric or a keypoint by its side.

    Parameters
    ----------
    name
        Such as ``"left_knee_flexion_deg"``.

    Returns
    -------
    A hexadecimal colour.
    """
    side = name.split("_", 1)[0]
    return SIDE_COLOUR.get(side, NEUTRAL)
