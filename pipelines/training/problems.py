"""Collect everything that is wrong, then say it once."""

from biomech.errors import FormatError

#: Examples given of each kind of problem.
_EXAMPLES = 3


class Problems:
    """Problems of one thing, by kind.

    Parameters
    ----------
    what
        What has the problems.
    """

    def __init__(self, what: str, /) -> None:
        self._what = what
        self._found: dict[str, list[str]] = {}

    def add(self, kind: str, example: str, /) -> None:
        """Note one more problem."""
        self._found.setdefault(kind, []).append(example)

    def raise_any(self) -> None:
        """Raise if there is a problem.

        Raises
        ------
        FormatError
            With the number of problems of each kind and some examples.
        """
        if not self._found:
            return
        parts = [
            f"{kind} ({len(examples)}): {', '.join(examples[:_EXAMPLES])}"
            + (", ..." if len(examples) > _EXAMPLES else "")
            for kind, examples in self._found.items()
        ]
        msg = f"{self._what}: " + "; ".join(parts)
        raise FormatError(msg)
