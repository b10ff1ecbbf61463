"""Test „Mijn bedrijf – Logboek": a company's part of the audit, in sentences, for its admins (R38)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.actions import details, membership
from accounts.models import User
from companies import actions as companies
from companies import domains
from companies.models import Company
from licenses.actions import granting, terms
from members.actions.deleting import delete_account
from members.actions.moving import accept_move
from members.verbs import PEOPLE_CHANGED
from nenconnect.audit.actions import record
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.origin import AuditOrigin, coming_from
from nenconnect.audit.search import page_of
from nenconnect.audit.sentences import AuditReader
from nenconnect.audit.verbs import VERBS
from tests.factories import make_admin, make_license, make_move_request, make_person

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def logbook(admin: User, sign_in: SignIn) -> Callable[..., str]:
    """Return a function that opens the logbook as the admin, in Dutch."""
    browser = sign_in(admin)
    return lambda **query: browser.get(reverse("company:logbook"), query).content.decode()


def line_in_dutch(entry: AuditEntry, *, for_company: bool = False) -> str:
    with translation.override("nl"):
        return AuditReader([entry], for_company=for_company).line(entry)


class TestLogbookLine:
    def test_a_logbook_line_names_the_actor_the_act_and_the_person(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        granting.grant(make_license(company, name="Bouw"), to=colleague, by=admin)

        assert line_in_dutch(AuditEntry.objects.get()) == "Anneke Beheerder gaf Coen Collega de licentie „Bouw”."

    def test_a_logbook_line_shows_the_old_and_the_new_value(self, company: Company, staff: User) -> None:
        terms.change_terms(make_license(company, name="Bouw", seats=10), by=staff, seats=20)

        entry = AuditEntry.objects.get()
        assert line_in_dutch(entry) == "Nel van NEN wijzigde de licentie „Bouw”: plaatsen: van 10 naar 20."
        assert line_in_dutch(entry, for_company=True).startswith("NEN wijzigde")

    def test_a_logbook_line_about_a_changed_name_omits_the_names(self, admin: User, colleague: User) -> None:
        details.change_details(colleague, by=admin, name="Iemand Anders", country="BE", language="en")

        sentence = line_in_dutch(AuditEntry.objects.get())
        assert "land: van Nederland naar België" in sentence
        assert "taal: van Nederlands naar English" in sentence
        assert sentence.endswith("naam.")

    @pytest.mark.parametrize(("people", "says"), [(1, "1 persoon"), (2, "2 personen")])
    def test_a_logbook_line_uses_the_singular_for_one_person(
        self, company: Company, admin: User, people: int, says: str
    ) -> None:
        record(PEOPLE_CHANGED, by=admin, company_id=company.pk, about=[company], people=people)

        assert says in line_in_dutch(AuditEntry.objects.get())

    def test_a_logbook_line_calls_a_deleted_person_a_deleted_user(self, admin: User, colleague: User) -> None:
        membership.block(colleague, by=admin)
        delete_account(colleague, by=admin)

        assert (
            line_in_dutch(AuditEntry.objects.get(verb="blocked"))
            == "Anneke Beheerder blokkeerde verwijderde gebruiker."
        )

    def test_logbook_lines_take_as_many_queries_for_30_entries_as_for_3(
        self, company: Company, admin: User
    ) -> None:
        def queries(number: int) -> int:
            for _number in range(number):
                granting.grant(make_license(company), to=make_person(company=company), by=admin)
            entries = list(AuditEntry.objects.all())
            with CaptureQueriesContext(connection) as captured:
                reader = AuditReader(entries)
                assert all(reader.line(entry) for entry in entries)
            return len(captured)

        assert queries(3) == queries(27) == 3  # people, licences, the company


class TestOriginOfAnEntry:
    def test_an_audit_entry_records_page_or_desk_and_the_network_of_the_address(
        self, admin: User, colleague: User, staff: User, sign_in: SignIn
    ) -> None:
        sign_in(admin).post(reverse("company:block", args=[colleague.pk]), REMOTE_ADDR="203.0.113.77")
        posted = {"action": "unblock", "_selected_action": [colleague.pk]}
        sign_in(staff).post(reverse("admin:accounts_user_changelist"), posted, REMOTE_ADDR="2001:db8:1:2::3")

        origins = list(
            AuditEntry.objects.filter(verb__endswith="blocked").order_by("pk").values_list("origin", "network")
        )
        assert origins == [("page", "203.0.113.0/24"), ("desk", "2001:db8:1::/48")]

    def test_an_act_outside_a_page_has_the_origin_command(self, admin: User, colleague: User) -> None:
        membership.block(colleague, by=admin)

        assert AuditEntry.objects.get().origin == AuditOrigin.COMMAND

    def test_the_origin_of_a_page_ends_with_its_request(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        sign_in(admin).get(reverse("company:logbook"))
        membership.block(colleague, by=admin)

        assert AuditEntry.objects.get().origin == AuditOrigin.COMMAND

    def test_an_import_inside_the_worker_has_the_origin_import(self, admin: User, colleague: User) -> None:
        with coming_from(AuditOrigin.WORKER):
            with coming_from(AuditOrigin.IMPORT):
                membership.block(colleague, by=admin)
            membership.unblock(colleague, by=admin)

        assert list(AuditEntry.objects.order_by("pk").values_list("origin", flat=True)) == ["import", "worker"]


class TestLogbookPage:
    def test_the_logbook_shows_the_newest_line_first(
        self, logbook: Callable[..., str], admin: User, colleague: User
    ) -> None:
        membership.block(colleague, by=admin)
        membership.unblock(colleague, by=admin)

        page = logbook()
        assert page.index("deblokkeerde Coen") < page.index("Anneke Beheerder blokkeerde Coen")

    def test_the_logbook_shows_no_lines_of_another_company(
        self, logbook: Callable[..., str], other_company: Company, other_admin: User
    ) -> None:
        membership.block(make_person(company=other_company, name="Vreemde Vogel"), by=other_admin)
        line = AuditEntry.objects.get()

        for page in (logbook(), logbook(before=line.pk), logbook(after=line.pk - 1), logbook(q="Vogel")):
            assert "Vreemde" not in page

    def test_the_logbook_shows_nen_instead_of_the_name_of_its_staff(
        self, logbook: Callable[..., str], company: Company, staff: User
    ) -> None:
        companies.change_company(company, by=staff, account_manager=staff, name="Voorbeeld NV")

        page = logbook()
        assert "NEN wijzigde het bedrijf" in page
        assert staff.name not in page

    def test_the_logbook_hides_the_internal_acts_of_nen(
        self, logbook: Callable[..., str], company: Company, admin: User, staff: User
    ) -> None:
        internal = [verb for verb in VERBS.values() if verb.topic is None]
        assert internal
        for verb in internal:
            record(verb, by=staff, company_id=company.pk, about=admin)

        assert "<tbody>" not in logbook()

    def test_the_logbook_hides_the_company_and_admin_to_which_a_colleague_moved(
        self,
        logbook: Callable[..., str],
        company: Company,
        other_company: Company,
        other_admin: User,
        colleague: User,
    ) -> None:
        granting.grant(make_license(company), to=colleague, by=None)
        domains.add_domain(other_company, "voorbeeld.example", by=None)
        accept_move(make_move_request(other_company, colleague), by=other_admin)

        page = logbook()
        assert "Coen Collega stapte over naar een ander bedrijf" in page
        assert other_admin.name not in page
        assert other_company.name not in page

    def test_the_logbook_can_be_searched_by_colleague_and_by_act(
        self, logbook: Callable[..., str], company: Company, admin: User, colleague: User
    ) -> None:
        other = make_person(company=company, name="Iris Ander")
        for person in (colleague, other):
            membership.block(person, by=admin)
        membership.unblock(other, by=admin)

        page = logbook(q="iris", what="blocked")
        assert "blokkeerde Iris Ander" in page
        assert "deblokkeerde Iris" not in page
        assert "blokkeerde Coen" not in page

    def test_a_period_of_the_logbook_includes_its_first_and_last_day(
        self, logbook: Callable[..., str], admin: User, colleague: User
    ) -> None:
        membership.block(colleague, by=admin)
        today = timezone.localdate()

        assert "blokkeerde Coen" in logbook(first=today, last=today)
        assert "blokkeerde Coen" not in logbook(first=today + timedelta(days=1))
        assert "blokkeerde Coen" not in logbook(last=today - timedelta(days=1))

    @pytest.mark.parametrize(
        "odd", [{"first": "gisteren"}, {"what": "alles"}, {"before": "x"}, {"after": "9" * 30}]
    )
    def test_the_logbook_ignores_a_filter_that_it_does_not_understand(
        self, logbook: Callable[..., str], admin: User, colleague: User, odd: dict[str, str]
    ) -> None:
        membership.block(colleague, by=admin)

        assert "blokkeerde Coen" in logbook(**odd)

    def test_the_logbook_page_takes_as_many_queries_for_30_entries_as_for_3(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(admin)

        def queries(number: int) -> int:
            for _number in range(number):
                granting.grant(make_license(company), to=make_person(company=company), by=admin)
            with CaptureQueriesContext(connection) as captured:
                browser.get(reverse("company:logbook"))
            return len(captured)

        assert queries(3) == queries(27)

    def test_the_logbook_export_has_the_same_lines_as_the_page(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        granting.grant(make_license(company, name="=1+1"), to=make_person(company=company, name="-Min"), by=admin)
        browser = sign_in(admin)

        answer = browser.get(reverse("company:export_logbook"), {"format": "csv"})
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

        assert "Anneke Beheerder gaf -Min de licentie „=1+1”." in text
        assert len(text.splitlines()) == 2
        assert browser.get(reverse("company:export_logbook"), {"format": "xlsx"}).status_code == 200


class TestLogbookPaging:
    @pytest.mark.parametrize("people", [None, "all"])
    def test_paging_the_logbook_forward_and_back_shows_every_line(
        self, company: Company, admin: User, people: str | None
    ) -> None:
        moment = timezone.now()
        for number in range(23):
            entry = AuditEntry(verb="blocked", actor_id=admin.pk, company_id=company.pk, subjects={"user": number})
            entry.save()
            if number % 3:
                continue
        rows, who = AuditEntry.objects.filter(company_id=company.pk), [admin.pk] if people else None
        everything = list(rows.order_by("-at", "-pk").values_list("pk", flat=True))

        pages = [page_of(rows, 5, before=None, after=None, people=who)]
        while pages[-1].older:
            pages.append(page_of(rows, 5, before=pages[-1].older, after=None, people=who))
        assert [line.pk for page in pages for line in page.lines] == everything
        assert pages[0].newer is None

        back = [pages[-1]]
        while back[-1].newer:
            back.append(page_of(rows, 5, before=None, after=back[-1].newer, people=who))
        assert {line.pk for page in back for line in page.lines} == set(everything)
        assert moment < timezone.now()

    def test_paging_logbook_lines_of_the_same_moment_loses_and_repeats_none(
        self, company: Company, admin: User
    ) -> None:
        moment = timezone.now()
        lines = [AuditEntry(verb="blocked", actor_id=1, company_id=company.pk) for _number in range(12)]
        AuditEntry.objects.bulk_create(lines)
        with connection.cursor() as cursor:  # past the trigger, which a test may
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_is_append_only")
            cursor.execute("UPDATE audit_auditentry SET at = %s", [moment])
            cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_is_append_only")
        rows = AuditEntry.objects.all()

        first = page_of(rows, 5, before=None, after=None, people=None)
        second = page_of(rows, 5, before=first.older, after=None, people=None)
        again = page_of(rows, 5, before=None, after=second.newer, people=None)

        assert len({line.pk for line in [*first.lines, *second.lines]}) == 10
        assert again.lines == first.lines


def test_an_admin_sees_the_logbook_in_the_menu(admin: User, sign_in: SignIn) -> None:
    assert reverse("company:logbook") in sign_in(admin).get(reverse("company:company")).content.decode()


def test_a_colleague_cannot_open_the_logbook(admin: User, colleague: User, sign_in: SignIn) -> None:
    assert sign_in(colleague).get(reverse("company:logbook")).status_code == 403


def test_two_admins_of_a_company_see_the_same_logbook(
    company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    membership.block(colleague, by=admin)
    second = make_admin(company)

    pages = [sign_in(reader).get(reverse("company:logbook")).context["lines"] for reader in (admin, second)]

    assert [line.sentence for line in pages[0]] == [line.sentence for line in pages[1]]
