from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.pages.access_cast import _arguments
from tests.pages.access_table import PEOPLE, TABLE
from tests.pages.shared_cast import browsers, shared_cast, things

__all__ = ["browsers", "shared_cast", "things"]


def _names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            namespace = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _names(pattern.url_patterns, prefix + namespace)
        else:
            yield prefix + (pattern.name or str(pattern.pattern))


ALL = sorted(set(_names(get_resolver().url_patterns)))
STAFF_ONLY = [name for name in ALL if name.startswith("admin:")]
OURS = [name for name in ALL if name not in STAFF_ONLY]


def test_the_access_table_lists_every_url():
    assert sorted(TABLE) == OURS


@pytest.mark.parametrize("name", sorted(TABLE))
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_url_answers_each_kind_of_person_as_the_table_says(name, method, browsers, things):
    row = TABLE[name]
    url = reverse(name, args=_arguments(things[row.thing]) if row.thing else [])
    data = {row.sent: things[row.sent]} if row.sent else {}
    assert _answers(browsers, method, url, data) == dict(zip(PEOPLE, getattr(row, method).split(), strict=True))


@pytest.mark.parametrize("name", STAFF_ONLY)
@pytest.mark.parametrize("method", ["get", "post"])
def test_django_admin_refuses_everyone_but_nen_staff(name, method, browsers, things):
    answers = _answers(browsers, method, _admin_url(name), {})
    staff = answers.pop("staff")
    assert staff != "500"
    assert {person for person, answer in answers.items() if answer not in {"in", "302", "403", "404"}} == set()


def _answers(browsers: dict[str, Client], method: str, url: str, data: dict[str, object]) -> dict[str, str]:
    """Return the answer for each kind of person, and roll each back before the next."""
    answers = {}
    for name, browser in browsers.items():
        with transaction.atomic():
            answers[name] = _short(getattr(browser, method)(url, data))
            transaction.set_rollback(True)
    return answers


def _short(response: HttpResponse) -> str:
    to_sign_in = response.status_code == 302 and response["Location"].startswith(f"{reverse('account_login')}?")
    return "in" if to_sign_in else str(response.status_code)


def _admin_url(name: str) -> str:
    """Return the URL of this admin page with arguments that fit; its object need not exist."""
    for arguments in ([], ["1"], ["auth"], [1, "1"]):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return reverse("admin:index") + "bestaat-niet/"
