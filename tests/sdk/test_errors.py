"""An error says the next step: as `hint`, in a traceback, and once."""

import copy
import pickle
import traceback

import pytest
from support import Home

import nucliactl
from nucliactl import errors
from nucliactl.errors import NucliactlError

FAMILY = [
    thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, NucliactlError)
]


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


@pytest.mark.parametrize("kind", FAMILY)
def test_a_traceback_shows_the_hint_once_as_it_was_last(kind: type[NucliactlError]) -> None:
    error = kind("It broke.", hint="Mend it.")
    for copied in (error, copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert (type(copied), copied.message, copied.hint) == (kind, "It broke.", "Mend it.")
        assert shown(copied).endswith("It broke.\nMend it.\n")
        copied.hint = "Buy another."
        assert shown(copied).endswith("It broke.\nBuy another.\n") and "Mend" not in shown(copied)
        if copied is not error:
            error.hint = "Mend it."
            assert copied.hint == "Buy another." and shown(error).endswith("It broke.\nMend it.\n")
    error.hint = None
    assert shown(error).endswith("It broke.\n")


def test_notes_of_others_stay_and_a_hint_is_made_printable() -> None:
    error = NucliactlError("It broke.", hint="one")
    error.add_note("mine")
    error.hint = "two\x1b[2J\nthree"
    assert shown(error).endswith("It broke.\nmine\ntwo\\x1b[2J\nthree\n")
    del error.__notes__
    error.hint = "four"
    assert shown(error).endswith("It broke.\nfour\n")


def test_the_command_line_and_an_uncaught_error_say_the_hint_once(home: Home) -> None:
    hint = "nucliactl auth kb URL"
    assert home.run("current").err.count(hint) == 1
    result = home.python("import nucliactl; nucliactl.resolve()")
    assert result.err.count(hint) == 1 and "NothingConfigured: There is no active profile." in result.err


@pytest.mark.parametrize("call", [nucliactl.resolve, nucliactl.client, nucliactl.async_client])
@pytest.mark.parametrize("given", [3, b"name", object()])
def test_what_is_no_name_is_said_and_not_met_deeper_down(call, given: object) -> None:
    with pytest.raises(nucliactl.Malformed, match=type(given).__name__) as caught:
        call(given)
    assert caught.value.hint


def test_an_env_file_is_a_path(home: Home) -> None:
    (home.work / "ci.env").write_text("NUCLIA_KB_URL=http://localhost:1/api/v1/kb/x\n")
    code = "import nucliactl, pathlib; print(nucliactl.resolve(env_file=pathlib.Path('ci.env')).kind)"
    assert home.python(code).out == "kb\n"
    with pytest.raises(nucliactl.Malformed, match="env_file"):
        nucliactl.resolve(env_file=3)  # type: ignore[arg-type]
