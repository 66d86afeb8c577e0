"""The bad inputs by their numbers, 1 to 131: each is one sentence, a next step and the right exit code, loses
nothing and shows no secret. `pytest 'tests/hostile/test_bad_inputs.py::test_a_bad_input[17]'` tries one."""

import pytest

# They declare the inputs:
from bad_inputs import addresses, keys, places, processes, servers, texts, values  # noqa: F401
from bad_inputs.world import CASES, World
from support import Home, Recorder

pytestmark = pytest.mark.once


@pytest.mark.parametrize("number", sorted(CASES), ids=str)
def test_a_bad_input(
    home: Home, recorder: Recorder, sink: Recorder, request: pytest.FixtureRequest, number: int
) -> None:
    CASES[number](World(home, recorder, sink, request))


@pytest.mark.G7
@pytest.mark.torture
@pytest.mark.parametrize("number", sorted(CASES), ids=str)
def test_a_bad_input_told_at_length(
    home: Home, recorder: Recorder, sink: Recorder, request: pytest.FixtureRequest, number: int
) -> None:
    world = World(home, recorder, sink, request)
    world.flags = ("-v",)
    CASES[number](world)


def test_none_is_missing() -> None:
    assert sorted(CASES) == list(range(1, 132))
