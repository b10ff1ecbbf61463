"""Each rule that a company admin cannot break, tried at NEN's desk by an administrator, who may do most (C25).

Rule × way: saving a page (also a new row's), the rows within a company's page, the buttons of a list, deleting,
and the history. What is posted is a whole form as it is open in the browser, with what would break the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.core import serializers
from django.db.models import F, Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempts, StaffMember, TermsAcceptance, User
from companies.models import Company, Domain
from licenses.models import Document, DocumentImport, Grant, License
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.desk_form import filled_in
from tests.factories import (
    admin_of,
    collection_for,
    company_with,
    document,
    granted,
    license_for,
    pending_person,
    person,
    published_terms,
)

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
TODAY = timezone.localdate


@dataclass
class World:
    browser: Client
    rows: dict[str, Any]
    before: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.rows[name]

    def is_as_it_was(self, name: str, *columns: str) -> bool:
        """The row, or these columns of it."""
        if not type(self.rows[name])._default_manager.filter(pk=self.rows[name].pk).exists():
            return False
        now, before = stored(self.rows[name]), self.before[name]
        return all(now[column] == before[column] for column in columns or before)


def stored(row: Model) -> dict[str, Any]:
    row.refresh_from_db()
    fields: dict[str, Any] = serializers.serialize("python", [row])[0]["fields"]
    return fields


@pytest.fixture
def world(sign_in: SignIn, company: Company, other_company: Company, staff: User) -> World:
    terms = published_terms(accepted_by=[staff])
    rows: dict[str, Any] = people(company, other_company) | things(company)
    rows |= {
        "empty_company": company_with("Leeg BV"),
        "company": company,
        "other_company": other_company,
        "terms": terms,
    }
    rows["domain"] = company.domains.get()
    rows["closed"] = company_with("Dicht BV", "dicht.example", closed_at=timezone.now(), closed_because="Opgezegd")
    granted(rows["license"], rows["admin"], rows["colleague"])
    rows["grant"] = Grant.objects.get(user=rows["colleague"])
    rows |= history(rows)
    found = World(sign_in(staff), rows)
    found.before = {name: stored(row) for name, row in rows.items()}
    return found


def people(company: Company, other_company: Company) -> dict[str, Model]:
    blocked = person(company=company, is_blocked=True)
    return {
        "admin": admin_of(company, "beheerder@voorbeeld.example"),
        "colleague": person("collega@voorbeeld.example", company=company),
        "pending": pending_person("nieuw@voorbeeld.example", company=company),
        "blocked": blocked,
        "stranger": person("vreemd@bouwbedrijf.example", company=other_company),
        "personal": person("los@voorbeeld.example"),
        "attempts": SignInAttempts.objects.create(address=blocked.email, failures=2),
    }


def things(company: Company) -> dict[str, Model]:
    wide = license_for(company, is_company_wide=True, documents=[document("NEN 1:2020")])
    return {
        "license": license_for(company, seats=2, documents=[document("NEN 2:2020")]),
        "wide": wide,
        "collection": collection_for(company, max_documents=1),
        "document": Document.objects.get(number="NEN 2:2020"),
        "import": DocumentImport.objects.create(state=DocumentImport.State.FAILED),
    }


def history(rows: dict[str, Any]) -> dict[str, Model]:
    """What happened, and stays as it happened."""
    decided = request_license(license_for(rows["company"]), by=rows["colleague"])
    LicenseRequest.objects.filter(pk=decided.pk).update(
        status="rejected", decided_at=timezone.now(), decided_by=rows["admin"]
    )
    return {
        "asked": request_license(license_for(rows["company"]), by=rows["colleague"]),
        "decided": decided,
        "wanted": DocumentRequest.objects.create(
            company=rows["company"], user=rows["colleague"], document=rows["document"]
        ),
        "mail": OutboxMail.objects.create(
            event="password_reset",
            key="k",
            message_id="<k>",
            recipient=rows["colleague"],
            status="sent",
            sent_at=timezone.now(),
        ),
        "line": AuditEntry.objects.create(verb="blocked", subjects={"user": rows["blocked"].pk}),
    }


Posted = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """`rows` are where it is tried; None in `posted` is a box that is not ticked. `but` are buttons that may."""

    rows: str
    posted: Callable[[World], Posted]
    holds: Callable[[World], object]
    but: frozenset[str] = frozenset()


def posts(**values: Any) -> Callable[[World], Posted]:
    return lambda world: values


def new_person(email: str, company: str = "company") -> Callable[[World], Posted]:
    """As a new user, and as the admin of a company that is added or changed."""

    def posted(world: World) -> Posted:
        address = world.rows[email].email if email in world.rows else email
        return {
            "company": world.rows[company].pk,
            "role": "admin",
            "email": address,
            "name": "Iemand",
            "admin_name": "Iemand",
            "admin_email": address,
        }

    return posted


def a_term(**values: Any) -> Callable[[World], Posted]:
    return lambda world: (
        {
            "starts_on": f"{TODAY():%Y-%m-%d}",
            "ends_on": f"{TODAY() + timedelta(days=9):%Y-%m-%d}",
        }
        | values
    )


def accounts_at(email: str) -> int:
    return User.objects.filter(email__iexact=email).count()


RULES: dict[str, Rule] = {
    "R2: an address is the sign-in name of one account": Rule(
        "colleague company",
        new_person("stranger"),
        lambda w: accounts_at("vreemd@bouwbedrijf.example") == 1 and w.is_as_it_was("colleague", "email"),
    ),
    "R2: in whatever case it is typed": Rule(
        "colleague company",
        new_person("VREEMD@Bouwbedrijf.EXAMPLE"),
        lambda w: accounts_at("vreemd@bouwbedrijf.example") == 1 and w.is_as_it_was("colleague", "email"),
    ),
    "R2: a new user name takes effect once it is confirmed": Rule(
        "colleague admin",
        posts(email="anders@voorbeeld.example"),
        lambda w: w.is_as_it_was("colleague", "email") and w.is_as_it_was("admin", "email"),
    ),
    "R2: nobody goes to another company by a form": Rule(
        "colleague",
        lambda w: {"company": w.other_company.pk},
        lambda w: w.is_as_it_was("colleague", "company"),
    ),
    "R3: the last active admin stays one": Rule(
        "admin company",
        lambda w: {"role": "user", "is_blocked": "on", "registered_at_0": "", "company": w.other_company.pk},
        lambda w: list(User.objects.active_admins_of(w.company)) == [w.admin],
        but=frozenset({"make_admin"}),
    ),
    "R5: a customer number is one company's": Rule(
        "company",
        lambda w: {"customer_number": w.other_company.customer_number},
        lambda w: Company.objects.filter(customer_number=w.other_company.customer_number).count() == 1,
    ),
    "R6: registering oneself needs a domain": Rule(
        "empty_company",
        posts(allows_self_registration="on", name="Zonder domein"),
        lambda w: not Company.objects.filter(domains=None, allows_self_registration=True).exists(),
    ),
    "R7: a public mail domain is nobody's": Rule(
        "domain company",
        posts(name="gmail.com"),
        lambda w: not Domain.objects.filter(name="gmail.com").exists(),
    ),
    "R7: a public suffix never comes with its subdomains": Rule(
        "domain company",
        posts(name="co.uk", has_subdomains="on", because="Moet"),
        lambda w: not Domain.objects.filter(name="co.uk").exists(),
    ),
    "R7: what looks like another company's domain is refused": Rule(
        "domain company",
        posts(name="b0uwbedrijf.example"),
        lambda w: not Domain.objects.filter(name="b0uwbedrijf.example").exists(),
    ),
    "R7: a domain is a company's once": Rule(
        "domain",
        posts(name="  VOORBEELD.example"),
        lambda w: Domain.objects.filter(company=w.company, name__icontains="voorbeeld").count() == 1,
    ),
    "R7: a domain stays the company's that NEN gave it to": Rule(
        "domain",
        lambda w: {"company": w.other_company.pk, "name": "anders.example"},
        lambda w: w.is_as_it_was("domain", "company", "name"),
    ),
    "R9: members stay, whatever becomes of a domain": Rule(
        "domain company",
        posts(name="anders.example"),
        lambda w: w.is_as_it_was("domain") and w.is_as_it_was("colleague", "company"),
    ),
    "R10: somebody of another company is not taken in": Rule(
        "colleague company",
        new_person("stranger"),
        lambda w: w.is_as_it_was("stranger", "company", "email"),
    ),
    "R11: a password is chosen behind the mailed link alone": Rule(
        "pending",
        posts(
            password="x", password1="x", usable_password="on", registered_at_0="2026-01-01", registered_at="now"
        ),
        lambda w: w.is_as_it_was("pending", "password", "registered_at"),
    ),
    "R12: the day on which registration ends is nobody's to set": Rule(
        "pending",
        posts(registration_deadline="2099-01-01", registration_round="9", registration_sent_at_0="2099-01-01"),
        lambda w: w.is_as_it_was("pending", "registration_deadline", "registration_round"),
        but=frozenset({"block"}),  # it ends the link, and with it the day
    ),
    "R13: the owner of a personal account joins by confirming": Rule(
        "colleague company",
        new_person("personal"),
        lambda w: w.is_as_it_was("personal", "company", "role"),
    ),
    "R15: whoever is blocked stays out until somebody unblocks": Rule(
        "blocked",
        posts(is_blocked=None, is_active="on", session_round="0"),
        lambda w: w.is_as_it_was("blocked", "is_blocked"),
        but=frozenset({"unblock"}),
    ),
    "R15: a session that was ended is not revived": Rule(
        "colleague",
        posts(session_round="-1"),
        lambda w: User.objects.get(pk=w.colleague.pk).session_round >= w.before["colleague"]["session_round"],
    ),
    "R17: nobody comes into a company that NEN closed": Rule(
        "colleague closed",
        new_person("erbij@dicht.example", "closed"),
        lambda w: not User.objects.filter(company=w.closed).exists(),
    ),
    "R20: a licence stays its company's": Rule(
        "license",
        lambda w: {"company": w.other_company.pk},
        lambda w: w.is_as_it_was("license", "company"),
    ),
    "R20: the last day is not before the first": Rule(
        "license company",
        a_term(ends_on="2001-01-01"),
        lambda w: not License.objects.filter(ends_on__lt=F("starts_on")).exists(),
    ),
    "R21: company-wide needs NEN's approval": Rule(
        "license company",
        a_term(is_company_wide="on", is_company_wide_approved=None, seats=""),
        lambda w: not License.objects.filter(is_company_wide=True, is_company_wide_approved=False).exists(),
    ),
    "R21: the approval is not taken from under a company-wide licence": Rule(
        "wide",
        posts(is_company_wide_approved=None),
        lambda w: w.is_as_it_was("wide", "is_company_wide", "is_company_wide_approved"),
    ),
    "R21: a company-wide licence has no seats": Rule(
        "license wide company",
        a_term(is_company_wide="on", is_company_wide_approved="on", seats="50"),
        lambda w: not License.objects.filter(is_company_wide=True, seats__isnull=False).exists(),
    ),
    "R21: whoever had access keeps it": Rule(
        "wide",
        posts(is_company_wide=None),
        lambda w: License.objects.open_to(w.colleague).filter(pk=w.wide.pk).exists(),
    ),
    "R24: no fewer seats than people": Rule(
        "license",
        posts(seats="1"),
        lambda w: w.is_as_it_was("license", "seats"),
    ),
    "R24: no licence of no seats": Rule(
        "license company",
        a_term(seats="0"),
        lambda w: not License.objects.filter(seats=0).exists(),
    ),
    "R23: the desk gives nobody a licence, and takes none away": Rule(
        "grant",
        lambda w: {"user": w.pending.pk, "license": w.license.pk, "origin": "given"},
        lambda w: Grant.objects.count() == 2 and w.is_as_it_was("grant"),
    ),
    "R25: nobody holds a licence of another company": Rule(
        "grant",
        lambda w: {"user": w.stranger.pk, "license": w.license.pk},
        lambda w: not Grant.objects.exclude(user__company=F("license__company")).exists(),
    ),
    "R25: a Plus document names the countries that it covers": Rule(
        "document",
        posts(is_plus="on", plus_countries=None),
        lambda w: w.is_as_it_was("document", "is_plus"),
    ),
    "R26: only a person asks for oneself": Rule(
        "asked wanted",
        lambda w: {"user": w.admin.pk, "license": w.license.pk, "document": w.document.pk},
        lambda w: (LicenseRequest.objects.count(), DocumentRequest.objects.count()) == (2, 1),
    ),
    "R28: the company's admins decide": Rule(
        "asked wanted",
        lambda w: {"status": "approved", "decided_at_0": f"{TODAY()}", "decided_by": w.admin.pk},
        lambda w: w.is_as_it_was("asked") and w.is_as_it_was("wanted"),
    ),
    "R28: what was decided stays decided, by whom and when": Rule(
        "decided",
        posts(status="open", decided_at_0="", decided_by="", rejection_reason="Anders"),
        lambda w: w.is_as_it_was("decided"),
    ),
    "R29: a collection holds no more than was agreed": Rule(
        "collection",
        lambda w: {"documents": [w.document.pk, document("NEN 3:2020").pk]},
        lambda w: w.collection.documents.count() <= 1,
    ),
    "R29: a package has no maximum": Rule(
        "license",
        posts(max_documents="5", allowed_kinds=["NEN"]),
        lambda w: w.is_as_it_was("license", "max_documents", "allowed_kinds"),
    ),
    "R31: a mail that was sent goes to nobody else, and not again": Rule(
        "mail",
        lambda w: {"recipient": w.stranger.pk, "status": "waiting", "event": "company_closed"},
        lambda w: w.is_as_it_was("mail"),
    ),
    "R35: wrong passwords are counted, not typed": Rule(
        "attempts",
        posts(failures="0", locked_until_0="", address="x@x.example"),
        lambda w: w.is_as_it_was("attempts"),
        but=frozenset({"end_lock"}),
    ),
    "R37: nobody becomes NEN staff among the users": Rule(
        "colleague personal",
        posts(is_staff="on", is_superuser="on", groups=["1"], staff_role="administrator"),
        lambda w: User.objects.filter(is_staff=True).count() == 1,
    ),
    "R38: the trail is added to and never changed": Rule(
        "line",
        lambda w: {"verb": "unblocked", "actor_id": w.admin.pk, "at_0": "2001-01-01", "subjects": "{}"},
        lambda w: w.is_as_it_was("line"),
    ),
    "R37: terms of use that were published stay as they were read": Rule(
        "terms",
        posts(text_nl="Anders", text_en="Other", published_at_0="2001-01-01"),
        lambda w: w.is_as_it_was("terms"),
    ),
    "C25: what could be read, and who decided it, is never deleted": Rule(
        "company license document grant colleague import asked wanted",
        posts(),
        lambda w: all(
            type(w.rows[name])._default_manager.filter(pk=w.rows[name].pk).exists()
            for name in ("company", "license", "document", "grant", "colleague", "import", "asked", "wanted")
        ),
    ),
}


# The ways --------------------------------------------------------------------------------------------


def page(row: Model, kind: str) -> str:
    arguments = [row.pk] if kind in {"change", "delete", "history"} else []
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{kind}", args=arguments)


def changed(form: Posted, posted: Posted) -> Posted:
    """The form, with these fields filled in otherwise: their names with any row's prefix before them too."""
    boxes = {name for name, value in posted.items() if value is None}
    return {name: value for name, value in (form | posted).items() if name not in boxes}


