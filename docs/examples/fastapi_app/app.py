"""A service with one client for all requests: `uvicorn app:app`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, HTTPException, Request

import nucliactl


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
    profile = nucliactl.resolve(kind="kb")
    async with profile.async_client() as app.state.nuclia:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/resources/count")
async def count(request: Request) -> dict[str, int]:
    nuclia: httpx.AsyncClient = request.app.state.nuclia
    try:
        answer = await nuclia.get("counters")
        answer.raise_for_status()
    except (nucliactl.NucliactlError, httpx.HTTPError) as error:
        raise HTTPException(502, f"Nuclia: {error}") from error
    found: dict[str, int] = answer.json()
    return {"resources": found["resources"]}
