"""Prints how a request through `client()` compares with one through a plain `httpx.Client` with the same
header: the two take turns on warm connections."""

import statistics
import time

import httpx

import nucliactl

time.sleep(4)  # what changed less than three seconds ago is read at each request, and the store is new
profile = nucliactl.resolve()
with nucliactl.client() as ours, httpx.Client(base_url=profile.base_url) as plain:
    sent = profile.auth().sync_auth_flow(ours.build_request("GET", profile.url))
    plain.headers.update(next(sent).headers)  # the credential's among them, which is taken off afterwards
    sent.close()
    for client in (ours, plain):
        client.get(profile.url)
    times: dict[httpx.Client, list[float]] = {ours: [], plain: []}
    for _ in range(600):
        for client, found in times.items():
            began = time.perf_counter()
            client.get(profile.url)
            found.append(time.perf_counter() - began)
    print(statistics.median(times[ours]) / statistics.median(times[plain]))