def a_new_one(world: World, row: Model) -> Posted:
    """What a new one needs beside what is tried."""
    term = a_term(name="Erbij", kind="package", is_shown="on")(world)
    needs: dict[type[Model], Posted] = {
        User: new_person("erbij@voorbeeld.example")(world) | {"language": "nl", "country": "NL"},
        Domain: {"company": world.company.pk, "name": "erbij.example"},
        License: {"company": world.company.pk, **term},
        Document: {
            "number": "NEN 9:2020",
            "title_nl": "X",
            "kind": "NEN",
            "published_on": "2020-01-01",
            "status": "current",
        },
        Company: company_needs(world),
    }
    return needs.get(type(row), {})


def company_needs(world: World) -> Posted:
    person = {"contact_person": "Els", "contact_phone": "015 1", "contact_email": "els@erbij.example"}
    admin = {"admin_name": "Ada", "admin_email": "ada@erbij.example"}
    return {"name": "Erbij BV", "customer_number": "K-ERBIJ", **person, **admin}


def save(world: World, row: Model, posted: Posted) -> None:
    for kind, needed in (("change", {}), ("add", a_new_one(world, row))):
        form = filled_in(world.browser, page(row, kind))
        answer = world.browser.post(page(row, kind), changed(form | needed, posted))
        if noticed := answer.status_code == 200 and answer.context.get("noticed"):  # shown first, then saved
            world.browser.post(page(row, kind), changed(form | needed, posted | {"_told": noticed.digest}))


