"""One card per metric: what it is, in which unit, from where, and when it can be had.

`biomech explain METRIC` prints a card; reports and documents use the same text.
"""

from biomech.definitions.card import Definition
from biomech.definitions.registry import DEFINITIONS, definition, explain

__all__ = ["DEFINITIONS", "Definition", "definition", "explain"]
