"""Deciding on requests: the cases by their number (C27–C31), from the pages and from the actions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from members.actions.deleting import delete_account
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import CSV
from requests_app.access import askable_by
from requests_app.actions import asking_first, document_requests, license_requests, ready_sentences
from requests_app.actions.deciding import withdraw
from requests_app.actions.document_requests import request_document
from requests_app.actions.giving import give_license
from requests_app.actions.license_requests import request_license
from requests_app.actions.together import decide_together
from requests_app.models import LicenseRequest, RequestMessage
from tests.at_once import at_once, slow_writes
from tests.factories import admin_of, collection_for, document, license_for, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]

APPROVE_ALL, REJECT_ALL = reverse("requests:approve_licenses"), reverse("requests:reject_licenses")


def asked_by(user: User, **fields: Any) -> LicenseRequest:
    assert user.company
    return request_license(license_for(user.company, **fields), by=user, reason="Voor de Zuidas")


def decisions() -> int:
    return OutboxMail.objects.filter(event__regex="_(approved|rejected)$").count()


def page_of(row: LicenseRequest) -> str:
    return reverse("requests:license_request", args=[row.pk])


class TestC27DecidedOnce:
    def test_c27_the_second_admin_is_told_by_whom_and_when_for_each_of_several(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        first, second = asked_by(colleague), asked_by(colleague)
        license_requests.reject(first, by=admin)
        browser = sign_in(admin_of(company, language="en"))

        answer = browser.post(APPROVE_ALL, {"chosen": [first.pk, second.pk]}).content.decode()

        assert "Anneke Beheerder already decided this on" in answer
        second.refresh_from_db()
        assert second.status == "approved"
        assert decisions() == 2

    def test_c27_what_became_of_a_request_meanwhile_is_said_and_approving_gives_nothing(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        """Withdrawn, by a deleted person, by a blocked one, and for a licence that ended while it was open."""
        people = [person(company=company) for _number in range(4)]
        taken_back, gone, shut_out, ended = (asked_by(one) for one in people)
        withdraw(taken_back, by=people[0])
        delete_account(people[1], by=people[1])
        membership.block(people[2], by=admin)
        License.objects.filter(pk=ended.license_id).update(ends_on=timezone.localdate() - timedelta(days=1))

        ids = [row.pk for row in (taken_back, gone, shut_out, ended)]
        said = sign_in(admin).post(APPROVE_ALL, {"chosen": ids}).context["refused"]

        words = {one.row.pk: one.refusal for one in said}
        assert "ingetrokken" in words[taken_back.pk]
        assert "ingetrokken" in words[gone.pk]
        assert "niet meer inloggen" in words[shut_out.pk]
        assert "niet geldig" in words[ended.pk]
        assert not Grant.objects.exists()
        assert decisions() == 0

    def test_c27_the_page_before_says_in_numbers_what_then_happens(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        license = license_for(company, seats=2)
        rows = [request_license(license, by=person(company=company)) for _number in range(3)]
        blocked = asked_by(person(company=company))
        membership.block(blocked.requester, by=admin)
        closed = asked_by(person(company=company))
        license_requests.reject(closed, by=admin)
        ids = [row.pk for row in [*rows, blocked, closed]]
        browser = sign_in(admin)

        before = browser.get(APPROVE_ALL, {"chosen": ids}).context["numbers"]
        assert LicenseRequest.objects.pending().count() == 4  # nothing is decided by a GET
        after = browser.post(APPROVE_ALL, {"chosen": ids}).context

        assert (before.chosen, before.open, before.gone, before.closed) == (5, 4, 1, 1)
        assert before.possible == after["done"] == 2
        assert len(after["refused"]) == 3

    def test_c27_another_companys_request_does_not_exist(
        self, company: Company, other_admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        browser = sign_in(other_admin)

        for url in (APPROVE_ALL, REJECT_ALL):
            assert browser.post(url, {"chosen": row.pk}).status_code == 302
        for name in ("ask_license", "answer_license"):
            assert browser.post(reverse(f"requests:{name}", args=[row.pk]), {"text": "?"}).status_code == 404

        row.refresh_from_db()
        assert row.is_open
        assert not RequestMessage.objects.exists()

    def test_c27_rejecting_several_says_the_same_to_each_and_mails_each_once(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        rows = [asked_by(person(company=company)) for _number in range(3)]
        sent = {"chosen": [row.pk for row in rows], "reason": "Te duur", "note": "Kom even langs"}

        sign_in(admin).post(REJECT_ALL, sent)
        sign_in(admin).post(REJECT_ALL, sent)

        told = LicenseRequest.objects.values_list("status", "rejection_reason", "rejection_note")
        assert set(told) == {("rejected", "Te duur", "Kom even langs")}
        assert decisions() == 3

    def test_c27_what_was_ticked_wrongly_counts_as_not_ticked(self, admin: User, sign_in: SignIn) -> None:
        for nonsense in ("", "x", "٣", "-1", "9" * 30, "1;drop"):
            assert sign_in(admin).post(APPROVE_ALL, {"chosen": nonsense}).status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_c27_twelve_admins_approve_the_same_twenty_requests_at_once(self, company: Company) -> None:
        license = license_for(company)
        rows = [request_license(license, by=person(company=company)) for _number in range(20)]
        ids = [row.pk for row in rows]
        admins = [admin_of(company) for _number in range(12)]

        def approve(by: User) -> int:
            change = partial(license_requests.approve, by=by)
            done = decide_together(LicenseRequest, ids, change, company=company)
            return sum(not one.refusal for one in done)

        with slow_writes("requests_app_licenserequest", 0.01):
            outcomes = at_once([partial(approve, by) for by in admins])

        assert not [one for one in outcomes if isinstance(one, Exception)]
        assert sum(one for one in outcomes if isinstance(one, int)) == 20
        assert decisions() == 20
        assert AuditEntry.objects.filter(verb="licenserequest_approved").count() == 20


class TestC28OneselfMayBeDecidedOn:
    def test_c28_an_admins_own_request_among_several_is_approved_and_in_the_trail(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        row = asked_by(admin)

        sign_in(admin).post(APPROVE_ALL, {"chosen": row.pk})

        entry = AuditEntry.objects.get(verb="licenserequest_approved")
        assert entry.actor_id == entry.subjects["user"] == admin.pk


class TestC29TwoReaders:
    def test_c29_the_message_to_the_requester_reaches_no_colleague(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        note = "Alleen voor jou"
        license_requests.reject(row, by=admin, reason="Te duur", note=note)
        browsers = {one: sign_in(one) for one in (person(company=company), colleague, admin)}

        seen = {one.email: note in page.get(page_of(row)).content.decode() for one, page in browsers.items()}

        assert list(seen.values()) == [False, True, True]
        for browser in browsers.values():
            assert "Te duur" in browser.get(page_of(row)).content.decode()
        mail = OutboxMail.objects.get(event="license_request_rejected")
        assert mail.recipient == colleague
        assert note in str(render(mail).message())

    def test_c29_question_and_answer_reach_no_colleague(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row, other = asked_by(colleague), person(company=company)
        browser = sign_in(admin)
        browser.post(reverse("requests:ask_license", args=[row.pk]), {"text": "Welk project?"})
        sign_in(colleague).post(reverse("requests:answer_license", args=[row.pk]), {"text": "Zuidas noord"})

        for url in (page_of(row), reverse("requests:license_requests")):
            seen = sign_in(other).get(url).content.decode()
            assert not [word for word in ("Welk project", "Zuidas noord", "beantwoord") if word in seen]
        assert "Zuidas noord" in browser.get(page_of(row)).content.decode()
        asked, answered = OutboxMail.objects.filter(event__startswith="request_").order_by("pk")
        assert (asked.recipient, answered.recipient) == (colleague, admin)

    def test_c29_a_colleague_cannot_answer_and_is_not_told_what_was_asked(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        asking_first.ask_first(row, "Welk project?", by=admin)

        answer = sign_in(person(company=company)).post(
            reverse("requests:answer_license", args=[row.pk]), {"text": "Ik weet het"}, follow=True
        )

        assert "Welk project" not in answer.content.decode()
        assert RequestMessage.objects.count() == 1

    def test_c29_whoever_decides_no_more_does_not_read_the_answer(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        second = admin_of(company)
        row = asked_by(colleague)
        asking_first.ask_first(row, "Welk project?", by=second)
        asking_first.answer(row, "Zuidas", by=colleague)
        mail = OutboxMail.objects.get(event="request_answer")
        assert mail.recipient == second
        assert context_of(mail)

        membership.change_role(second, User.Role.USER, by=admin)

        with pytest.raises(Unwanted):
            context_of(OutboxMail.objects.get(pk=mail.pk))


class TestC30Texts:
    @pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 1001, "😀" * 1001])
    def test_c30_a_question_says_something_and_is_bounded(
        self, admin: User, colleague: User, text: str, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        with pytest.raises(RuleError):
            asking_first.ask_first(row, text, by=admin)
        page = sign_in(admin).post(reverse("requests:ask_license", args=[row.pk]), {"text": text})
        assert page.status_code == 200
        assert not RequestMessage.objects.exists()

    def test_c30_a_thread_has_an_end(self, admin: User, colleague: User) -> None:
        row = asked_by(colleague)
        for number in range(asking_first.MAX_MESSAGES):
            asking_first.ask_first(row, f"Vraag {number}", by=admin)
        with pytest.raises(RuleError, match="Speak to each other"):
            asking_first.answer(row, "Nog een", by=colleague)

    @pytest.mark.parametrize("field", ["reason", "note"])
    @pytest.mark.parametrize("text", ["x" * 1001, "😀" * 1001, "x" * 100_000])
    def test_c30_both_boxes_of_a_rejection_are_bounded(
        self, admin: User, colleague: User, field: str, text: str, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        with pytest.raises(RuleError):
            license_requests.reject(row, by=admin, **dict[str, Any]({field: text}))
        url = reverse("requests:reject_license", args=[row.pk])
        assert sign_in(admin).post(url, {field: text}).status_code == 200
        row.refresh_from_db()
        assert row.is_open

    def test_c30_html_stays_text_on_every_page_of_the_thread(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        asking_first.ask_first(row, "<script>alert(1)</script>", by=admin)
        for one in (admin, colleague):
            page = sign_in(one).get(page_of(row)).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page


class TestC31Exports:
    def test_c31_a_cell_that_begins_like_a_formula_is_a_text(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(name='=HYPERLINK("https://evil.example")')
        row = request_license(license_for(company, name="@SUM(1)"), by=colleague, reason="+1+1")
        license_requests.reject(row, by=admin, reason="-2", note="=3")

        answer = sign_in(admin).get(reverse("requests:export_license_requests"), {"format": CSV, "period": "all"})

        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        heads, cells = csv.reader(io.StringIO(text), delimiter=";")
        assert len(heads) == len(cells)
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
        assert {"'@SUM(1)", "'+1+1", "'-2", "'=3"} <= set(cells)

    def test_c31_the_export_follows_the_filter_and_is_for_admins(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        wanted, _other = asked_by(colleague), asked_by(colleague)
        url = reverse("requests:export_license_requests")
        query: dict[str, Any] = {"format": CSV, "license": wanted.license_id}

        text = b"".join(sign_in(admin).get(url, query).streaming_content).decode()  # type: ignore[attr-defined]

        assert text.count("\r\n") == 2
        assert colleague.email in text
        assert sign_in(colleague).get(url, query).status_code == 403


class TestNotNow:
    def test_asking_again_before_the_day_is_refused_with_the_day_and_then_allowed(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        row = asked_by(colleague)
        day = timezone.localdate() + timedelta(days=30)
        License.objects.update(ends_on=day + timedelta(days=30))
        license_requests.reject(row, by=admin, ask_again_on=day)

        with pytest.raises(RuleError, match=r"again from .*\d{4}"):
            request_license(row.license, by=colleague)
        assert row.license not in askable_by(colleague)
        with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
            assert row.license in askable_by(colleague)
            assert request_license(row.license, by=colleague).is_open

    def test_the_same_for_a_standard(self, company: Company, admin: User, colleague: User) -> None:
        collection_for(company)
        wanted = document()
        row = request_document(wanted, by=colleague)
        document_requests.reject(row, by=admin, ask_again_on=timezone.localdate() + timedelta(days=1))

        with pytest.raises(RuleError, match="again from"):
            request_document(wanted, by=colleague)
        assert request_document(wanted, by=person(company=company)).is_open  # a colleague may

    @pytest.mark.parametrize("days", [0, -1, 367, 40_000])
    def test_the_day_is_to_come_and_within_a_year(self, admin: User, colleague: User, days: int) -> None:
        with pytest.raises(RuleError, match="Choose a day"):
            license_requests.reject(
                asked_by(colleague), by=admin, ask_again_on=timezone.localdate() + timedelta(days=days)
            )

    def test_an_admin_may_give_it_before_the_day_all_the_same(self, admin: User, colleague: User) -> None:
        row = asked_by(colleague)
        license_requests.reject(row, by=admin, ask_again_on=timezone.localdate() + timedelta(days=9))
        give_license(row.license, to=colleague, by=admin)
        assert Grant.objects.filter(user=colleague).exists()


class TestUntilADate:
    def test_approving_until_a_day_gives_it_until_then(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row, day = asked_by(colleague), timezone.localdate() + timedelta(days=10)
        url = reverse("requests:approve_license", args=[row.pk])

        sign_in(admin).post(url, {"ends_on": "geen dag"})
        sign_in(admin).post(url, {"ends_on": "2001-01-01"})
        assert not Grant.objects.exists()
        sign_in(admin).post(url, {"ends_on": day.isoformat()})

        assert Grant.objects.get().ends_on == day

    def test_several_standards_go_to_the_chosen_collection_until_a_day(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        wanted, other = collection_for(company), collection_for(company)
        rows = [request_document(document(), by=colleague) for _number in range(2)]
        held = request_document(document(), by=colleague)
        license_for(company, documents=[held.document])
        day = timezone.localdate() + timedelta(days=10)
        sent = {"chosen": [row.pk for row in [*rows, held]], "license": wanted.pk, "ends_on": day.isoformat()}

        answer = sign_in(admin).post(reverse("requests:approve_documents"), sent)

        assert answer.context["done"] == 3
        assert set(wanted.documents.all()) == {row.document for row in rows}
        assert not other.documents.exists()
        assert set(Grant.objects.values_list("ends_on", flat=True)) == {day}


class TestReadySentences:
    def test_a_sentence_goes_into_the_box_of_the_button_and_nothing_is_decided(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row, kept = asked_by(colleague), ready_sentences.add_sentence(company, "Vraag uw  teamleider.", by=admin)
        url = reverse("requests:reject_license", args=[row.pk])
        sent = {"sentence": kept.pk, "note": "Hoi", "reason": "Duur", "insert": "note"}

        form = sign_in(admin).post(url, sent).context["form"]

        assert form["note"].value() == "Hoi\nVraag uw teamleider."
        assert form["reason"].value() == "Duur"
        row.refresh_from_db()
        assert row.is_open

    def test_another_companys_sentence_is_not_inserted(
        self, other_company: Company, other_admin: User, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        theirs = ready_sentences.add_sentence(other_company, "Geheim", by=other_admin)
        url = reverse("requests:reject_license", args=[asked_by(colleague).pk])
        page = sign_in(admin).post(url, {"sentence": theirs.pk, "insert": "note"})
        assert "Geheim" not in page.content.decode()

    def test_sentences_are_bounded_and_kept_once(self, company: Company, admin: User) -> None:
        ready_sentences.add_sentence(company, "Eén", by=admin)
        for text in ("Eén", " ", "x" * 301):
            with pytest.raises(RuleError):
                ready_sentences.add_sentence(company, text, by=admin)
        for number in range(ready_sentences.MOST - 1):
            ready_sentences.add_sentence(company, f"Zin {number}", by=admin)
        with pytest.raises(RuleError, match="at most"):
            ready_sentences.add_sentence(company, "Te veel", by=admin)


def test_the_figures_tell_the_median_and_the_longest_wait(company: Company, admin: User, sign_in: SignIn) -> None:
    license = license_for(company, name="Bouw")
    for hours, way in ((1, "approve"), (5, "approve"), (72, "reject")):
        row = request_license(license, by=person(company=company))
        getattr(license_requests, way)(row, by=admin)
        LicenseRequest.objects.filter(pk=row.pk).update(
            created_at=timezone.now() - timedelta(hours=hours), decided_at=timezone.now()
        )

    context = sign_in(admin).get(reverse("requests:figures")).context

    (one,) = context["figures"]
    assert (one.name, one.approved, one.rejected) == ("Bouw", 2, 1)
    assert round(one.median / timedelta(hours=1)) == 5
    assert round(context["total"].worst / timedelta(hours=1)) == 72


def test_who_decides_reads_how_often_it_was_asked_before(
    company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    license = license_for(company)
    for one in (person(company=company), colleague):
        license_requests.reject(request_license(license, by=one), by=admin)
    row = request_license(license, by=colleague)

    history = sign_in(admin).get(page_of(row)).context["history"]

    assert (history["numbers"]["asked"], history["numbers"]["rejected"]) == (2, 2)
    assert [one.user_id for one in history["earlier"]] == [colleague.pk]
    assert "history" not in sign_in(person(company=company)).get(page_of(row)).context
