"""Prints how many microseconds a second and later `resolve()` takes, nothing having changed on disk."""

import statistics
import time

import nucliactl

nucliactl.warm()
nucliactl.resolve()
times = []
for _ in range(500):
    began = time.perf_counter()
    nucliactl.resolve()
    times.append(time.perf_counter() - began)
print(statistics.median(times) * 1e6)
