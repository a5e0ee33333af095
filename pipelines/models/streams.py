"""Worker threads for an engine, with a watch on them."""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.pool import ThreadPool
from typing import TypeVar

from biomech.errors import ModelError

#: A network that has given no answer for this long hangs. The slowest official model
#: (x, 640 px) takes about 2 s per picture on one core.
PATIENCE_S = 120.0

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def available_cpus() -> int:
    """Count the processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else (os.cpu_count() or 1)


def map_watched(
    pool: ThreadPool,
    function: Callable[[_Item], _Result],
    items: Sequence[_Item],
    *,
    patience_s: float = PATIENCE_S,
) -> list[_Result]:
    """Apply a function to every item on the threads of a pool.

    An engine may hang: OpenVINO's own request queue has been seen to on some
    processors. Then this ends in an error, and since the threads of a `ThreadPool` are
    daemons the program can end as well.

    Parameters
    ----------
    pool
        The threads; each handles one item at a time.
    function
        What to do with an item.
    items
        The items.
    patience_s
        Longest wait for the next answer, in seconds.

    Returns
    -------
    The results in the order of the items.

    Raises
    ------
    ModelError
        If no answer came in time. Errors of the function are raised as they are.
    """
    results = pool.imap(function, items)
    try:
        return [results.next(timeout=patience_s) for _ in items]
    except multiprocessing.TimeoutError:
        msg = (
            f"the pose engine gave no answer for {patience_s:.0f} s; stop and run "
            "again (finished clips are kept), or choose the engine 'torch'"
        )
        raise ModelError(msg) from None
