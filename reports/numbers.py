"""Numbers as people read them, in the language of the page."""

from biomech.units import UNITS, label_of
from reports.words import Words

_DIGITS = {"deg": 1, "pct": 1, "spm": 1, "px": 0, "deg_s": 0, "ms": 0, "": 0}


def decimal(value: float, digits: int, words: Words, /) -> str:
    """Write a number with some decimals.

    Parameters
    ----------
    value
        The number.
    digits
        How many decimals.
    words
        The catalogue of a language.

    Returns
    -------
    The text, with a true minus sign, none before zero, and the decimal mark of the
    language.
    """
    # Adding 0.0 takes the sign from a rounded zero.
    text = f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")
    return text.replace(".", words["page"]["decimal_mark"])


def signed(value: float, digits: int, words: Words, /) -> str:
    """Write a difference: like `decimal`, with a plus sign above zero."""
    text = decimal(value, digits, words)
    return f"+{text}" if round(value, digits) > 0 else text


def number(value: float | None, unit: str, words: Words, /) -> str:
    """Write a number with as many digits as its unit deserves.

    Parameters
    ----------
    value
        The number; None becomes a dash.
    unit
        A unit suffix.
    words
        The catalogue of a language.

    Returns
    -------
    The number as text.
    """
    return "–" if value is None else decimal(value, _digits(unit, value), words)


def short(value: float, words: Words, /) -> str:
    """Write a number with no more decimals than it has."""
    text = f"{value:g}".replace("-", "−")
    return text.replace(".", words["page"]["decimal_mark"])


def interval(low: float, high: float, unit: str, words: Words, /) -> str:
    """Write from where to where, both ends with the same digits.

    Parameters
    ----------
    low, high
        The ends.
    unit
        A unit suffix.
    words
        The catalogue of a language.

    Returns
    -------
    Such as ``"1.16 to 1.34 m/s"``.
    """
    digits = _digits(unit, max(abs(low), abs(high)))
    ends = {"low": decimal(low, digits, words), "high": decimal(high, digits, words)}
    said: str = words["finding"]["interval"].format(
        **ends, unit=unit_after(unit, words)
    )
    return said


def unit_after(unit: str, words: Words, /) -> str:
    """Write a unit as it follows a number: a degree sign without space.

    Parameters
    ----------
    unit
        A unit suffix.
    words
        The catalogue of a language.

    Returns
    -------
    Such as ``"°"`` or ``" m/s"``, with a space that does not break.
    """
    label = label_in(unit, words)
    return label if label in ("", "°") else f"\N{NO-BREAK SPACE}{label}"


def label_in(unit: str, words: Words, /) -> str:
    """Write a unit in the language of the page; an unknown one stays as it is."""
    label = label_of(unit) if unit in UNITS or unit == "" else unit
    return str(words["unit"].get(label, label))


def _digits(unit: str, size: float) -> int:
    fine = 3 if unit == "m" and abs(size) < 0.1 else 2
    return _DIGITS.get(unit, fine if abs(size) < 100 else 1)
