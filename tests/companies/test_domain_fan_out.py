"""Test that a new domain mails everyone on it without a company once, even when a worker dies (R8)."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import get_context
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import domain_fan_out
from accounts.actions.closing import close_company
from accounts.actions.domain_fan_out import run_domain_fan_outs
from accounts.mails import domains as domain_mails
from accounts.models import User
from companies.domains import add_domain, change_domain, remove_domain
from companies.models import Company, DomainFanOut
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from tests.at_once import run_at_once
from tests.factories import make_company, make_pending_person, make_person


def mailed() -> list[str]:
    # In the order in which the mails become due.
    mails = OutboxMail.objects.filter(event="domain_added").order_by("due_at", "pk")
    return [mail.recipient.email for mail in mails.select_related("recipient") if mail.recipient]


def test_a_new_domain_mails_only_registered_people_without_a_company(company: Company, staff: User) -> None:
    make_person("los@nieuw.example")
    make_person("onder@lab.nieuw.example")
    make_person("ander@evil-nieuw.example")
    make_person("lid@nieuw.example", company=company)
    make_person("dicht@nieuw.example", is_blocked=True)
    make_pending_person("half@nieuw.example")
    make_person("nen@nieuw.example", is_staff=True)

    add_domain(company, "nieuw.example", by=staff)
    assert mailed() == []  # the page does not wait
    run_domain_fan_outs()

    assert mailed() == ["los@nieuw.example"]
    row = DomainFanOut.objects.get()
    assert (row.total, row.mailed, bool(row.finished_at)) == (1, 1, True)


def test_adding_the_subdomains_later_mails_the_people_on_subdomains(company: Company, staff: User) -> None:
    make_person("los@nieuw.example")
    make_person("onder@lab.nieuw.example")
    domain = add_domain(company, "nieuw.example", by=staff)
    run_domain_fan_outs()

    change_domain(domain, has_subdomains=True, by=staff)
    run_domain_fan_outs()

    assert mailed() == ["los@nieuw.example", "onder@lab.nieuw.example"]
    assert DomainFanOut.objects.get().total == 2


def test_many_people_on_a_domain_are_mailed_once_in_batches_that_become_due_in_turn(
    company: Company, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain_fan_out, "BATCH", 7)
    people = [make_person(f"p{number:02}@nieuw.example") for number in range(45)]
    add_domain(company, "nieuw.example", by=staff)

    run_domain_fan_outs()
    run_domain_fan_outs()

    assert mailed() == [person.email for person in people]
    due = list(OutboxMail.objects.order_by("due_at").values_list("due_at", flat=True))
    assert 2 <= (due[-1] - due[0]).total_seconds() < 5  # twenty a second, over the batches
    keys = OutboxMail.objects.values_list("key", "message_id", "about")
    domain = company.domains.get(name="nieuw.example")
    assert {key for key, _id, _about in keys} == {
        f"domain_added:domain{domain.pk}:to{person.pk}" for person in people
    }
    assert len({message_id for _key, message_id, _about in keys}) == 45
    assert all(about == {"domain": domain.pk} for _key, _id, about in keys)


def test_a_domain_that_is_added_again_is_another_one(company: Company, staff: User) -> None:
    make_person("los@nieuw.example")
    for _twice in range(2):
        domain = add_domain(company, "nieuw.example", by=staff)
        run_domain_fan_outs()
        remove_domain(domain, by=staff)

    assert mailed() == ["los@nieuw.example"] * 2


def test_saving_a_domain_takes_as_many_queries_with_many_people_as_with_none(
    company: Company, staff: User
) -> None:
    def queries(name: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            add_domain(company, name, by=staff)
        return len(captured)

    for number in range(30):
        make_person(f"p{number}@druk.example")

    assert queries("leeg.example") == queries("druk.example")


@pytest.mark.parametrize("why", ["removed", "closed", "joined", "blocked", "moved away"])
def test_a_mail_about_a_domain_is_not_sent_when_the_person_can_no_longer_join(
    company: Company, staff: User, why: str
) -> None:
    user = make_person("los@nieuw.example")
    domain = add_domain(company, "nieuw.example", by=staff)
    run_domain_fan_outs()
    mail = OutboxMail.objects.select_related("recipient").get(event="domain_added")
    assert context_of(mail)["company"] == company

    if why == "removed":
        remove_domain(domain, by=staff)
    elif why == "closed":
        close_company(company, because="Opgezegd", by=staff)
    else:
        changes: dict[str, dict[str, Any]] = {
            "joined": {"company": company},
            "blocked": {"is_blocked": True},
            "moved away": {"email": "los@elders.example"},
        }
        User.objects.filter(pk=user.pk).update(**changes[why])

    with pytest.raises(Unwanted):
        context_of(OutboxMail.objects.select_related("recipient").get(pk=mail.pk))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_mail_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_fan_out, "BATCH", 5)
    company = make_company("Nieuw BV")
    people = [make_person(f"p{number:02}@nieuw.example") for number in range(40)]
    add_domain(company, "nieuw.example", by=None)

    outcomes = run_at_once([run_domain_fan_outs, run_domain_fan_outs])
    run_domain_fan_outs()

    assert outcomes == [None, None]
    assert sorted(mailed()) == [person.email for person in people]
    assert DomainFanOut.objects.get().mailed == 40


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_five_times_mails_each_once() -> None:
    company = make_company("Nieuw BV")
    people = [make_person(f"p{number:02}@nieuw.example") for number in range(60)]
    add_domain(company, "nieuw.example", by=None)
    connection.close()

    halfway = [_kill_in_the_middle() for _time in range(5)]
    run_domain_fan_outs()

    assert sorted(mailed()) == [person.email for person in people]
    assert DomainFanOut.objects.get().mailed == 60
    assert 0 < max(halfway) < 60  # some were killed with a part done


def _kill_in_the_middle() -> int:
    # How many mails there were when it died.
    before = OutboxMail.objects.count()
    connection.close()
    worker = get_context("fork").Process(target=_work_slowly)
    worker.start()
    end = time.monotonic() + 10
    while OutboxMail.objects.count() < before + 5 and time.monotonic() < end:
        time.sleep(0.02)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    return OutboxMail.objects.count()


def _work_slowly() -> None:
    # Batches of five, each with a while between its mails and its cursor: there it is killed.
    connection.close()
    domain_fan_out.BATCH = 5
    write = domain_mails.queue_domain_added

    def write_slowly(*args: object, **kwargs: object) -> object:
        written = write(*args, **kwargs)  # type: ignore[arg-type]
        time.sleep(0.1)
        return written

    domain_mails.queue_domain_added = write_slowly  # type: ignore[assignment]
    run_domain_fan_outs()
    os._exit(0)
