"""Batches side by side: all are done, in order for who watches; an error ends the rest."""

import threading
import time

import pytest
import torch

from scoring.lanes import Lanes


@pytest.fixture(scope="module")
def two():
    before = torch.get_num_threads()
    yield Lanes(2)
    torch.set_num_threads(before)


def test_two_tasks_are_worked_on_at_once_and_told_in_order(two):
    both = threading.Barrier(2)
    told = []
    two.each(lambda task: (both.wait(timeout=60), task)[1], [1, 2, 3, 4], lambda *done: told.append(done))
    assert told == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_an_operation_in_a_lane_has_one_core_and_the_others_keep_theirs(two):
    told = []
    two.each(lambda _: torch.get_num_threads(), range(6), lambda _, threads: told.append(threads))
    assert set(told) == {1}
    assert torch.get_num_threads() == 2
    later = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [2]


def test_an_error_of_the_work_comes_out(two):
    with pytest.raises(ZeroDivisionError):
        two.each(lambda task: 1 / task, [1, 0, 1], lambda *_: None)


def test_nothing_is_begun_any_more_once_the_watcher_has_raised(two):
    worked, raised = [], threading.Event()

    def work(task):
        worked.append(task)
        if task:
            raised.wait()
            time.sleep(0.01)

    def stop(*_):
        raised.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        two.each(work, range(5_000), stop)
    begun = len(worked)
    two.each(lambda task: task, range(4), lambda *_: None)
    assert len(worked) == begun < 5_000


def test_one_task_is_worked_on_by_who_asks(two):
    told = []
    two.each(lambda _: threading.current_thread(), [1], lambda _, thread: told.append(thread))
    assert told == [threading.current_thread()]
