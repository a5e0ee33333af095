"""Figures without global state, and their way into a page as inline SVG."""

import io
import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, Formatter

from reports.style import ACCENT, GRID, INK, MUTED, NEUTRAL, PAPER, RC

#: Colours of figures that follow the page: drawn in one, shown in the other.
_FOLLOW = {INK: "var(--ink)", MUTED: "var(--muted)", GRID: "var(--grid)"}
_FOLLOW |= {PAPER: "var(--paper)", ACCENT: "var(--accent)", NEUTRAL: "var(--muted)"}


def figure(width: float = 4.8, height: float = 2.4) -> Axes:
    """Make a figure with one pair of axes in the style of the project.

    Parameters
    ----------
    width, height
        In inches; a page scales them.

    Returns
    -------
    The axes; their figure is ``axes.figure``.
    """
    with mpl.rc_context(RC):
        fig = Figure(figsize=(width, height), layout="constrained")
        return fig.subplots()


def to_svg(axes: Axes, /, *, title: str, prefix: str) -> str:
    """Turn a figure into SVG that can stand inside a page.

    Parameters
    ----------
    axes
        Any axes of the figure.
    title
        What the figure shows, for people who cannot see it.
    prefix
        Begins every id, so that figures of one page do not mix; letters and digits.

    Returns
    -------
    An ``<svg>`` element with ``role="img"``, a title and a viewBox; the same figure
    gives the same text.
    """
    text = _saved(axes.figure)
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{prefix}-", body)
    body = re.sub(r' (width|height)="[\d.]+pt"', "", body, count=2)
    for drawn, shown in _FOLLOW.items():
        body = body.replace(drawn.lower(), shown)
    label = _escape(title)
    opening = f'<svg role="img" aria-label="{label}" '
    return body.replace("<svg ", opening, 1).strip()


def _saved(fig: Any) -> str:
    """Save a figure as SVG, without dates, in the style of the project."""
    buffer = io.StringIO()
    with mpl.rc_context(RC):
        fig.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def translate(
    axes: Axes, words: Mapping[str, str], /, *, decimal_mark: str = "."
) -> Axes:
    """Put the words of a figure into another language.

    Parameters
    ----------
    axes
        The axes.
    words
        What is written now -> what shall be written. A text that is not there stays;
        of ``left (n = 3)`` the first word is looked up.
    decimal_mark
        Of the numbers on the axes.

    Returns
    -------
    The same axes.
    """

    def say(text: str) -> str:
        first, space, rest = text.partition(" ")
        return words.get(text) or words.get(first, first) + space + rest

    legend = axes.get_legend()
    texts = [axes.xaxis.label, axes.yaxis.label, axes.title, *axes.texts]
    texts += legend.get_texts() if legend else []
    for text in texts:
        text.set_text(say(text.get_text()))
    for axis in (axes.xaxis, axes.yaxis):
        if isinstance(axis.get_major_locator(), FixedLocator):
            labels = [say(label.get_text()) for label in axis.get_ticklabels()]
            axis.set_ticks(axis.get_majorticklocs(), labels)
        elif decimal_mark != ".":
            axis.set_major_formatter(_Marked(axis.get_major_formatter(), decimal_mark))
    return axes


class _Marked(Formatter):
    """Numbers of another formatter with another decimal mark."""

    def __init__(self, plain: Formatter, mark: str) -> None:
        self.plain, self.mark = plain, mark

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write one number."""
        return self.plain(x, pos).replace(".", self.mark)

    def set_locs(self, locs: Any) -> None:
        """Tell where the numbers stand: that decides how many digits they have."""
        self.plain.set_locs(locs)

    def get_offset(self) -> str:
        """Write what is common to all numbers."""
        return self.plain.get_offset()


def _escape(text: str) -> str:
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(raw, safe)
    return text


def span_of(axes: Axes, /) -> tuple[float, float, float, float]:
    """Say where time lies in the picture, for a cursor that follows the video.

    Parameters
    ----------
    axes
        Axes with time in seconds from left to right.

    Returns
    -------
    Seconds at the left and right edge of the axes, and these edges as shares of the
    width of the figure. Call it after `to_svg`: the layout is made when drawing.
    """
    box = axes.get_position()
    low, high = axes.get_xlim()
    return float(low), float(high), float(box.x0), float(box.x1)
