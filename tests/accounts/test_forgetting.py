"""Test that unfinished registrations are deleted again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import forgetting
from accounts.actions.forgetting import forget_unfinished_registrations, forget_visits
from accounts.actions.registering_oneself import register_self
from accounts.actions.sign_in import count_attempt
from accounts.models import SignInAttempts, User
from accounts.tasks import forget_unfinished
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.celery import app as celery_app
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_pending_person, make_person, registration_token

pytestmark = pytest.mark.django_db

LONG_AGO = date(2020, 1, 31)


def unfinished(address: str = "", **fields: Any) -> User:
    return make_pending_person(address, **{"registration_deadline": LONG_AGO, **fields})


def test_an_unfinished_registration_is_deleted_a_month_after_its_deadline() -> None:
    person_ = unfinished(registration_deadline=date(2027, 3, 31))
    with time_machine.travel("2027-04-29T12:00:00+02:00", tick=False):
        forget_unfinished_registrations()
        assert User.objects.filter(pk=person_.pk).exists()
    with time_machine.travel("2027-04-30T12:00:00+02:00", tick=False):
        forget_unfinished_registrations()
        assert not User.objects.filter(pk=person_.pk).exists()


def test_cleaning_up_registrations_keeps_invited_blocked_and_registered_users(
    company: Company, personal: User, pending: User, blocked: User
) -> None:
    of_company = unfinished(company=company)
    brought_in = unfinished(company=company, registration_origin=User.Origin.SELF)
    blocked_by_nen = unfinished(is_blocked=True)
    asked_by_nen = unfinished(registration_origin=User.Origin.NEN)
    registered_late = make_person(registration_deadline=LONG_AGO)
    in_time = make_pending_person()
    everybody = set(User.objects.all())
    assert {of_company, brought_in, blocked_by_nen, asked_by_nen, registered_late, in_time} <= everybody
    forget_unfinished_registrations()
    assert set(User.objects.all()) == everybody


def test_deleting_an_unfinished_registration_is_audited_and_deletes_its_mails(smtp_sink) -> None:
    register_self("jan@bedrijf.example", "Jan Jansen", language="nl")
    drain(5)
    assert OutboxMail.objects.get().sent_to == "jan@bedrijf.example"
    User.objects.update(registration_deadline=LONG_AGO)
    number = User.objects.get().pk

    forget_unfinished_registrations()

    assert not OutboxMail.objects.exists()
    last = AuditEntry.objects.order_by("pk").last()
    assert last is not None
    assert (last.verb, last.actor_id, last.subjects) == ("registration_forgotten", None, {"user": number})


def test_a_waiting_mail_of_a_deleted_registration_is_not_sent(smtp_sink) -> None:
    register_self("jan@bedrijf.example", "Jan Jansen", language="nl")
    User.objects.update(registration_deadline=LONG_AGO)
    forget_unfinished_registrations()
    drain(5)
    mail = OutboxMail.objects.get()
    assert (mail.status, mail.sent_to, mail.recipient) == (OutboxMail.Status.SUPPRESSED, "", None)
    assert not smtp_sink.mails()


def test_many_unfinished_registrations_are_deleted_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 3)
    for _number in range(8):
        unfinished()
    forget_unfinished_registrations()
    assert not User.objects.exists()
    assert AuditEntry.objects.filter(verb="registration_forgotten").count() == 8


def test_an_address_can_register_again_after_its_unfinished_registration_was_deleted(client: Client) -> None:
    person_ = unfinished("jan@bedrijf.example")
    token = registration_token(person_)
    forget_unfinished_registrations()
    assert client.get(reverse("sign_in:registration", args=[token])).status_code == 200
    assert client.post(reverse("sign_in:registration", args=[token])).status_code == 200  # no way on
    register_self("jan@bedrijf.example", "Jan Jansen", language="nl")
    again = User.objects.get()
    assert again.pk != person_.pk
    assert again.registration_deadline is not None
    assert again.registration_deadline > timezone.localdate() + timedelta(days=20)


@pytest.mark.django_db(transaction=True)
def test_registering_again_during_the_clean_up_gives_an_account_and_no_error() -> None:
    unfinished("jan@bedrijf.example")

    def register() -> None:
        register_self("jan@bedrijf.example", "Jan Jansen", language="nl")

    with slow_writes("accounts_user"):
        assert run_at_once([forget_unfinished_registrations, register]) == [None, None]
    assert User.objects.filter(email="jan@bedrijf.example").count() == 1


def test_old_visitor_sessions_and_sign_in_attempts_are_deleted(client: Client, colleague: User) -> None:
    with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
        client.post(reverse("sign_in:register"), {"name": "Jan", "email": "jan@bedrijf.example"})
        for address in (colleague.email, "onbekend@bedrijf.example"):
            count_attempt(address)
        clock.shift(timedelta(days=60))
        count_attempt("laatst@bedrijf.example")
        forget_visits()
        assert (Session.objects.count(), SignInAttempts.objects.count()) == (0, 3)
        clock.shift(timedelta(days=31))
        forget_visits()
        assert list(SignInAttempts.objects.values_list("address", flat=True)) == ["laatst@bedrijf.example"]


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_attempt_during_the_clean_up_is_counted() -> None:
    SignInAttempts.objects.create(address="jan@bedrijf.example", last_at=timezone.now() - timedelta(days=100))
    with slow_writes("accounts_signinattempts"):
        assert run_at_once([forget_visits, lambda: count_attempt("jan@bedrijf.example")]) == [None, True]
    assert SignInAttempts.objects.get().failures == 1


def test_the_clean_up_of_unfinished_registrations_is_a_scheduled_task() -> None:
    unfinished()
    forget_unfinished()
    assert not User.objects.exists()
    assert forget_unfinished.name in {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
