"""The errors of biomech: one small tree, each also a builtin error.

::

    BiomechError
    ├── SchemaError     a table lacks a column, has a wrong type or a broken key
    ├── SkeletonError   unknown keypoints, or keypoints that a function needs
    ├── UnitError       a column without a unit, or units mixed
    ├── FormatError     a file that is not what it says, or is damaged
    ├── VideoError      a video that cannot be read or written
    ├── ModelError      a pose model that cannot be found, trusted or run
    └── ConfigError     an option or a job file that makes no sense

The message says what was wrong, what was found and what is allowed.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class BiomechError(Exception):
    """Any error that a user can mend; programs may catch this one."""


class SchemaError(BiomechError, ValueError):
    """A table that is not what a function needs."""


class SkeletonError(BiomechError, ValueError):
    """Keypoints that are unknown, or missing from a table."""


class UnitError(BiomechError, ValueError):
    """A quantity without a unit, or with the wrong one."""


class FormatError(BiomechError, ValueError):
    """A file that does not hold what its format promises."""


class VideoError(BiomechError, OSError):
    """A video that cannot be read or written."""


class ModelError(BiomechError, RuntimeError):
    """A pose model that cannot be found, trusted or run."""


class ConfigError(BiomechError, ValueError):
    """A setting that does not exist or has an impossible value."""


def did_you_mean(found: str, allowed: Iterable[str]) -> str:
    """Say which known names resemble an unknown one.

    Parameters
    ----------
    found
        The name somebody wrote.
    allowed
        The names that exist.

    Returns
    -------
    ``"; did you mean 'x'?"``, or the list of what is allowed if nothing resembles it.

    Examples
    --------
    >>> did_you_mean("cadense", ["cadence", "speed"])
    "; did you mean 'cadence'?"
    """
    names = sorted(allowed)
    close = get_close_matches(found, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {names}"
