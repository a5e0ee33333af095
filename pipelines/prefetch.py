"""Decode ahead: an iterator that runs on a thread of its own."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")

#: Marks the end of an iterator.
_END = object()


def prefetch(items: Iterable[_Item], /, *, depth: int) -> Generator[_Item]:
    """Take items from an iterator on another thread while these are worked on.

    Parameters
    ----------
    items
        Where items come from; used on the other thread only.
    depth
        How many items may wait, which bounds the memory.

    Yields
    ------
    The items in their order. An error of the iterator is raised here.
    """
    source = iter(items)
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch")
    try:
        waiting = deque(pool.submit(next, source, _END) for _ in range(depth))
        while (item := waiting.popleft().result()) is not _END:
            waiting.append(pool.submit(next, source, _END))
            yield item  # type: ignore[misc]  # not the mark of the end
    finally:
        pool.shutdown(cancel_futures=True)


def batches(items: Iterable[_Item], size: int, /) -> Iterator[list[_Item]]:
    """Gather items into lists.

    Parameters
    ----------
    items
        Any iterable.
    size
        How many to a list; the last may be shorter.

    Yields
    ------
    Lists, none of them empty.

    Examples
    --------
    >>> list(batches(range(5), 2))
    [[0, 1], [2, 3], [4]]
    """
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