def inline(world: World, row: Model, posted: Posted) -> None:
    """A new row, and the row itself ticked to be deleted, among the rows of its company and of a new one."""
    for kind, needed in (("change", {}), ("add", company_needs(world))):
        form = filled_in(world.browser, page(world.company, kind)) | needed
        for prefix in [name.removesuffix("-TOTAL_FORMS") for name in form if name.endswith("-TOTAL_FORMS")]:
            rows = [changed(a_row(world, prefix), posted)]
            rows += [changed({"id": row.pk, "DELETE": "on"}, posted)] if posted else []
            form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": "0"}
            form |= {f"{prefix}-{n}-{name}": value for n, one in enumerate(rows) for name, value in one.items()}
        world.browser.post(page(world.company, kind), changed(form, posted if isinstance(row, Company) else {}))


def a_row(world: World, prefix: str) -> Posted:
    needed = a_new_one(world, world.license if "licenses" in prefix else world.domain)
    return {name: value for name, value in needed.items() if name != "company"}


def bulk(world: World, row: Model, posted: Posted, but: frozenset[str] = frozenset()) -> None:
    desk = django_admin.site._registry[type(row)]
    for action in {"delete_selected", *(getattr(one, "__name__", one) for one in desk.actions or ())} - but:
        chosen = {"action": action, "_selected_action": [row.pk], "select_across": "1", "post": "yes"}
        answer = world.browser.post(page(row, "changelist"), changed(chosen, posted))
        if answer.status_code == 302 and answer["Location"].split("?")[0] != page(row, "changelist"):
            world.browser.post(answer["Location"], {"post": "yes"})  # a page that asks once more


