"""Test that GET and HEAD on the links of mails change nothing, as link scanners do both (C8, R34)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from nenconnect.mail.models import OutboxMail
from tests.every_mail import links_in_mails, write_every_mail
from tests.every_row import rows_of_every_table
from tests.factories import make_admin, make_company

FETCHES = ("get", "head") * 3


@pytest.fixture
def mails(db: None) -> list[OutboxMail]:
    return write_every_mail()


def test_the_mails_have_links_of_every_kind(mails: list[OutboxMail]) -> None:
    kinds = {path.split("/")[1] for path in links_in_mails(mails)}
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
    for path, mail in links_in_mails(mails).items():
        client = Client()
        if person := person_for(who, mail):
            client.force_login(person)
            client.get("/hulp/")  # writes down where the person is, as any first click does
        before = rows_of_every_table()
        for method in FETCHES:
            answer = getattr(client, method)(path)
            assert answer.status_code in allowed_statuses(who), (mail.event, path, answer.status_code)
            assert answer.cookies.get(settings.SESSION_COOKIE_NAME) is None, (mail.event, path)
        after = rows_of_every_table()
        assert after == before, (mail.event, path, [table for table in after if after[table] != before[table]])


def person_for(who: str, mail: OutboxMail) -> User | None:
    if who == "the reader":
        reader = mail.recipient
        return reader if reader and reader.is_active else None
    if who == "somebody else":
        return User.objects.active().exclude(pk=mail.recipient_id or 0).earliest("pk")
    if who == "an admin of another company":
        return User.objects.filter(company__name="Elders").first() or make_admin(make_company("Elders"))
    return None


def allowed_statuses(who: str) -> set[int]:
    """Return the allowed status codes; another person may also get 403 or 404."""
    return {200, 302} if who in ("nobody", "the reader") else {200, 302, 403, 404}


def test_no_link_in_a_mail_signs_a_visitor_in(mails: list[OutboxMail]) -> None:
    client = Client()
    for path in links_in_mails(mails):
        client.get(path, follow=True)

    assert "_auth_user_id" not in client.session
