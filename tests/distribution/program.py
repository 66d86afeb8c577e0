"""A program of somebody's, to be frozen: the SDK's own words, and the command for what else it is asked."""

import asyncio
import sys

import nucliactl


async def counters(name: str) -> object:
    async with nucliactl.async_client(name) as http:
        return (await http.get("counters")).json()


if sys.argv[1:2] == ["resolve"]:
    profile = nucliactl.resolve()
    with nucliactl.client() as http:
        same = http.get("counters").json() == asyncio.run(counters(profile.name))
    print(profile.name, profile.kind, same)
else:
    from nucliactl.cli.start import program

    sys.exit(program())
