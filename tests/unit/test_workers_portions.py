"""How a claim is cut into what is in hand at once, and how a suspect is kept apart."""

import threading
import time
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.broken_chunks import MOST_IN_HAND
from db.chunks import Claim, Held, ResumeText
from workers import portions
from workers.solitude import Solitude


def _claim(*sizes: int) -> Claim:
    numbers = iter(range(sum(sizes)))
    chunks = [
        Held(UUID(int=10**6 + place), 1, tuple(UUID(int=next(numbers)) for _ in range(size)), size, 1_000 * size)
        for place, size in enumerate(sizes)
    ]
    return Claim(UUID(int=1), tuple(chunks))


@given(st.lists(st.integers(1, 200), min_size=1, max_size=20), st.integers(1, 500_000), st.randoms())
def test_every_resume_is_in_hand_once_and_never_too_many(sizes: list[int], tokens: int, random: Random) -> None:
    claim = _claim(*sizes)
    texts = [ResumeText(id, "x" * random.randrange(3_000), {}) for id in claim.resume_ids]
    cut = list(portions.cut(claim, texts, tokens))
    assert sorted(text.id for portion in cut for text in portion) == sorted(claim.resume_ids)
    assert all(1 <= len(portion) <= MOST_IN_HAND for portion in cut)


def test_portions_are_of_like_length_and_of_the_size_asked_for() -> None:
    claim = _claim(40, 40)
    texts = [ResumeText(id, "x" * (500 + 10 * (id.int * 7 % 80)), {}) for id in claim.resume_ids]
    cut = list(portions.cut(claim, texts, 20_000))
    assert [len(text.text) for portion in cut for text in portion] == sorted(len(text.text) for text in texts)
    assert 4 <= len(cut) <= 5  # of 80,000 tokens


def test_a_suspect_is_alone_and_goes_before_those_who_come_later() -> None:
    solitude, order = Solitude(), []
    entered, leave = threading.Event(), threading.Event()

    def usual() -> None:
        with solitude.entered(suspect=False, on_wait=lambda: None):
            entered.set()
            leave.wait(10)
            order.append("usual")

    def suspect() -> None:
        with solitude.entered(suspect=True, on_wait=lambda: None):
            order.append("suspect")

    def later() -> None:
        with solitude.entered(suspect=False, on_wait=lambda: None):
            order.append("later")

    threads = [threading.Thread(target=work) for work in (usual, suspect, later)]
    threads[0].start()
    entered.wait(10)
    threads[1].start()
    while not solitude._suspects:
        time.sleep(0.01)
    threads[2].start()
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["usual", "suspect", "later"]


def test_who_waits_for_another_portion_may_see_to_its_lease_and_give_up() -> None:
    solitude = Solitude()

    class GivenUp(Exception):
        pass

    def give_up() -> None:
        raise GivenUp

    with solitude.entered(suspect=False, on_wait=give_up):
        with pytest.raises(GivenUp), solitude.entered(suspect=True, on_wait=give_up):
            pass
        with solitude.entered(suspect=False, on_wait=give_up):
            pass  # the suspect waits no more
    with solitude.entered(suspect=True, on_wait=give_up):
        pass
