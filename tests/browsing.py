"""A browser for tests: cookies, one origin, no redirects followed, and the site in the same process.

It reads pages as a person does: words without tags, and forms with the fields that their page filled in.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
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

    def press(self, page: httpx.Response, button: str, **fields: str) -> httpx.Response:
        """Send the form of that button with what the page filled in, and `fields` over it."""
        form, own = read(page).button(button)
        return self.post(form.action, {**form.fields, **own, **fields})

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **options))

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url=self.origin, cookies=self.cookies) as client:
            options["headers"] = {**self.headers, **options.get("headers", {})}
            answer = await client.request(method, path, **{k: v for k, v in options.items() if v is not None})
            self.cookies = client.cookies
            return answer


# Reading ------------------------------------------------------------------------------------------------


@dataclass
class Form:
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a page says and what may be done on it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._by_id: dict[str, Form] = {}
        self._elsewhere: list[tuple[str, str, str]] = []
        """Fields that stand outside their form: its id, name, value."""
        self._buttons: list[tuple[str, Form | None, dict[str, str]]] = []
        self._said: list[str] = []
        self._form: Form | None = None
        self._from: int | None = None
        self._area = self._button = self._href = None
        self.feed(html)
        for id_, name, value in self._elsewhere:
            self._by_id.get(id_, Form()).fields[name] = value

    @property
    def words(self) -> str:
        """Everything that stands there, also for screen readers only, with single blanks."""
        return " ".join("".join(self._said).split())

    @property
    def buttons(self) -> list[str]:
        """Those that send a form."""
        return [label for label, form, _ in self._buttons if form]

    def button(self, label: str) -> tuple[Form, dict[str, str]]:
        """Its form, and the field that the button itself is."""
        (found,) = [(form, own) for text, form, own in self._buttons if form and text == label]
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
            self._by_id[given.get("id", "")] = self._form
        elif tag == "input" and "name" in given:
            self._input(given)
        elif tag == "textarea":
            self._area, self._from = given, len(self._said)
        elif tag == "button":
            self._button, self._from = given, len(self._said)
        elif tag == "a":
            self._href, self._from = given, len(self._said)
        elif tag in ("p", "div", "li", "h1", "h2", "dt", "dd", "section", "label", "br"):
            self._said.append(" ")

    def _input(self, given: dict[str, str]) -> None:
        if given.get("type") in ("radio", "checkbox") and "checked" not in given:
            return
        if "form" in given:
            self._elsewhere.append((given["form"], given["name"], given.get("value", "")))
        elif self._form:
            self._form.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        inside = "".join(self._said[self._from :]) if self._from is not None else ""
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            if self._form:
                self._form.fields[self._area["name"]] = inside
            self._area = None
        elif tag == "button" and self._button is not None:
            own = {self._button["name"]: self._button.get("value", "")} if "name" in self._button else {}
            sends = self._form if self._button.get("type", "submit") == "submit" else None
            self._buttons.append((" ".join(inside.split()), sends, own))
            self._button = None
        elif tag == "a" and self._href is not None:
            self.links[" ".join(inside.split())] = self._href.get("href", "")
            self._href = None

    def handle_data(self, data: str) -> None:
        self._said.append(data)


def read(page: httpx.Response) -> Page:
    return Page(page.text)


def words_of(page: httpx.Response) -> str:
    return read(page).words


def in_order(text: str, *parts: str) -> bool:
    """Whether all of them stand there, each behind the one before."""
    place = 0
    for part in parts:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True
