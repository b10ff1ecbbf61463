"""List each rule of a company with a form that an administrator posts to break it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from accounts.models import User
from companies.models import Company, Domain
from licenses.models import Grant, License
from requests_app.models import DocumentRequest, LicenseRequest
from tests.desk.rules.world import TODAY, DeskWorld, Posted, a_term, new_person
from tests.factories import make_document


@dataclass(frozen=True)
class DeskRule:
    # `rows` are where it is tried; None in `posted` is a box that is not ticked. `but` are buttons that may.

    rows: str
    posted: Callable[[DeskWorld], Posted]
    holds: Callable[[DeskWorld], object]
    but: frozenset[str] = frozenset()


def posts(**values: Any) -> Callable[[DeskWorld], Posted]:
    return lambda world: values


def accounts_at(email: str) -> int:
    return User.objects.filter(email__iexact=email).count()


RULES: dict[str, DeskRule] = {
    "R2: an address is the sign-in name of one account": DeskRule(
        "colleague company",
        new_person("stranger"),
        lambda w: accounts_at("vreemd@bouwbedrijf.example") == 1 and w.is_as_it_was("colleague", "email"),
    ),
    "R2: in whatever case it is typed": DeskRule(
        "colleague company",
        new_person("VREEMD@Bouwbedrijf.EXAMPLE"),
        lambda w: accounts_at("vreemd@bouwbedrijf.example") == 1 and w.is_as_it_was("colleague", "email"),
    ),
    "R2: a new user name takes effect once it is confirmed": DeskRule(
        "colleague admin",
        posts(email="anders@voorbeeld.example"),
        lambda w: w.is_as_it_was("colleague", "email") and w.is_as_it_was("admin", "email"),
    ),
    "R2: nobody goes to another company by a form": DeskRule(
        "colleague",
        lambda w: {"company": w.other_company.pk},
        lambda w: w.is_as_it_was("colleague", "company"),
    ),
    "R3: the last active admin stays one": DeskRule(
        "admin company",
        lambda w: {"role": "user", "is_blocked": "on", "registered_at_0": "", "company": w.other_company.pk},
        lambda w: list(User.objects.active_admins_of(w.company)) == [w.admin],
        but=frozenset({"make_admin"}),
    ),
    "R5: a customer number is one company's": DeskRule(
        "company",
        lambda w: {"customer_number": w.other_company.customer_number},
        lambda w: Company.objects.filter(customer_number=w.other_company.customer_number).count() == 1,
    ),
    "R6: registering oneself needs a domain": DeskRule(
        "empty_company",
        posts(allows_self_registration="on", name="Zonder domein"),
        lambda w: not Company.objects.filter(domains=None, allows_self_registration=True).exists(),
    ),
    "R7: a public mail domain is nobody's": DeskRule(
        "domain company",
        posts(name="gmail.com"),
        lambda w: not Domain.objects.filter(name="gmail.com").exists(),
    ),
    "R7: a public suffix never comes with its subdomains": DeskRule(
        "domain company",
        posts(name="co.uk", has_subdomains="on", because="Moet"),
        lambda w: not Domain.objects.filter(name="co.uk").exists(),
    ),
    "R7: what looks like another company's domain is refused": DeskRule(
        "domain company",
        posts(name="b0uwbedrijf.example"),
        lambda w: not Domain.objects.filter(name="b0uwbedrijf.example").exists(),
    ),
    "R7: a domain is a company's once": DeskRule(
        "domain",
        posts(name="  VOORBEELD.example"),
        lambda w: Domain.objects.filter(company=w.company, name__icontains="voorbeeld").count() == 1,
    ),
    "R7: a domain stays the company's that NEN gave it to": DeskRule(
        "domain",
        lambda w: {"company": w.other_company.pk, "name": "anders.example"},
        lambda w: w.is_as_it_was("domain", "company", "name"),
    ),
    "R9: members stay, whatever becomes of a domain": DeskRule(
        "domain company",
        posts(name="anders.example"),
        lambda w: w.is_as_it_was("domain") and w.is_as_it_was("colleague", "company"),
    ),
    "R10: somebody of another company is not taken in": DeskRule(
        "colleague company",
        new_person("stranger"),
        lambda w: w.is_as_it_was("stranger", "company", "email"),
    ),
    "R11: a password is chosen behind the mailed link alone": DeskRule(
        "pending",
        posts(
            password="x", password1="x", usable_password="on", registered_at_0="2026-01-01", registered_at="now"
        ),
        lambda w: w.is_as_it_was("pending", "password", "registered_at"),
    ),
    "R12: the day on which registration ends is nobody's to set": DeskRule(
        "pending",
        posts(registration_deadline="2099-01-01", registration_round="9", registration_sent_at_0="2099-01-01"),
        lambda w: w.is_as_it_was("pending", "registration_deadline", "registration_round"),
        but=frozenset({"block"}),  # it ends the link, and with it the day
    ),
    "R13: the owner of a personal account joins by confirming": DeskRule(
        "colleague company",
        new_person("personal"),
        lambda w: w.is_as_it_was("personal", "company", "role"),
    ),
    "R15: whoever is blocked stays out until somebody unblocks": DeskRule(
        "blocked",
        posts(is_blocked=None, is_active="on", session_round="0"),
        lambda w: w.is_as_it_was("blocked", "is_blocked"),
        but=frozenset({"unblock"}),
    ),
    "R15: a session that was ended is not revived": DeskRule(
        "colleague",
        posts(session_round="-1"),
        lambda w: User.objects.get(pk=w.colleague.pk).session_round >= w.before["colleague"]["session_round"],
    ),
    "R17: nobody comes into a company that NEN closed": DeskRule(
        "colleague closed",
        new_person("erbij@dicht.example", "closed"),
        lambda w: not User.objects.filter(company=w.closed).exists(),
    ),
    "R20: a licence stays its company's": DeskRule(
        "license",
        lambda w: {"company": w.other_company.pk},
        lambda w: w.is_as_it_was("license", "company"),
    ),
    "R20: the last day is not before the first": DeskRule(
        "license company",
        a_term(ends_on="2001-01-01"),
        lambda w: not License.objects.filter(ends_on__lt=F("starts_on")).exists(),
    ),
    "R21: company-wide needs NEN's approval": DeskRule(
        "license company",
        a_term(is_company_wide="on", is_company_wide_approved=None, seats=""),
        lambda w: not License.objects.filter(is_company_wide=True, is_company_wide_approved=False).exists(),
    ),
    "R21: the approval is not taken from under a company-wide licence": DeskRule(
        "wide",
        posts(is_company_wide_approved=None),
        lambda w: w.is_as_it_was("wide", "is_company_wide", "is_company_wide_approved"),
    ),
    "R21: a company-wide licence has no seats": DeskRule(
        "license wide company",
        a_term(is_company_wide="on", is_company_wide_approved="on", seats="50"),
        lambda w: not License.objects.filter(is_company_wide=True, seats__isnull=False).exists(),
    ),
    "R21: whoever had access keeps it": DeskRule(
        "wide",
        posts(is_company_wide=None),
        lambda w: License.objects.open_to(w.colleague).filter(pk=w.wide.pk).exists(),
    ),
    "R24: no fewer seats than people": DeskRule(
        "license",
        posts(seats="1"),
        lambda w: w.is_as_it_was("license", "seats"),
    ),
    "R24: no licence of no seats": DeskRule(
        "license company",
        a_term(seats="0"),
        lambda w: not License.objects.filter(seats=0).exists(),
    ),
    "R23: the desk gives nobody a licence, and takes none away": DeskRule(
        "grant",
        lambda w: {"user": w.pending.pk, "license": w.license.pk, "origin": "given"},
        lambda w: Grant.objects.count() == 2 and w.is_as_it_was("grant"),
    ),
    "R25: nobody holds a licence of another company": DeskRule(
        "grant",
        lambda w: {"user": w.stranger.pk, "license": w.license.pk},
        lambda w: not Grant.objects.exclude(user__company=F("license__company")).exists(),
    ),
    "R25: a Plus document names the countries that it covers": DeskRule(
        "document",
        posts(is_plus="on", plus_countries=None),
        lambda w: w.is_as_it_was("document", "is_plus"),
    ),
    "R26: only a person asks for oneself": DeskRule(
        "asked wanted",
        lambda w: {"user": w.admin.pk, "license": w.license.pk, "document": w.document.pk},
        lambda w: (LicenseRequest.objects.count(), DocumentRequest.objects.count()) == (2, 1),
    ),
    "R28: the company's admins decide": DeskRule(
        "asked wanted",
        lambda w: {"status": "approved", "decided_at_0": f"{TODAY()}", "decided_by": w.admin.pk},
        lambda w: w.is_as_it_was("asked") and w.is_as_it_was("wanted"),
    ),
    "R28: what was decided stays decided, by whom and when": DeskRule(
        "decided",
        posts(status="open", decided_at_0="", decided_by="", rejection_reason="Anders"),
        lambda w: w.is_as_it_was("decided"),
    ),
    "R29: a collection holds no more than was agreed": DeskRule(
        "collection",
        lambda w: {"documents": [w.document.pk, make_document("NEN 3:2020").pk]},
        lambda w: w.collection.documents.count() <= 1,
    ),
    "R29: a package has no maximum": DeskRule(
        "license",
        posts(max_documents="5", allowed_kinds=["NEN"]),
        lambda w: w.is_as_it_was("license", "max_documents", "allowed_kinds"),
    ),
    "R31: a mail that was sent goes to nobody else, and not again": DeskRule(
        "mail",
        lambda w: {"recipient": w.stranger.pk, "status": "waiting", "event": "company_closed"},
        lambda w: w.is_as_it_was("mail"),
    ),
    "R35: wrong passwords are counted, not typed": DeskRule(
        "attempts",
        posts(failures="0", locked_until_0="", address="x@x.example"),
        lambda w: w.is_as_it_was("attempts"),
        but=frozenset({"end_lock"}),
    ),
    "R37: nobody becomes NEN staff among the users": DeskRule(
        "colleague personal",
        posts(is_staff="on", is_superuser="on", groups=["1"], staff_role="administrator"),
        lambda w: User.objects.filter(is_staff=True).count() == 1,
    ),
    "R38: the audit is added to and never changed": DeskRule(
        "line",
        lambda w: {"verb": "unblocked", "actor_id": w.admin.pk, "at_0": "2001-01-01", "subjects": "{}"},
        lambda w: w.is_as_it_was("line"),
    ),
    "R37: terms of use that were published stay as they were read": DeskRule(
        "terms",
        posts(text_nl="Anders", text_en="Other", published_at_0="2001-01-01"),
        lambda w: w.is_as_it_was("terms"),
    ),
    "C25: what could be read, and who decided it, is never deleted": DeskRule(
        "company license document grant colleague import asked wanted",
        posts(),
        lambda w: all(
            type(w.rows[name])._default_manager.filter(pk=w.rows[name].pk).exists()
            for name in ("company", "license", "document", "grant", "colleague", "import", "asked", "wanted")
        ),
    ),
}
