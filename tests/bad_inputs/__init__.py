"""The 131 bad inputs, each a function of a `World`, with its number: files (what stands in them, where they lie),
values, keys, addresses, servers and processes. `tests/hostile/test_bad_inputs.py` tries them all."""