def delete(world: World, row: Model, posted: Posted) -> None:
    world.browser.post(page(row, "delete"), {"post": "yes"})


def look_at_history(world: World, row: Model, posted: Posted) -> None:
    assert world.browser.get(page(row, "history")).status_code == 200
    world.browser.post(page(row, "history"), {k: v for k, v in posted.items() if v is not None})


WITHIN_A_COMPANY = {"company", "closed", "empty_company", "domain", "license", "wide", "colleague"}
TRIED = [
    (said, way)
    for said, rule in RULES.items()
    for way in ("save", "inline", "bulk", "delete", "history")
    if way != "inline" or WITHIN_A_COMPANY & set(rule.rows.split())
]


@pytest.mark.parametrize(("said", "way"), TRIED)
def test_no_rule_is_broken_at_the_desk(world: World, said: str, way: str) -> None:
    rule = RULES[said]
    posted = rule.posted(world)
    ways = {"save": save, "inline": inline, "delete": delete, "history": look_at_history}
    for name in rule.rows.split():
        row = world.rows[name]
        if way == "bulk":
            bulk(world, row, posted, rule.but)
        else:
            ways[way](world, row, posted)

    assert rule.holds(world), said


# That each way works, so that it is the rule which refuses ---------------------------------------------


@pytest.mark.parametrize(
    "name", ["company", "domain", "license", "wide", "collection", "document", "colleague", "blocked"]
)
def test_a_form_as_it_is_open_in_the_browser_is_saved(world: World, name: str) -> None:
    url = page(world.rows[name], "change")

    answer = world.browser.post(url, filled_in(world.browser, url))

    assert answer.status_code == 302, answer.context["errors"]
    assert world.is_as_it_was(name)


