"""Adapters where the package they are for is not installed: what is told, and nothing imported before."""

import pytest
from support import Home

CALLS = ["nuclia.configure()", "nucliadb_sdk.client()", "nucliadb_sdk.async_client()"]


@pytest.mark.parametrize("call", CALLS)
def test_a_package_that_is_missing_is_named(home: Home, call: str) -> None:
    package = call.partition(".")[0]
    code = (
        f"import sys, nucliactl\nfrom nucliactl.adapters import {package}\n"
        f"try:\n    {call}\nexcept nucliactl.NotInstalled as error:\n    print(error.hint, error.exit_code)"
    )
    result = home.python(code)
    assert result.out == f"Install it beside nucliactl: pip install {package.replace('_', '-')} 1\n", (
        result.err
    )
