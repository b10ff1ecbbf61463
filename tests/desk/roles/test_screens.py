"""Test each page and button of NEN's desk for each role, by GET and POST.

A page that is missing from the tables fails.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import SignInAttempts, StaffMember, TermsAcceptance, TermsVersion, User
from accounts.staff_roles import StaffRole
from companies.models import Company, Domain
from licenses.models import Document, DocumentImport, Grant, License
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest
from tests.desk.roles.screens import ADMINISTRATOR, AM, CONTENT, CS, NOBODY, Desk, answer, is_let_in, page
from tests.factories import make_company, make_person, set_staff_roles

pytestmark = pytest.mark.usefixtures("_english")
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


@pytest.mark.parametrize("model", TABLE, ids=lambda model: model._meta.label)
def test_each_staff_role_has_exactly_its_rights_on_each_desk_screen(desk: Desk, model: type[Any]) -> None:
    thing = desk.things[model]
    fields_by_role = {}
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
        all_in = {way: {is_let_in(response) for response in answers} for way, answers in ways.items()}
        assert all(len(ins) == 1 for ins in all_in.values()), (role, all_in)  # every way of one right alike
        can = "".join(way for way, ins in all_in.items() if ins == {True})
        fields_by_role[role] = can + ("b" if has_buttons(browser, model) else "") or "-"

    assert fields_by_role == dict(zip(ROLES, TABLE[model].split(), strict=True))


def has_buttons(browser: Client, model: type[Any]) -> bool:
    response = browser.get(page(model, "changelist"))
    return response.status_code == 200 and bool(
        response.context["cl"].model_admin.get_actions(response.wsgi_request)
    )


@pytest.mark.parametrize("name", OWN_PAGES)
def test_each_extra_desk_page_admits_only_the_staff_roles_with_the_right(desk: Desk, name: str) -> None:
    args = [] if name.endswith(("example", "pause", "resume", "company_remove")) else [1]
    for role, expected in zip(ROLES, OWN_PAGES[name].split(), strict=True):
        for method in ("get", "post"):
            response = answer(desk.browsers[role], method, reverse(f"admin:{name}", args=args))
            assert (response.status_code in {200, 302, 404}) is (expected in {method, "both"}), (role, method)


def test_every_desk_page_is_listed_in_the_tables_of_role_rights() -> None:
    admin_urls = get_resolver("nenconnect.urls").namespace_dict["admin"][1]
    names = {name for name in admin_urls.reverse_dict if isinstance(name, str)}
    kinds = ("changelist", "add", "change", "delete", "history")
    tabled = {f"{m._meta.app_label}_{m._meta.model_name}_{kind}" for m in TABLE for kind in kinds}

    assert set(django_admin.site._registry) == set(TABLE)
    assert names - tabled - EVERYBODYS - DJANGOS_OWN == set(OWN_PAGES)


def test_staff_without_a_role_see_an_empty_desk(desk: Desk) -> None:
    assert desk.browsers[NOBODY].get(reverse("admin:index")).context["app_list"] == []


def test_the_migration_creates_a_group_for_each_staff_role(db: None) -> None:
    Group.objects.all().delete()

    import_module("accounts.migrations.0004_staff_roles").make_groups(apps, None)

    assert set(Group.objects.values_list("name", flat=True)) == set(StaffRole.values)


def roles_of(user: User) -> list[str]:
    return list(user.groups.values_list("name", flat=True))


def test_staff_without_a_second_step_are_redirected_from_the_desk(company: Company) -> None:
    browser = Client()
    browser.force_login(set_staff_roles(make_person("zonder-stap@nen.example"), CS))

    answered = browser.get(page(Company, "changelist"))

    assert (answered.status_code, answered["Location"]) == (302, reverse("mfa_index"))


def test_customer_service_cannot_publish_terms(desk: Desk) -> None:
    posted = {"text_nl": "Tekst", "text_en": "Text", "published_at_0": "", "published_at_1": ""}

    assert desk.browsers[CS].post(page(TermsVersion, "add"), posted).status_code == 403
    make_company("Ongerelateerd BV")
    assert TermsVersion.objects.count() == 1
