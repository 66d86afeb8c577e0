"""A program that uses nucliadb_sdk, which reads no variable itself."""

import os

from nucliadb_sdk import NucliaDB

base = os.environ.get("NUCLIA_API_URL") or os.environ["NUCLIA_BASE_URL"]
key = os.environ.get("NUCLIA_API_KEY")
db = NucliaDB(region="any" if key else "on-prem", url=base.removesuffix("/v1"), api_key=key)
print(db.get_knowledge_box(kbid=os.environ["NUCLIA_KBID"]).uuid)
