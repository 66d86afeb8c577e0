"""A person without a browser at oidc.mjs: follows the pages and posts their forms. `person.py ADDRESS`."""

import sys

import httpx

with httpx.Client(follow_redirects=True, timeout=300, trust_env=False) as http:
    page = http.get(sys.argv[1])
    page = http.post(page.url, data={"login": "ann@example.test", "password": "correct horse"})
    http.post(page.url, data={})
