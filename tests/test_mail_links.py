"""Mail scanners GET and HEAD every link, more than once, and some run scripts: nothing may change (C8, R34)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser

from accounts.models import User
from nenconnect.mail.models import OutboxMail
from tests.every_mail import part, sent, write_every_mail
from tests.factories import admin_of, company_with

FETCHES = ("get", "head") * 3


def links_of(mails: list[OutboxMail]) -> dict[str, OutboxMail]:
    """Every address in the text, the HTML and the headers, without the site: the path, and a mail that has it."""
    links: dict[str, OutboxMail] = {}
    for mail in mails:
        message = sent(mail)
        found = re.findall(r'href="([^"]*)"', part(message, "html"))
        found += re.findall(rf"{re.escape(settings.SITE_URL)}/\S*", part(message, "plain"))
        found += re.findall("<(http[^>]*)>", str(message["List-Unsubscribe"] or ""))
        links |= {unescape(link).removeprefix(settings.SITE_URL): mail for link in found}
    return links


def everything() -> dict[str, list[str]]:
    """All rows of all tables, sessions among them, as the database writes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {name: rows_of(name) for (name,) in cursor.fetchall()}


def rows_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT row::text FROM "{table}" AS row ORDER BY 1')
        return [text for (text,) in cursor.fetchall()]


@pytest.fixture
def mails(db: None) -> list[OutboxMail]:
    return write_every_mail()


def test_there_are_links_of_every_kind(mails: list[OutboxMail]) -> None:
    kinds = {path.split("/")[1] for path in links_of(mails)}
    assert kinds >= {
        "registratie",
        "wachtwoord-herstellen",
        "herinneringen-uitzetten",
        "mijn-profiel",
        "aanvragen",
        "documenten",
        "mijn-bedrijf",
    }


@pytest.mark.parametrize("who", ["nobody", "the reader", "somebody else", "an admin of another company"])
def test_fetching_every_link_of_every_mail_changes_nothing(mails: list[OutboxMail], who: str) -> None:
    for path, mail in links_of(mails).items():
        client = Client()
        if person := looks(who, mail):
            client.force_login(person)
            client.get("/hulp/")  # writes down where the person is, as any first click does
        before = everything()
        for method in FETCHES:
            answer = getattr(client, method)(path)
            assert answer.status_code in allowed(who), (mail.event, path, answer.status_code)
            assert answer.cookies.get(settings.SESSION_COOKIE_NAME) is None, (mail.event, path)
        after = everything()
        assert after == before, (mail.event, path, [table for table in after if after[table] != before[table]])


def looks(who: str, mail: OutboxMail) -> User | None:
    if who == "the reader":
        reader = mail.recipient
        return reader if reader and reader.is_active else None
    if who == "somebody else":
        return User.objects.active().exclude(pk=mail.recipient_id or 0).earliest("pk")
    if who == "an admin of another company":
        return User.objects.filter(company__name="Elders").first() or admin_of(company_with("Elders"))
    return None


def allowed(who: str) -> set[int]:
    """A page, or the way to the sign-in; who is somebody else may also be told that there is no such page."""
    return {200, 302} if who in ("nobody", "the reader") else {200, 302, 403, 404}


def test_nobody_is_signed_in_by_a_link(mails: list[OutboxMail]) -> None:
    client = Client()
    for path in links_of(mails):
        client.get(path, follow=True)

    assert "_auth_user_id" not in client.session


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_scanner_that_runs_the_scripts_of_the_page_changes_nothing_either(live_server, browser: Browser) -> None:
    one_of_each_kind = {path.split("/")[1]: path for path in links_of(write_every_mail())}
    before = everything()
    page = browser.new_page()
    for path in one_of_each_kind.values():
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
    page.close()

    assert everything() == before
