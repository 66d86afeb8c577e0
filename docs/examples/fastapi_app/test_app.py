"""Tests of that service, with nucliactl's fixtures."""

import asyncio

import httpx
import pytest
from app import app, lifespan

import nucliactl


async def asked(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with lifespan(app), httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        return await client.get(path)


@pytest.mark.usefixtures("nucliactl_profile")
def test_it_counts_the_resources() -> None:
    assert asyncio.run(asked("/resources/count")).json()["resources"] >= 0


@pytest.mark.usefixtures("nucliactl_store")
def test_it_does_not_start_without_a_credential() -> None:
    with pytest.raises(nucliactl.NothingConfigured):
        asyncio.run(asked("/resources/count"))
