"""Answers with a date or a ready sentence, and the figures beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.rules.errors import RuleError
from requests_app.access import askable_by
from requests_app.actions import deciding, ready_sentences
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import give_license
from requests_app.models import LicenseRequest
from tests.cases.deciding import asked_by, page_of
from tests.factories import collection_for, document, license_for, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestNotNow:
    def test_asking_again_before_the_day_is_refused_with_the_day_and_then_allowed(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        row = asked_by(colleague)
        day = timezone.localdate() + timedelta(days=30)
        License.objects.update(ends_on=day + timedelta(days=30))
        deciding.reject(row, by=admin, ask_again_on=day)

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
        deciding.reject(row, by=admin, ask_again_on=timezone.localdate() + timedelta(days=1))

        with pytest.raises(RuleError, match="again from"):
            request_document(wanted, by=colleague)
        assert request_document(wanted, by=person(company=company)).is_open  # a colleague may

    @pytest.mark.parametrize("days", [0, -1, 367, 40_000])
    def test_the_day_is_to_come_and_within_a_year(self, admin: User, colleague: User, days: int) -> None:
        with pytest.raises(RuleError, match="Choose a day"):
            deciding.reject(
                asked_by(colleague), by=admin, ask_again_on=timezone.localdate() + timedelta(days=days)
            )

    def test_an_admin_may_give_it_before_the_day_all_the_same(self, admin: User, colleague: User) -> None:
        row = asked_by(colleague)
        deciding.reject(row, by=admin, ask_again_on=timezone.localdate() + timedelta(days=9))
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
        getattr(deciding, way)(row, by=admin)
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
        deciding.reject(request_license(license, by=one), by=admin)
    row = request_license(license, by=colleague)

    history = sign_in(admin).get(page_of(row)).context["history"]

    assert (history["numbers"]["asked"], history["numbers"]["rejected"]) == (2, 2)
    assert [one.user_id for one in history["earlier"]] == [colleague.pk]
    assert "history" not in sign_in(person(company=company)).get(page_of(row)).context
