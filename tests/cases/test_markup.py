"""Test that markup in any text column is shown as text on every page, form and mail (C70)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.db import DataError, IntegrityError, models, transaction
from django.db.models.functions import Concat, Left
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.mail.rendering import render
from tests.clients import signed_in
from tests.every_mail import write_every_mail
from tests.factories import make_admin, make_company, make_person
from tests.pages.access_cast import _arguments, one_of_everything
from tests.pages.access_table import NO_METHOD, NO_METHOD_IN, TABLE

# It ends an attribute and a tag, so it is live wherever the text is not escaped.
MARKUP = '\'"><b id="live">'
LIVE = '<b id="live">'
APPS = ("accounts", "companies", "licenses", "members", "requests_app", "mail")
# The program writes and reads these.
CODE = {
    "User.password",
    "OutboxMail.event",
    "OutboxMail.key",
    "OutboxMail.message_id",
    "Heartbeat.name",
}
# Constraints or triggers of the database refuse markup in these columns.
REFUSED = {
    "AddressChange.address",
    "Document.number",
    "Domain.name",
    "TermsVersion.text_en",
    "TermsVersion.text_nl",
    "User.email",
}


def text_columns() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in apps.get_models():
        if model._meta.app_label in APPS and not model._meta.proxy:
            for field in model._meta.concrete_fields:
                is_text = isinstance(field, models.CharField | models.TextField)
                if is_text and not (field.choices or field.primary_key or isinstance(field, models.FileField)):
                    yield model, field


def put_markup_into_every_text() -> set[str]:
    """Append MARKUP to each text of each row; return the columns that refuse it."""
    refused = set()
    for model, field in text_columns():
        name = f"{model.__name__}.{field.name}"
        if name in CODE:
            continue
        room = (field.max_length or 10_000) - len(MARKUP)
        rows = model._default_manager.exclude(**{field.name: ""})
        try:
            with transaction.atomic():
                rows.update(**{field.name: Concat(Left(field.name, room), models.Value(MARKUP))})
        except (IntegrityError, DataError, ValueError):
            refused.add(name)
    return refused


@pytest.fixture(scope="module")
def people(module_db: None) -> dict[str, User]:
    company = make_company("Voorbeeld BV", "voorbeeld.example", user_label="Afdeling", request_label="Project")
    return {
        "admin": make_admin(company, "beheerder@voorbeeld.example"),
        "colleague": make_person("collega@voorbeeld.example", company=company),
        "personal": make_person("zonder@bedrijf.example"),
        "staff": make_person("nen@nen.example", is_staff=True, is_superuser=True),
    }


@pytest.fixture(scope="module")
def things(people: dict[str, User]) -> dict[str, object]:
    write_every_mail()
    admin = people["admin"]
    assert admin.company is not None
    things = one_of_everything(admin.company, admin)
    assert put_markup_into_every_text() == REFUSED
    return things


PAGES_OF_A_ROW = ("change", "history", "delete", "merge", "move", "outside", "remove", "documents", "readers")


def live_markup_at(browser: Client, urls: Iterator[str]) -> list[str]:
    pages = [(url, browser.get(url)) for url in urls]
    assert sum(page.status_code == 200 for _url, page in pages) > 10
    return [url for url, page in pages if not page.streaming and LIVE in page.content.decode(errors="replace")]


def urls_of_the_site(things: dict[str, object]) -> Iterator[str]:
    for name, row in TABLE.items():
        if row.get not in (NO_METHOD, NO_METHOD_IN) and name != "profile:delete_account":
            yield reverse(name, args=_arguments(things[row.thing]) if row.thing else [])


def urls_of_the_desk() -> Iterator[str]:
    yield reverse("admin:index")
    for model in django_admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{base}_changelist")
        yield reverse(f"{base}_add")
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:3]:
            for page in (
                "change",
                "history",
                "delete",
                "merge",
                "move",
                "outside",
                "remove",
                "documents",
                "readers",
            ):
                try:
                    yield reverse(f"{base}_{page}", args=[pk])
                except NoReverseMatch:
                    continue


@pytest.mark.parametrize("who", ["admin", "colleague", "personal"])
def test_markup_is_text_on_every_page_of_the_site(
    people: dict[str, User], things: dict[str, object], who: str, db: None
) -> None:
    assert live_markup_at(signed_in(people[who]), urls_of_the_site(things)) == []


def test_markup_is_text_on_every_page_of_the_desk(
    people: dict[str, User], things: dict[str, object], db: None
) -> None:
    assert live_markup_at(signed_in(people["staff"]), urls_of_the_desk()) == []


def test_markup_is_text_in_every_mail(things: dict[str, object], db: None) -> None:
    letters = []
    for mail in OutboxMail.objects.filter(status=MailStatus.WAITING):
        with suppress(Unwanted):
            letters.append(render(mail))

    assert len(letters) > 20
    assert [letter.subject for letter in letters if LIVE in str(letter.alternatives)] == []
