"""Read a form of Django admin as a browser would post it unchanged."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Reader(HTMLParser):
    # Of the page's main form alone, whose id ends in „_form".

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._inside = False
        self._select = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name = attributes.get("name") or ""
        if tag == "form":
            self._inside = (attributes.get("id") or "").endswith("_form")
        if not self._inside:
            return
        if tag == "input" and name and _is_sent(attributes):
            self.values.setdefault(name, []).append(
                attributes.get("value") or ("on" if "checked" in attributes else "")
            )
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in attributes:
            self.values.setdefault(self._select, []).append(attributes.get("value") or "")
        elif tag == "textarea":
            self._text = name
            self.values[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.values[self._text][0] += data.lstrip("\n")


def _is_sent(attributes: dict[str, str | None]) -> bool:
    kind = attributes.get("type")
    if kind in {"submit", "button", "file"} or "disabled" in attributes:
        return False
    return kind not in {"checkbox", "radio"} or "checked" in attributes


def filled_in(browser: Client, url: str) -> dict[str, Any]:
    # Empty where the page has no form, or shows none to this person.
    page = browser.get(url)
    if page.status_code != 200:
        return {}
    reader = _Reader()
    reader.feed(page.content.decode())
    return {name: values for name, values in reader.values.items() if "__prefix__" not in name}
