"""A browser for tests: cookies, one origin, no redirects followed, and the site in the same process."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from fastapi import FastAPI

Fields = Mapping[str, str | Sequence[str]]


class Browser:
    """Sends every request as a page of ours would, unless it is told other headers."""

    def __init__(self, site: FastAPI, *, origin: str, headers: Mapping[str, str]) -> None:
        self.origin, self.headers = origin, dict(headers)
        self.cookies = httpx.Cookies()
        self._transport = httpx.ASGITransport(site)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, fields: Fields | None = None, **options: Any) -> httpx.Response:
        return self.request("POST", path, data=fields or {}, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **options))

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=self.origin, cookies=self.cookies) as client:
            options["headers"] = {**self.headers, **options.get("headers", {})}
            answer = await client.request(method, path, **{k: v for k, v in options.items() if v is not None})
            self.cookies = client.cookies
            return answer
