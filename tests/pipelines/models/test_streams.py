import threading
import time
from multiprocessing.pool import ThreadPool

import pytest

from biomech.errors import ModelError
from pipelines.models.streams import available_cpus, map_watched


def test_answers_come_in_the_order_of_the_items():
    def slow_first(i):
        time.sleep(0.05 if i == 0 else 0)
        return i * 10

    with ThreadPool(3) as pool:
        assert map_watched(pool, slow_first, range(5)) == [0, 10, 20, 30, 40]


def test_error_of_the_function_is_raised_as_it_is():
    with ThreadPool(2) as pool, pytest.raises(ZeroDivisionError):
        map_watched(pool, lambda i: 1 // i, [1, 0, 1])


def test_hanging_engine_ends_in_an_error():
    never = threading.Event()

    with ThreadPool(2) as pool, pytest.raises(ModelError, match="gave no answer"):
        map_watched(pool, lambda i: never.wait(5), [1], patience_s=0.05)
    never.set()


def test_there_is_a_processor():
    assert available_cpus() >= 1
