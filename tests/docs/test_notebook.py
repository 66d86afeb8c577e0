"""docs/how-to/notebook.md: cells with `await` at their top, compiled as IPython compiles them."""

from fenced import blocks
from support import Home

RUNNER = """
import ast, asyncio, inspect, sys
code = compile(sys.argv[1], "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
found = eval(code, {"__name__": "__main__"})
assert inspect.iscoroutine(found)
asyncio.run(found)
"""


def test_the_cells_that_await_run_in_a_loop(person: Home) -> None:
    cells = [block.text for block in blocks("docs/how-to/notebook.md") if block.language == "py"]
    assert cells and all("await " in cell for cell in cells)
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    for cell in cells:
        result = person.python(RUNNER, cell)
        assert result.code == 0, result.err
