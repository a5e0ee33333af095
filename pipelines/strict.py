"""Strict settings: what a document says, checked against the annotations of a class."""

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from biomech.errors import did_you_mean

_NUMBERS: Mapping[Any, Any] = {float: int | float, int: int}


def problems_of(
    kind: type[Any], found: Any, where: str, *, extra: Iterable[str] = ()
) -> Iterator[str]:
    """Name the keys that a dataclass does not have and the values it cannot hold.

    Parameters
    ----------
    kind
        A dataclass, the annotations of which say what fits.
    found
        The table of a document.
    where
        Said after a key, such as ``" in [clean]"``.
    extra
        Other names that a misspelled key may stand for.

    Yields
    ------
    One sentence per problem.
    """
    if not isinstance(found, Mapping):
        yield f"{found!r}{where} must be a table"
        return
    hints = get_type_hints(kind)
    for key, value in found.items():
        if key not in hints:
            yield f"unknown key {key!r}{where}" + did_you_mean(key, {*hints, *extra})
        elif not _fits(value, hints[key]):
            yield f"{key} = {value!r}{where} must be {_in_words(hints[key])}"


def _fits(value: Any, hint: Any) -> bool:
    """Check a value against the annotations used here."""
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return any(_fits(value, option) for option in get_args(hint))
    if origin is Literal:
        return value in get_args(hint)
    if origin is tuple:
        return isinstance(value, list | tuple) and _all_fit(value, get_args(hint))
    if origin is dict:
        held = get_args(hint)[1]
        return isinstance(value, dict) and all(_fits(v, held) for v in value.values())
    if hint in _NUMBERS:
        return isinstance(value, _NUMBERS[hint]) and not isinstance(value, bool)
    return isinstance(value, hint)


def _all_fit(values: Sequence[Any], kinds: tuple[Any, ...]) -> bool:
    """Check the values of a list, of a fixed length or of any."""
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(values)
    return len(values) == len(kinds) and all(map(_fits, values, kinds))


def _in_words(hint: Any) -> str:
    """Name what a setting may be."""
    if get_origin(hint) in {Union, types.UnionType}:
        options = [o for o in get_args(hint) if o is not type(None)]
        return " or ".join(_in_words(option) for option in options)
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(repr(option) for option in get_args(hint))
    if get_origin(hint) is tuple:
        kinds = [kind for kind in get_args(hint) if kind is not Ellipsis]
        return "a list of " + ", ".join(map(_in_words, kinds))
    if get_origin(hint) is dict:
        return "tables of numbers"
    names = {float: "a number", int: "a whole number", str: "text", bool: "true/false"}
    return names.get(hint, str(hint))
