"""Prints how many microseconds a second and later `resolve()` takes, nothing having changed on disk."""

import statistics
import time

import nucliactl

nucliactl.warm()
time.sleep(4)  # what changed less than three seconds ago is not remembered, and the store is new
nucliactl.resolve()
times = []
for _ in range(500):
    began = time.perf_counter()
    nucliactl.resolve()
    times.append(time.perf_counter() - began)
print(statistics.median(times) * 1e6)
