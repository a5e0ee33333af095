"""Units live in names: the suffix of a column or argument is its unit."""

from biomech.errors import UnitError

#: Standard gravity.
GRAVITY_M_S2 = 9.80665

#: Suffix of a name -> how the unit is written for people.
UNITS: dict[str, str] = {
    "px": "px",
    "m": "m",
    "mm": "mm",
    "bh": "body heights",
    "s": "s",
    "ms": "ms",
    "hz": "Hz",
    "deg": "°",
    "deg_s": "°/s",
    "deg_s2": "°/s²",
    "m_s": "m/s",
    "m_s2": "m/s²",
    "px_s": "px/s",
    "px_s2": "px/s²",
    "px_m": "px/m",
    "bh_s": "body heights/s",
    "spm": "steps/min",
    "pct": "%",
    "ratio": "",
    "kg": "kg",
    "n": "N",
    "nm": "N·m",
    "kn_m": "kN/m",
    "confidence": "",
}

_LONGEST_FIRST = sorted(UNITS, key=len, reverse=True)


def unit_of(name: str) -> str | None:
    """Read the unit off a column or argument name, the longest suffix first.

    Parameters
    ----------
    name
        Such as ``"left_knee_x_px"``. Names that begin with ``n_`` are counts and have
        the empty unit.

    Returns
    -------
    The suffix, a key of `UNITS`; the empty string for a count; None without a unit.

    Examples
    --------
    >>> unit_of("left_knee_flexion_deg"), unit_of("wrist_speed_m_s"), unit_of("frame")
    ('deg', 'm_s', None)
    """
    if name.startswith("n_"):
        return ""
    return next((u for u in _LONGEST_FIRST if name.endswith(f"_{u}")), None)


def label_of(unit: str) -> str:
    """Write a unit for people, as on an axis: ``"deg_s"`` is ``"°/s"``.

    Parameters
    ----------
    unit
        A key of `UNITS`, or the empty string for a count.

    Returns
    -------
    The unit as people write it.

    Raises
    ------
    UnitError
        If the unit is not in `UNITS`.
    """
    if unit == "":
        return ""
    if unit not in UNITS:
        msg = f"unknown unit {unit!r}; known are {sorted(UNITS)}"
        raise UnitError(msg)
    return UNITS[unit]
