"""Run a function over many items: one after the other, or in worker processes."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Takes news of the work: anything that can be pickled.
Listener = Callable[[Any], None]
#: What is done with an item: it may tell news on the way.
Work = Callable[[_Item, Listener], _Result]

#: Seconds that a stopped worker has to end by itself.
_GRACE_S = 3.0
#: Seconds after which Ctrl-C is noticed at the latest.
_AWAKE_S = 0.5


class _Channel(NamedTuple):
    """Between a worker and its parent.

    A worker that is killed may keep a lock for ever, so that the parent takes none.

    Attributes
    ----------
    news
        Where news go.
    one_at_a_time
        Held by the worker that tells some.
    end
        Closed by the parent when work is to stop; its death closes it too.
    """

    news: Any
    one_at_a_time: Any
    end: Any


#: In a worker: the way to its parent, and whether that wants it to stop.
_channel: _Channel | None = None
_stopped = threading.Event()


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

    If a worker dies, the item that killed it is one of those that were worked on. Each
    of these gets a process of its own; only the one that dies again is given up.

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
    waiting = dict(enumerate(items))
    while waiting:
        with _workers(listener, n_workers) as pool:
            futures: dict[Future[_Result], int] = {}
            with suppress(BrokenProcessPool):
                for i, item in waiting.items():
                    futures[pool.submit(_run, work, item)] = i
            for future in _as_they_end(futures):
                if not isinstance(future.exception(), BrokenProcessPool):
                    yield waiting.pop(futures[future]), future.result()
        # Items are begun in their order, so the culprit is one of the first.
        for i in list(waiting)[:n_workers]:
            item = waiting.pop(i)
            yield item, _alone(work, item, listener)


def _alone(
    work: Work[_Item, _Result], item: _Item, listener: Listener
) -> _Result | WorkerDiedError:
    """Work on one item in a process of its own."""
    try:
        with _workers(listener, 1) as pool:
            (future,) = _as_they_end([pool.submit(_run, work, item)])
            return future.result()
    except BrokenProcessPool:
        return WorkerDiedError(
            "the worker process died: out of memory, killed, or a crash in a library"
        )


def _as_they_end(futures: Iterable[Future[_Result]]) -> Iterator[Future[_Result]]:
    """Wait for futures, and wake up now and then.

    Polars installs a handler of Ctrl-C that leaves a wait without end asleep.
    """
    left = set(futures)
    while left:
        done, left = wait(left, timeout=_AWAKE_S, return_when=FIRST_COMPLETED)
        yield from done


@contextmanager
def _workers(listener: Listener, n_workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start workers, pass on their news, and stop them when the run is stopped."""
    context = multiprocessing.get_context("spawn")
    heard, news = context.Pipe(duplex=False)
    end, stop = context.Pipe(duplex=False)
    channel = _Channel(news, context.Lock(), end)
    relay = threading.Thread(target=_relay, args=(heard, listener), daemon=True)
    relay.start()
    pool = ProcessPoolExecutor(
        n_workers, context, initializer=_begin, initargs=(channel,)
    )
    try:
        yield pool
    except BaseException:
        stop.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        stop.close()
        news.close()
        relay.join()


def _relay(heard: Any, listener: Listener) -> None:
    """Hand news to the listener until nobody is left who could tell any."""
    while True:
        try:
            told = heard.recv()
        except (EOFError, OSError):  # a worker that is killed may break off
            return
        listener(told)


def _begin(channel: _Channel) -> None:
    """Prepare a worker: Ctrl-C is for the parent, and without it there is no work."""
    global _channel  # noqa: PLW0603 - a worker has one parent
    _channel = channel
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(channel.end,), daemon=True).start()


def _end_with_parent(end: Any) -> None:
    """Wait for the end of the work, ask for it, and enforce it."""
    with suppress(EOFError, OSError):
        end.recv()
    _stopped.set()
    parent = multiprocessing.parent_process()
    if parent is not None and parent.is_alive():
        time.sleep(_GRACE_S)
    os._exit(1)


def _run(work: Work[_Item, _Result], item: _Item) -> _Result:
    """Work on an item in a worker."""
    return work(item, _tell)


def _tell(told: Any) -> None:
    """Send news to the parent, or end the work if the run was stopped."""
    if _channel is None:
        return
    if _stopped.is_set():
        raise KeyboardInterrupt
    with _channel.one_at_a_time:
        _channel.news.send(told)
