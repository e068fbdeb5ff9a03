"""The end of a task wakes the event loop, which else sleeps; after a reconnection, too."""

import os
import threading
import time
from collections.abc import Iterator

import pytest
from kombu.asynchronous import Hub

from workers.slots import Slots

ASLEEP = 10.0
"""Seconds that kombu's loop sleeps when nothing wakes it and no timer is due."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A loop that watches one connection, over which nothing comes, with a timer that is far away."""
    hub = Hub()
    hub.timer.call_repeatedly(3600, lambda: None)
    silent, other = os.pipe()
    hub.add_reader(silent, lambda: None)
    yield hub
    hub.close()
    os.close(silent)
    os.close(other)


@pytest.fixture
def slots(hub: Hub) -> Iterator[Slots]:
    slots = Slots(1)
    slots.register_with_event_loop(hub)
    yield slots
    slots.executor.shutdown()


def _seconds_of_a_turn(hub: Hub) -> float:
    begun = time.monotonic()
    next(hub.create_loop())
    return time.monotonic() - begun


@pytest.mark.parametrize("reconnected", [False, True])
def test_the_loop_turns_when_a_task_has_ended(hub: Hub, slots: Slots, reconnected: bool) -> None:
    if reconnected:
        readers = list(hub.readers)
        hub.reset()
        for silent in readers:
            hub.add_reader(silent, lambda: None)
        slots.register_with_event_loop(hub)
    ended = threading.Event()
    slots.on_apply(ended.wait, (), {})
    threading.Timer(0.05, ended.set).start()
    assert _seconds_of_a_turn(hub) < ASLEEP * 0.9


def test_the_loop_turns_when_the_process_is_told_to_end(hub: Hub, slots: Slots) -> None:
    told = threading.Event()
    slots.wake_at(told)
    threading.Timer(0.05, told.set).start()
    assert _seconds_of_a_turn(hub) < ASLEEP * 0.9
