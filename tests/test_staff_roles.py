"""What each role at NEN may do at its desk: every page of Django admin × role × GET and POST, and lists' buttons.

A page that is missing from the tables fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.actions import staff as staff_actions
from accounts.models import SignInAttempts, StaffMember, TermsAcceptance, TermsVersion, User
from accounts.staff_roles import RIGHTS, StaffRole
from companies.models import Company, Domain
from licenses.models import Document, DocumentImport, Grant, License
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.models import DocumentRequest, LicenseRequest
from tests.at_once import at_once, slow_writes
from tests.factories import company_with, document, in_role, license_for, person, published_terms

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
CS, AM, CONTENT, ADMINISTRATOR = StaffRole
NOBODY = "no_role"
ROLES = (NOBODY, CS, AM, CONTENT, ADMINISTRATOR)

# l: looks at list and page, a: adds, c: changes by the page's form, b: uses the list's buttons.
# In the order of ROLES; what there is, is of a company that the account manager manages.
TABLE: dict[type[Any], str] = {
    Company: "- lacb lc - lacb",
    Domain: "- lac lac - lac",
    License: "- lac lac lc lac",
    Grant: "- l l - l",
    Document: "- l l lac lac",
    DocumentImport: "- - - la la",
    User: "- lacb lacb - lacb",
    PeopleImport: "- l l - l",
    StaffMember: "- - - - lac",
    SignInAttempts: "- lb - - lb",
    TermsVersion: "- l - - la",
    TermsAcceptance: "- l - - l",
    LicenseRequest: "- l l - l",
    DocumentRequest: "- l l - l",
    OutboxMail: "- lb - - lb",
    AuditEntry: "- l l - l",
}
# Pages of our own making: who comes in, and by which method; the rest gets 403, or 405.
OWN_PAGES: dict[str, str] = {
    "accounts_user_merge": "- both both - both",
    "accounts_user_move": "- both both - both",
    "companies_company_close": "- post post - post",
    "companies_company_outside": "- get get - get",
    "companies_company_remove": "- both - - both",
    "companies_company_reopen": "- post post - post",
    "companies_domain_look_up": "- post post - post",
    "companies_domain_remove": "- both both - both",
    "licenses_license_documents": "- both both both both",
    "licenses_license_renew": "- post post - post",
    "audit_auditentry_access": "- get get - get",
    "licenses_document_readers": "- get get get get",
    "licenses_documentimport_example": "- - - get get",
    "licenses_documentimport_load": "- - - post post",
    "licenses_documentimport_report": "- - - get get",
    "mail_outboxmail_pause": "- post - - post",
    "mail_outboxmail_resume": "- post - - post",
    "mail_outboxmail_send_again": "- post - - post",
}
EVERYBODYS = {"index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n"}
DJANGOS_OWN = {"view_on_site", "app_list"}


@dataclass
class Desk:
    browsers: dict[str, Client]
    people: dict[str, User]
    things: dict[type[Any], Any]


@pytest.fixture
def desk(sign_in: SignIn, company: Company) -> Desk:
    people: dict[str, User] = {
        NOBODY: in_role(person("zonder-rol@nen.example")),
        **{str(role): in_role(person(f"{role}@nen.example"), role) for role in StaffRole},
    }
    Company.objects.update(account_manager=people[AM])
    somebody = person("iemand@voorbeeld.example", company=company, name="Iemand van Voorbeeld")
    license, standard = license_for(company), document()
    terms = published_terms(accepted_by=User.objects.all())
    things: list[Any] = [
        company,
        company.domains.get(),
        license,
        Grant.objects.create(license=license, user=somebody),
        standard,
        DocumentImport.objects.create(state=DocumentImport.State.DONE),
        somebody,
        PeopleImport.objects.create(company=company, state=PeopleImport.State.FAILED),
        StaffMember.objects.get(email="content@nen.example"),
        SignInAttempts.objects.create(address=somebody.email, failures=2),
        terms,
        TermsAcceptance.objects.filter(user=somebody).get(),
        LicenseRequest.objects.create(company=company, user=somebody, license=license_for(company)),
        DocumentRequest.objects.create(company=company, user=somebody, document=standard),
        OutboxMail.objects.create(event="password_reset", key="k", message_id="<m>", status=MailStatus.FAILED),
        AuditEntry.objects.create(verb="blocked", company_id=company.pk, subjects={"user": somebody.pk}),
    ]
    return Desk({name: sign_in(user) for name, user in people.items()}, people, {type(one): one for one in things})


def answer(browser: Client, method: str, url: str, data: Any = None) -> HttpResponse:
    """What it changed is undone before the next one asks."""
    with transaction.atomic():
        response: HttpResponse = getattr(browser, method)(url, data or {})
        transaction.set_rollback(True)
    return response


def page(model: type[Any], kind: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=args)


def is_let_in(response: Any) -> bool:
    """Django answers what the person may not see with 403, and what their list lacks by a way to the index."""
    assert response.status_code in {200, 302, 403}, response.status_code
    return bool(response.status_code != 403 and response.headers.get("Location") != reverse("admin:index"))


@pytest.mark.parametrize("model", TABLE, ids=lambda model: model._meta.label)
def test_each_role_does_at_each_screen_what_the_table_says(desk: Desk, model: type[Any]) -> None:
    thing = desk.things[model]
    found = {}
    for role, browser in desk.browsers.items():
        ways = {
            "l": [
                answer(browser, "get", page(model, "changelist")),
                answer(browser, "get", page(model, "change", thing.pk)),
                answer(browser, "get", page(model, "history", thing.pk)),
            ],
            "a": [answer(browser, "get", page(model, "add")), answer(browser, "post", page(model, "add"))],
            "c": [answer(browser, "post", page(model, "change", thing.pk))],
        }
        assert answer(browser, "post", page(model, "delete", thing.pk), {"post": "yes"}).status_code in {302, 403}
        assert model.objects.filter(pk=thing.pk).exists()
        all_in = {way: {is_let_in(one) for one in answers} for way, answers in ways.items()}
        assert all(len(ins) == 1 for ins in all_in.values()), (role, all_in)  # every way of one right alike
        can = "".join(way for way, ins in all_in.items() if ins == {True})
        found[role] = can + ("b" if has_buttons(browser, model) else "") or "-"

    assert found == dict(zip(ROLES, TABLE[model].split(), strict=True))


def has_buttons(browser: Client, model: type[Any]) -> bool:
    response = browser.get(page(model, "changelist"))
    return response.status_code == 200 and bool(
        response.context["cl"].model_admin.get_actions(response.wsgi_request)
    )


@pytest.mark.parametrize("name", OWN_PAGES)
def test_pages_of_our_own_ask_for_the_role_too(desk: Desk, name: str) -> None:
    args = [] if name.endswith(("example", "pause", "resume", "company_remove")) else [1]
    for role, expected in zip(ROLES, OWN_PAGES[name].split(), strict=True):
        for method in ("get", "post"):
            response = answer(desk.browsers[role], method, reverse(f"admin:{name}", args=args))
            assert (response.status_code in {200, 302, 404}) is (expected in {method, "both"}), (role, method)


def test_no_page_of_the_desk_is_missing_from_the_tables() -> None:
    admin_urls = get_resolver("nenconnect.urls").namespace_dict["admin"][1]
    names = {name for name in admin_urls.reverse_dict if isinstance(name, str)}
    kinds = ("changelist", "add", "change", "delete", "history")
    tabled = {f"{m._meta.app_label}_{m._meta.model_name}_{kind}" for m in TABLE for kind in kinds}

    assert set(django_admin.site._registry) == set(TABLE)
    assert names - tabled - EVERYBODYS - DJANGOS_OWN == set(OWN_PAGES)


def test_whoever_has_no_role_yet_sees_an_empty_desk(desk: Desk) -> None:
    assert desk.browsers[NOBODY].get(reverse("admin:index")).context["app_list"] == []


def test_the_migration_makes_a_group_for_each_role(db: None) -> None:
    Group.objects.all().delete()

    import_module("accounts.migrations.0004_staff_roles").make_groups(apps, None)

    assert set(Group.objects.values_list("name", flat=True)) == set(StaffRole.values)


def roles_of(user: User) -> list[str]:
    return list(user.groups.values_list("name", flat=True))


def test_every_role_but_the_administrators_is_written_out() -> None:
    assert set(RIGHTS) == set(StaffRole) - {StaffRole.ADMINISTRATOR}


class TestAnAccountManager:
    """Sees own companies alone, and what is of them."""

    @pytest.fixture
    def strange(self, desk: Desk, other_company: Company) -> dict[type[Any], Any]:
        """The same things of a company that somebody else manages."""
        somebody = person("vreemd@bouwbedrijf.example", company=other_company, name="Vreemde Vogel")
        license = license_for(other_company, name="Vreemde licentie")
        things = [
            other_company,
            license,
            somebody,
            Grant.objects.create(license=license, user=somebody),
            LicenseRequest.objects.create(company=other_company, user=somebody, license=license),
            DocumentRequest.objects.create(company=other_company, user=somebody, document=document()),
            AuditEntry.objects.create(verb="blocked", company_id=other_company.pk, subjects={"user": somebody.pk}),
        ]
        return {type(one): one for one in things}

    @pytest.mark.parametrize("model", [Company, License, User, Grant, LicenseRequest, DocumentRequest, AuditEntry])
    def test_finds_nothing_of_other_companies(self, desk: Desk, strange: dict[Any, Any], model: type[Any]) -> None:
        browser, thing = desk.browsers[AM], strange[model]
        rows = browser.get(page(model, "changelist")).context["cl"].result_list

        assert thing.pk not in {row.pk for row in rows}
        assert desk.things[model].pk in {row.pk for row in rows}
        for method, kind in (("get", "change"), ("post", "change"), ("get", "history")):
            assert not is_let_in(answer(browser, method, page(model, kind, thing.pk)))

    def test_blocks_nobody_elsewhere_by_number(self, desk: Desk, strange: dict[Any, Any]) -> None:
        posted = {"action": "block", "_selected_action": [strange[User].pk]}

        desk.browsers[AM].post(page(User, "changelist"), posted)

        assert not User.objects.get(pk=strange[User].pk).is_blocked

    def test_gives_no_other_company_a_licence_or_a_person(self, desk: Desk, strange: dict[Any, Any]) -> None:
        other = strange[Company].pk
        license = {"company": other, "name": "X", "kind": "package", "starts_on": "2027-01-01"}

        desk.browsers[AM].post(page(License, "add"), license | {"ends_on": "2027-12-31"})
        desk.browsers[AM].post(
            page(User, "add"),
            {"company": other, "role": "admin", "email": "x@x.example", "name": "X", "language": "nl"},
        )

        assert License.objects.filter(company=other).count() == 1
        assert User.objects.filter(company=other).count() == 1

    def test_does_not_find_them_by_typing_either(self, desk: Desk, strange: dict[Any, Any]) -> None:
        field = {"app_label": "licenses", "model_name": "license", "field_name": "company"}

        found = desk.browsers[AM].get(reverse("admin:autocomplete"), {**field, "term": ""}).json()["results"]

        assert [one["id"] for one in found] == [str(desk.things[Company].pk)]

    def test_reads_neither_the_trail_nor_the_auditors_table_of_others(
        self, desk: Desk, strange: dict[Any, Any]
    ) -> None:
        browser, own, other = desk.browsers[AM], desk.things[Company].pk, strange[Company].pk
        table = [reverse("admin:audit_auditentry_access", args=[pk]) for pk in (own, other)]
        trail = f"{page(AuditEntry, 'changelist')}?company_id="

        assert [browser.get(url).status_code for url in table] == [200, 404]
        assert [len(browser.get(f"{trail}{pk}").context["cl"].result_list) for pk in (own, other)] == [1, 0]


def test_content_changes_which_documents_a_licence_holds_and_nothing_else(desk: Desk) -> None:
    license, new = desk.things[License], document()
    posted = {
        "name": "Gekaapt",
        "kind": "custom",
        "starts_on": "2001-01-01",
        "ends_on": "2099-01-01",
        "seats": "999",
        "is_company_wide_approved": "on",
        "is_company_wide": "on",
        "documents": [new.pk],
    }

    answered = desk.browsers[CONTENT].post(page(License, "change", license.pk), posted)

    assert answered.status_code == 302, answered.context["errors"]
    before, after = license, License.objects.get(pk=license.pk)
    for name in ("name", "kind", "starts_on", "ends_on", "seats", "is_company_wide_approved", "is_company_wide"):
        assert getattr(after, name) == getattr(before, name)
    assert list(after.documents.all()) == [new]


def test_a_demotion_counts_from_the_next_click(desk: Desk) -> None:
    assert desk.browsers[CS].get(page(Company, "changelist")).status_code == 200

    staff_actions.set_staff_role(desk.people[CS], CONTENT, by=desk.people[ADMINISTRATOR])

    assert desk.browsers[CS].get(page(Company, "changelist")).status_code == 403


class TestStaffAccounts:
    def test_only_administrators_see_the_accounts_of_staff_among_the_people(self, desk: Desk) -> None:
        for role, sees in ((CS, False), (AM, False), (ADMINISTRATOR, True)):
            page_of = desk.browsers[role].get(page(User, "change", desk.people[CONTENT].pk))
            assert is_let_in(page_of) is sees

    @pytest.mark.parametrize("action", ["block", "remove_second_step", "make_admin"])
    def test_customer_service_does_nothing_to_them_from_the_list(self, desk: Desk, action: str) -> None:
        posted = {"action": action, "_selected_action": [user.pk for user in desk.people.values()]}

        desk.browsers[CS].post(page(User, "changelist"), posted)

        staff = User.objects.filter(is_staff=True)
        assert not staff.filter(is_blocked=True).exists()
        assert not AuditEntry.objects.exclude(pk=desk.things[AuditEntry].pk).exists()

    def test_an_administrator_takes_somebody_in_by_the_address_they_registered_with(self, desk: Desk) -> None:
        new = person("nieuw@nen.example")

        desk.browsers[ADMINISTRATOR].post(
            page(StaffMember, "add"), {"email": "Nieuw@NEN.example", "staff_role": CS}
        )

        new.refresh_from_db()
        assert (new.is_staff, new.is_superuser, staff_actions.role_of(new)) == (True, False, CS)
        entry = AuditEntry.objects.get(verb="staff_role_changed")
        assert (entry.actor_id, entry.subjects) == (desk.people[ADMINISTRATOR].pk, {"user": new.pk})

    def test_and_lets_them_out_again(self, desk: Desk) -> None:
        member = desk.people[CS]

        desk.browsers[ADMINISTRATOR].post(page(StaffMember, "change", member.pk), {"staff_role": ""})

        member.refresh_from_db()
        assert (member.is_staff, list(member.groups.all())) == (False, [])

    def test_nobody_changes_their_own_role(self, desk: Desk) -> None:
        own = desk.people[ADMINISTRATOR]

        answered = desk.browsers[ADMINISTRATOR].post(page(StaffMember, "change", own.pk), {"staff_role": CS})

        assert "Niemand wijzigt de eigen rol" in answered.content.decode()
        assert User.objects.get(pk=own.pk).is_superuser

    @pytest.mark.parametrize("role", [NOBODY, CS, AM, CONTENT])
    def test_nobody_else_makes_anybody_anything(self, desk: Desk, role: str) -> None:
        for target in (desk.people[role], person("vriend@nen.example")):
            with pytest.raises(RuleError, match="Only an administrator"):
                staff_actions.set_staff_role(target, ADMINISTRATOR, by=desk.people[role])

    def test_posting_every_field_of_an_account_raises_nobodys_rights(self, desk: Desk) -> None:
        target = desk.things[User]
        wanted = {
            "is_staff": "on",
            "is_superuser": "on",
            "groups": "1",
            "user_permissions": "1",
            "password": "x",
            "staff_role": "administrator",
            "email": target.email,
            "name": "Nieuwe Naam",
            "language": "nl",
            "country": "NL",
        }

        desk.browsers[CS].post(page(User, "change", target.pk), wanted)

        after = User.objects.get(pk=target.pk)
        assert after.name == "Nieuwe Naam"
        assert (after.is_staff, after.is_superuser, after.password) == (False, False, target.password)
        assert not after.groups.exists()

    def test_somebody_of_a_company_is_not_taken_in(self, desk: Desk) -> None:
        with pytest.raises(RuleError, match="only a personal account"):
            staff_actions.set_staff_role(desk.things[User], CS, by=desk.people[ADMINISTRATOR])

    def test_who_manages_companies_hands_them_over_first(self, desk: Desk) -> None:
        with pytest.raises(RuleError, match="still manages companies"):
            staff_actions.set_staff_role(desk.people[AM], "", by=desk.people[ADMINISTRATOR])


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one() -> None:
    one, other = (in_role(person(f"beheer{n}@nen.example"), ADMINISTRATOR) for n in (1, 2))

    with slow_writes("accounts_user"):
        outcomes = at_once(
            [
                lambda: staff_actions.set_staff_role(one, CS, by=other),
                lambda: staff_actions.set_staff_role(other, CS, by=one),
            ]
        )

    assert [type(one) for one in outcomes if one] == [RuleError]
    assert User.objects.filter(is_superuser=True).count() == 1


def test_no_page_of_the_desk_shows_or_sets_a_password(desk: Desk) -> None:
    administrator = desk.browsers[ADMINISTRATOR]
    for model in (User, StaffMember):
        text = administrator.get(page(model, "change", desk.things[model].pk)).content.decode()
        assert desk.things[model].password not in text
        assert 'type="password"' not in text


def test_a_member_of_staff_without_a_second_step_sees_no_list(company: Company) -> None:
    browser = Client()
    browser.force_login(in_role(person("zonder-stap@nen.example"), CS))

    answered = browser.get(page(Company, "changelist"))

    assert (answered.status_code, answered["Location"]) == (302, reverse("mfa_index"))


def test_terms_are_published_by_administrators(desk: Desk) -> None:
    posted = {"text_nl": "Tekst", "text_en": "Text", "published_at_0": "", "published_at_1": ""}

    assert desk.browsers[CS].post(page(TermsVersion, "add"), posted).status_code == 403
    company_with("Ongerelateerd BV")
    assert TermsVersion.objects.count() == 1
