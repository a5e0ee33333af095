"""The small language of marker mappings: where a keypoint lies between markers.

A rule is a marker, or one of ::

    mid(a, b, ...)                          the mean of points
    between(a, b, 0.4)                      this part of the way from a to b
    shift(a, from, to, 0.05)                a, moved 0.05 m along the line from - to
    harrington(side, near, far, back, ...)  hip centre from the pelvis
    rab(near, far, low, ...)                shoulder centre below the acromion

Arguments are markers, or keypoints of ours that were found before.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError, did_you_mean
from biomech.kernels.geometry import reject, unit_vector

Array = NDArray[np.float64]

_CALL = re.compile(r"\s*(?P<name>[a-z_]+)\s*\((?P<arguments>[^()]*)\)\s*")


class Rule(NamedTuple):
    """A rule, read: which function, of which points, with which constants.

    Attributes
    ----------
    function
        A key of `FUNCTIONS`.
    points
        Names of markers or keypoints, lower case.
    constants
        The other arguments.
    """

    function: str
    points: tuple[str, ...]
    constants: tuple[str, ...] = ()


def parse_rule(text: str, /) -> Rule:
    """Read a rule.

    Parameters
    ----------
    text
        Such as ``"LKNE"`` or ``"mid(LKNE, LMKNE)"``; case does not matter.

    Returns
    -------
    The rule.

    Raises
    ------
    ConfigError
        If the function is unknown, or its arguments are not those it needs.

    Examples
    --------
    >>> parse_rule("mid(LKNE, LMKNE)")
    Rule(function='mid', points=('lkne', 'lmkne'), constants=())
    """
    call = _CALL.fullmatch(text)
    if call is None:
        if not text.strip() or "(" in text:
            msg = (
                f"marker rule {text!r} is neither a marker nor a call such as mid(a, b)"
            )
            raise ConfigError(msg)
        return Rule("mid", (text.strip().lower(),))
    name = call["name"]
    if name not in FUNCTIONS:
        msg = f"marker rule {text!r}: unknown function {name!r}"
        raise ConfigError(msg + did_you_mean(name, FUNCTIONS))
    shape = FUNCTIONS[name]
    words = [w.strip().lower() for w in call["arguments"].split(",") if w.strip()]
    first, last = shape.constants_first, shape.constants_last
    points = tuple(words[first : len(words) - last])
    constants = (*words[:first], *words[len(words) - last :])
    if len(points) < shape.least_points or not shape.allows(constants):
        msg = f"marker rule {text!r}: expected {shape.usage}"
        raise ConfigError(msg)
    return Rule(name, points, constants)


def apply_rule(rule: Rule, points: Mapping[str, Array], /) -> Array:
    """Place a keypoint.

    Parameters
    ----------
    rule
        From `parse_rule`.
    points
        Coordinates in metres by lower-case name, each of shape (frames, 3).

    Returns
    -------
    Shape (frames, 3); NaN where any point of the rule is missing.
    """
    chosen = [points[name] for name in rule.points]
    return FUNCTIONS[rule.function].place(chosen, rule.constants)


def _mid(points: list[Array], _: tuple[str, ...]) -> Array:
    mean: Array = np.mean(points, axis=0)
    return mean


def _between(points: list[Array], constants: tuple[str, ...]) -> Array:
    a, b = points
    part: Array = a + float(constants[0]) * (b - a)
    return part


def _shift(points: list[Array], constants: tuple[str, ...]) -> Array:
    point, start, end = points
    return point + float(constants[0]) * unit_vector(end - start)


def _harrington(points: list[Array], constants: tuple[str, ...]) -> Array:
    """Hip joint centre by the regression of Harrington et al. 2007.

    In the pelvis frame (origin between the front spines, lateral along them, forward
    from the back of the pelvis) it lies 0.24 depth + 9.9 mm behind, 0.30 width +
    10.9 mm below and 0.33 width + 7.3 mm to the side.
    doi:10.1016/j.jbiomech.2006.02.003
    """
    near, far, *back = points
    origin = (near + far) / 2
    forward = origin - np.mean(back, axis=0)
    width = np.linalg.norm(near - far, axis=-1, keepdims=True)
    depth = np.linalg.norm(forward, axis=-1, keepdims=True)
    lateral = unit_vector(near - far)
    ahead = unit_vector(reject(forward, lateral))
    turn = 1.0 if constants[0] == "right" else -1.0
    up = turn * np.cross(lateral, ahead)
    centre: Array = (
        origin
        - (0.24 * depth + 0.0099) * ahead
        - (0.30 * width + 0.0109) * up
        + (0.33 * width + 0.0073) * lateral
    )
    return centre


def _rab(points: list[Array], _: tuple[str, ...]) -> Array:
    """Shoulder centre 17 % of the distance of the acromia below the acromion.

    Rab et al. 2002, doi:10.1016/S0966-6362(01)00158-6; "below" is towards the mean of
    the low points, here of the pelvis.
    """
    near, far, *low = points
    width = np.linalg.norm(near - far, axis=-1, keepdims=True)
    down = unit_vector(np.mean(low, axis=0) - (near + far) / 2)
    centre: Array = near + 0.17 * width * down
    return centre


def _is_number(words: tuple[str, ...]) -> bool:
    return all(re.fullmatch(r"-?\d*\.?\d+", w) for w in words) and len(words) == 1


def _is_side(words: tuple[str, ...]) -> bool:
    return words in (("left",), ("right",))


class Function(NamedTuple):
    """One function of the language: how it is called and what it does."""

    usage: str
    place: Callable[[list[Array], tuple[str, ...]], Array]
    least_points: int
    allows: Callable[[tuple[str, ...]], bool]
    constants_first: int = 0
    constants_last: int = 0
    in_metres: bool = False


#: The functions by name.
FUNCTIONS: dict[str, Function] = {
    "mid": Function("mid(a, ...)", _mid, 1, lambda words: words == ()),
    "between": Function(
        "between(a, b, part)", _between, 2, _is_number, constants_last=1
    ),
    "shift": Function(
        *("shift(a, from, to, metres)", _shift, 3, _is_number),
        constants_last=1,
        in_metres=True,
    ),
    "harrington": Function(
        *("harrington(left or right, near, far, back, ...)", _harrington, 3, _is_side),
        constants_first=1,
        in_metres=True,
    ),
    "rab": Function(
        *("rab(near, far, low, ...)", _rab, 3, lambda words: words == ()),
        in_metres=True,
    ),
}
