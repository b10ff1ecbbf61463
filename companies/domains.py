"""The domains of a company: added, changed and removed by NEN (R7–R9)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.actions import change_company, lock
from companies.addresses import canonical_domain, is_public, is_suffix
from companies.homoglyphs import look
from companies.models import Company, Domain, DomainFanOut
from companies.verbs import DOMAIN_ADDED, DOMAIN_CHANGED, DOMAIN_REMOVED
from nenconnect.audit.actions import Actor, record
from nenconnect.audit.changes import changed_fields
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.rules.errors import RuleError

FAN_OUT_TASK = "companies.domain_fan_outs"  # a task of accounts, which knows the people on a domain


@transaction.atomic
def add_domain(
    company: Company, name: str, *, has_subdomains: bool = False, because: str = "", by: Actor
) -> Domain:
    """A worker mails the people on it who are of no company (R8). `because`: why NEN adds one that is refused.

    Raises RuleError for what is no domain, for one that only a reason admits, and for one that is there already.
    """
    company = lock(company)
    name = canonical_domain(name)
    if Domain.objects.filter(company=company, name=name).exists():
        raise RuleError(_("%(domain)s is already a domain of this company.") % {"domain": name}, field="name")
    check_subdomains(name, has_subdomains=has_subdomains)
    objections = objections_to(name, company)
    if objections and not because:
        raise RuleError(" ".join(objections), field="name")
    domain = Domain.objects.create(
        company=company,
        name=name,
        has_subdomains=has_subdomains,
        allowed_because=because if objections else "",
    )
    _tell_people_on(domain)
    overruled = {"overruled": len(objections), "because": because} if objections else {}
    record(
        DOMAIN_ADDED,
        by=by,
        company_id=company.pk,
        about=domain,
        domain=name,
        with_subdomains=has_subdomains,
        **overruled,
    )
    return domain


def objections_to(name: str, company: Company | None) -> list[str]:
    """Why a canonical domain is refused, unless NEN gives a reason to add it all the same (R7, C3, C4)."""
    said = []
    if is_public(name):
        text = _("%(domain)s is a public mail domain: anybody can get an address there.")
        said.append(text % {"domain": name})
    if is_suffix(name):
        text = _("%(domain)s is not one company's: anybody can get a domain under it.")
        said.append(text % {"domain": name})
    others = Domain.objects.exclude(name=name).exclude(company=company).values_list("name", flat=True)
    looks = look(name)
    for other in sorted({other for other in others.iterator() if look(other) == looks}):
        text = _("%(domain)s looks like %(other)s, which another company has.")
        said.append(text % {"domain": name, "other": other})
    return said


def check_subdomains(name: str, *, has_subdomains: bool) -> None:
    """Raises RuleError: with subdomains, co.uk would admit a country, whatever the reason."""
    if has_subdomains and (is_public(name) or is_suffix(name)):
        raise RuleError(
            _("%(domain)s never comes with its subdomains: they belong to anybody.") % {"domain": name},
            field="has_subdomains",
        )


def _tell_people_on(domain: Domain) -> None:
    """From the start: whoever had the mail does not get it again."""
    fresh = {"asked_at": timezone.now(), "total": None, "mailed": 0, "last_person": 0, "finished_at": None}
    DomainFanOut.objects.update_or_create(domain=domain, defaults=fresh)
    transaction.on_commit(lambda: wake_worker(FAN_OUT_TASK), robust=True)


@transaction.atomic
def change_domain(domain: Domain, *, has_subdomains: bool, by: Actor) -> None:
    """With subdomains, the people on those are mailed as well. Raises RuleError, also when it is gone."""
    company = lock(domain.company)
    found = Domain.objects.filter(pk=domain.pk, company=company).first()
    if found is None:
        raise RuleError(_("%(domain)s is no longer a domain of this company.") % {"domain": domain.name})
    if found.has_subdomains == has_subdomains:
        return
    check_subdomains(found.name, has_subdomains=has_subdomains)
    changes = changed_fields(found, {"has_subdomains": has_subdomains})
    found.has_subdomains = has_subdomains
    found.save(update_fields=["has_subdomains"])
    if has_subdomains:
        _tell_people_on(found)
    record(
        DOMAIN_CHANGED,
        by=by,
        company_id=company.pk,
        about=found,
        domain=found.name,
        with_subdomains=has_subdomains,
        changes=changes,
    )


@transaction.atomic
def remove_domain(domain: Domain, *, by: Actor) -> None:
    """Members stay; nobody new comes in through it (R9). One that is gone already is left at that."""
    company = lock(domain.company)
    found = Domain.objects.filter(pk=domain.pk, company=company).first()
    if found is None:
        return
    record(DOMAIN_REMOVED, by=by, company_id=company.pk, about=found, domain=found.name)
    found.delete()
    if company.allows_self_registration and not company.domains.exists():
        change_company(company, by=by, allows_self_registration=False)
