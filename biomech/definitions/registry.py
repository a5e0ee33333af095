"""All cards together."""

from biomech.definitions import (
    contact,
    gait,
    ground,
    jump,
    repetitions,
    running,
    swing,
)
from biomech.definitions.card import Definition
from biomech.errors import ConfigError, did_you_mean

#: Every card, in the order of the activities.
CARDS: tuple[Definition, ...] = (
    *gait.CARDS,
    *contact.CARDS,
    *ground.CARDS,
    *jump.CARDS,
    *repetitions.CARDS,
    *running.CARDS,
    *swing.CARDS,
)

#: Every card by the id of its metric.
DEFINITIONS: dict[str, Definition] = {card.metric: card for card in CARDS}


def definition(metric: str, /) -> Definition:
    """Look up the card of a metric.

    Parameters
    ----------
    metric
        Its id, such as ``"cadence"``.

    Returns
    -------
    The card.

    Raises
    ------
    ConfigError
        If there is no such metric; the message suggests the nearest.
    """
    if metric not in DEFINITIONS:
        msg = f"unknown metric {metric!r}" + did_you_mean(metric, DEFINITIONS)
        raise ConfigError(msg)
    return DEFINITIONS[metric]


def explain(metric: str, /) -> str:
    """Explain a metric in plain words: unit, definition, needs, source.

    Parameters
    ----------
    metric
        Its id, such as ``"cadence"``.

    Returns
    -------
    The card as text.

    Raises
    ------
    ConfigError
        If there is no such metric.
    """
    return str(definition(metric))
