"""A program that uses the official SDK, as people write it: the Knowledge Box is whatever the variables say."""

import os

from nuclia import sdk

print(sdk.NucliaAuth().kb(url=os.environ["NUCLIA_KB_URL"], token=os.environ.get("NUCLIA_API_KEY")))
