"""Who may wait for an answer: so many in all, and of each tenant no more than its share."""

from contextlib import ExitStack
from uuid import uuid4

from api.places import Places

ONE, OTHER, THIRD = uuid4(), uuid4(), uuid4()


def test_nobody_takes_all_places_and_those_left_are_free_again() -> None:
    places = Places(most=5, most_of_one=3)
    for _ in range(2):
        with ExitStack() as waiting:
            assert [waiting.enter_context(places.place(ONE)) for _ in range(4)] == [True, True, True, False]
            assert [waiting.enter_context(places.place(OTHER)) for _ in range(3)] == [True, True, False]
            assert not waiting.enter_context(places.place(THIRD))
