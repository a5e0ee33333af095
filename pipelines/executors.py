"""Run a function over many items: one after the other, or in worker processes."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Takes news of the work: anything that can be pickled.
Listener = Callable[[Any], None]
#: What is done with an item: it may tell news on the way.
Work = Callable[[_Item, Listener], _Result]

#: In a worker: where its news go, and whether the run was stopped.
_channel: tuple[Any, Any] | None = None


class WorkerDiedError(Exception):
    """A worker ended without an answer: killed, out of memory, or crashed."""


def serial(
    work: Work[_Item, _Result], items: Sequence[_Item], /, *, listener: Listener
) -> Iterator[tuple[_Item, _Result | WorkerDiedError]]:
    """Work on items in this process, one after the other.

    Parameters
    ----------
    work
        What to do with an item.
    items
        The items.
    listener
        Told the news.

    Yields
    ------
    Each item with its result.
    """
    for item in items:
        yield item, work(item, listener)


def process_pool(
    work: Work[_Item, _Result],
    items: Sequence[_Item],
    /,
    *,
    listener: Listener,
    n_workers: int,
) -> Iterator[tuple[_Item, _Result | WorkerDiedError]]:
    """Work on items in several processes.

    If a worker dies, nobody knows which item killed it. The items that were not done
    are then worked on one by one, each in a process of its own, and only the guilty
    one is given up.

    Parameters
    ----------
    work
        What to do with an item; like the items and results it must be picklable.
    items
        The items.
    listener
        Told the news, on a thread of this process.
    n_workers
        How many processes.

    Yields
    ------
    Each item with its result as soon as it is there, or with a `WorkerDiedError`.
    """
    unfinished = dict(enumerate(items))
    try:
        with _workers(listener, n_workers) as pool:
            futures = {
                pool.submit(_run, work, item): i for i, item in unfinished.items()
            }
            for future in as_completed(futures):
                result = future.result()
                yield unfinished.pop(futures[future]), result
    except BrokenProcessPool:
        for item in unfinished.values():
            yield item, _alone(work, item, listener)


def _alone(
    work: Work[_Item, _Result], item: _Item, listener: Listener
) -> _Result | WorkerDiedError:
    """Work on one item in a process of its own."""
    try:
        with _workers(listener, 1) as pool:
            return pool.submit(_run, work, item).result()
    except BrokenProcessPool:
        return WorkerDiedError(
            "the worker process died: out of memory, killed, or a crash in a library"
        )


@contextmanager
def _workers(listener: Listener, n_workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start workers, pass on their news, and stop them when the run is stopped."""
    context = multiprocessing.get_context("spawn")
    news, stopped = context.SimpleQueue(), context.Event()
    relay = threading.Thread(target=_relay, args=(news, listener), daemon=True)
    relay.start()
    pool = ProcessPoolExecutor(
        n_workers, context, initializer=_begin, initargs=((news, stopped),)
    )
    try:
        yield pool
    except BaseException:
        stopped.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        news.put(None)
        relay.join()


def _relay(news: Any, listener: Listener) -> None:
    """Hand news to the listener until the end is told."""
    while (told := news.get()) is not None:
        listener(told)


def _begin(channel: tuple[Any, Any]) -> None:
    """Prepare a worker: Ctrl-C is for the parent, and without it there is no work."""
    global _channel  # noqa: PLW0603 - a worker has one parent
    _channel = channel
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(work: Work[_Item, _Result], item: _Item) -> _Result:
    """Work on an item in a worker."""
    return work(item, _tell)


def _tell(told: Any) -> None:
    """Send news to the parent, or end the work if the run was stopped."""
    if _channel is None:
        return
    news, stopped = _channel
    if stopped.is_set():
        raise KeyboardInterrupt
    news.put(told)
