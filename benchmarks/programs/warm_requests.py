"""Prints how a request through `client()` compares with one through a plain `httpx.Client` with the same
header: the two take turns on warm connections."""

import statistics
import time

import httpx

import nucliactl

profile = nucliactl.resolve()
with nucliactl.client() as ours, httpx.Client(base_url=profile.base_url) as plain:
    ours.get(profile.url)
    plain.headers.update(ours.get(profile.url).request.headers)
    times: dict[httpx.Client, list[float]] = {ours: [], plain: []}
    for _ in range(600):
        for client, found in times.items():
            began = time.perf_counter()
            client.get(profile.url)
            found.append(time.perf_counter() - began)
    print(statistics.median(times[ours]) / statistics.median(times[plain]))