@pytest.mark.parametrize("name", ["company", "domain", "license", "wide", "collection", "document", "colleague"])
def test_what_the_form_does_not_show_is_not_saved_however_it_is_posted(world: World, name: str) -> None:
    """C9: every column and relation of the table, beside the form as it is open."""
    row, url = world.rows[name], page(world.rows[name], "change")
    shown = world.browser.get(url).context["adminform"].form.fields
    others = [one for one in row._meta.get_fields() if one.name not in shown]
    posted = filled_in(world.browser, url)
    for one in others:
        value = "1" if one.is_relation else "2099-01-01" if "Date" in type(one).__name__ else "on"
        names = {one.name, getattr(one, "attname", one.name), f"{one.name}_0", f"initial-{one.name}"}
        posted |= dict.fromkeys(names, value)

    answer = world.browser.post(url, posted)

    assert len(others) >= 3
    assert answer.status_code == 302, answer.context["errors"]
    assert world.is_as_it_was(name)


@pytest.mark.parametrize("name", ["company", "domain", "license", "document", "colleague"])
def test_a_new_one_with_nothing_wrong_is_saved(world: World, name: str) -> None:
    row = world.rows[name]
    url, before = page(row, "add"), type(row)._default_manager.count()

    answer = world.browser.post(url, filled_in(world.browser, url) | a_new_one(world, row))

    assert answer.status_code == 302, answer.context["errors"]
    assert type(row)._default_manager.count() == before + 1


def test_rows_within_a_company_with_nothing_wrong_are_saved(world: World) -> None:
    """A licence on the page of a company that is there, a licence and a domain on that of a new one."""
    inline(world, world.company, {})

    companies = License.objects.filter(name="Erbij").values_list("company__name", flat=True)
    assert set(companies) == {"Voorbeeld BV", "Erbij BV"}
    assert Domain.objects.get(name="erbij.example").company.name == "Erbij BV"


def test_each_table_of_the_desk_is_tried(world: World) -> None:
    tried = {type(world.rows[name]) for rule in RULES.values() for name in rule.rows.split()}

    assert set(django_admin.site._registry) - tried == {StaffMember, TermsAcceptance, PeopleImport}
