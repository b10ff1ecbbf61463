from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.addresses import canonical_address
from companies.models import Company, LabelKind, LabelValue, SecondStep
from companies.verbs import (
    COMPANY_CHANGED,
    COMPANY_CREATED,
    COMPANY_DELETED,
    LABEL_VALUE_RENAMED,
    LABEL_VALUES_ADDED,
    SECOND_STEP_REQUIRED,
)
from nenconnect.audit.actions import Actor, record
from nenconnect.audit.changes import changed_fields
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import validate_single_line, without_hidden

CONTACT_FIELDS = ("contact_person", "contact_phone", "contact_email")
LABEL_LENGTH = 40
LABEL_FIELDS = {LabelKind.USERS: "user_label", LabelKind.REQUESTS: "request_label"}
VALUE_LENGTH = 60
# What a new company does not copy from another: its identity, and whether it is closed.
OWN_FIELDS = {
    "id",
    "name",
    "department",
    "customer_number",
    *CONTACT_FIELDS,
    "created_at",
    "closed_at",
    "closed_because",
}
SECOND_STEP_WITHIN = timedelta(days=366)  # a day further away is a typing error
MAX_LABEL_VALUES = 1000  # people choose from a list of all of them


@transaction.atomic
def create_company(*, by: Actor, name: str, customer_number: str, **fields: Any) -> Company:
    """Create a company; other actions add its domains and people.

    Raises: RuleError for a customer number that another company has.
    """
    fields["contact_email"] = canonical_address(fields["contact_email"])
    company = Company(name=name, customer_number=customer_number, **fields)
    _save_valid(company)
    record(COMPANY_CREATED, by=by, company_id=company.pk, about=company)
    return company


@transaction.atomic
def change_company(company: Company, *, by: Actor, **fields: Any) -> None:
    """Set the given fields; the forms decide which fields a company admin may set (R5).

    Raises: RuleError for a customer number that another company has.
    """
    company = lock(company)
    if "contact_email" in fields:
        fields["contact_email"] = canonical_address(fields["contact_email"])
    changes = changed_fields(company, fields)
    for name in changes:
        setattr(company, name, fields[name])
    if changes:
        _save_valid(company)
        record(
            COMPANY_CHANGED,
            by=by,
            company_id=company.pk,
            about=company,
            fields=list(changes),
            changes=changes,
        )


@transaction.atomic
def copy_settings(company: Company, source: Company, *, by: Actor, besides: Collection[str] = ()) -> None:
    """Copy all settings of `source`, except the fields in `besides`, its domains and self-registration.

    Settings that companies get later are copied too. Self-registration needs a domain first: set it afterwards by
    `set_self_registration`.
    """
    skipped = {*OWN_FIELDS, "allows_self_registration", *besides}
    fields = [field for field in Company._meta.concrete_fields if field.name not in skipped]
    settings = {field.name: getattr(source, field.name) for field in fields}
    if settings.get("second_step_from"):  # a day in the past would leave the new people no time
        settings["second_step_from"] = max(settings["second_step_from"], timezone.localdate())
    change_company(company, by=by, **settings)


@transaction.atomic
def delete_company(company: Company, *, by: Actor) -> None:
    """Delete a company with its domains, labels and invitations.

    Raises: RuleError for a company with people, licences or requests (C25).
    """
    company = lock(company)
    pk = company.pk
    try:
        with transaction.atomic():
            record(COMPANY_DELETED, by=by, company_id=pk, about=company)
            company.delete()
    except (ProtectedError, IntegrityError):
        raise RuleError(
            _("You cannot delete %(company)s: the company has people, licences or requests.")
            % {"company": company}
        ) from None


@transaction.atomic
def set_self_registration(company: Company, allowed: bool, *, by: Actor) -> None:
    """Allow or forbid self-registration.

    Raises: RuleError for a company without a domain (R6).
    """
    company = lock(company)
    if allowed and not company.domains.exists():
        raise RuleError(
            _("Self-registration needs an allowed domain first."),
            field="allows_self_registration",
        )
    change_company(company, by=by, allows_self_registration=allowed)


@transaction.atomic
def set_request_rules(
    company: Company, *, text: str, promised_days: int, closes_after_days: int | None, by: Actor
) -> None:
    if closes_after_days is not None and closes_after_days <= 2 * promised_days:
        raise RuleError(
            _(
                "Requests would close too soon: choose more than %(days)s days, twice the promised "
                "time, or nothing."
            )
            % {"days": 2 * promised_days},
            field="closes_after_days",
        )
    rules = {"promised_days": promised_days, "closes_after_days": closes_after_days}
    change_company(company, by=by, request_text=text, **rules)


@transaction.atomic
def set_second_step(company: Company, who: str, *, first_day: date | None, by: Actor) -> None:
    """Set who needs a second step at sign-in, and from which day.

    Raises: RuleError for a day in the past, which would shut people out without notice, or over a year ahead.
    """
    company = lock(company)
    first_day = None if who == SecondStep.NOBODY else first_day
    if (company.second_step_for, company.second_step_from) == (who, first_day):
        return
    if who != SecondStep.NOBODY:
        _check_first_day(first_day)
    changes = changed_fields(company, {"second_step_for": who, "second_step_from": first_day})
    company.second_step_for, company.second_step_from = who, first_day
    company.save(update_fields=["second_step_for", "second_step_from"])
    day = first_day.isoformat() if first_day else ""
    record(
        SECOND_STEP_REQUIRED,
        by=by,
        company_id=company.pk,
        about=company,
        who=who,
        first_day=day,
        changes=changes,
    )


def _check_first_day(day: date | None) -> None:
    today = timezone.localdate()
    if day is None:
        raise RuleError(_("Choose the day from which people need a second step."), field="first_day")
    if day < today:
        raise RuleError(_("This day is in the past. Choose today or a later day."), field="first_day")
    if day > today + SECOND_STEP_WITHIN:
        raise RuleError(_("Choose a day within a year from now."), field="first_day")


@transaction.atomic
def set_label(company: Company, kind: str, name: str, *, by: Actor) -> None:
    field = LABEL_FIELDS[LabelKind(kind)]
    # With an empty name the label is not used; its values, and the people with a value, stay.
    change_company(company, by=by, **{field: _label_name(name, LABEL_LENGTH, field=field) if name else ""})


@transaction.atomic
def add_label_values(company: Company, kind: str, names: Iterable[str], *, by: Actor) -> int:
    """Add the names that are new, ignoring case, and return their number.

    Raises: RuleError for a name that is not valid, and for more values than a list can have.
    """
    company = lock(company)
    values = LabelValue.objects.of(company, kind)
    before = values.count()
    names = [_label_name(name, VALUE_LENGTH, field="names") for name in names]
    rows = [LabelValue(company=company, kind=kind, name=name) for name in names]
    LabelValue.objects.bulk_create(rows, ignore_conflicts=True)
    added = values.count() - before
    if before + added > MAX_LABEL_VALUES:
        raise RuleError(
            _("The list would hold %(number)s values, and %(max)s is the most.")
            % {"number": before + added, "max": MAX_LABEL_VALUES},
            field="names",
        )
    if added:
        record(LABEL_VALUES_ADDED, by=by, company_id=company.pk, about=company, values=added)
    return added


@transaction.atomic
def rename_label_value(value: LabelValue, name: str, *, seen: str, by: Actor) -> LabelValue:
    """Rename a value; the people with this value keep it. `seen` is the name that the page showed.

    Raises: RuleError for a value that is gone or has another name by now, and for a name that another value has.
    """
    value = lock_label_value(value)
    name = _label_name(name, VALUE_LENGTH, field="name")
    if value.name == name:
        return value
    if value.name != seen:
        raise RuleError(
            _("“%(seen)s” is now called “%(name)s”. Check whether you still want to rename it.")
            % {"seen": seen, "name": value.name},
            field="name",
        )
    if same := LabelValue.objects.of(value.company, value.kind).called(name).exclude(pk=value.pk).first():
        raise RuleError(_("The list already has a value “%(name)s”.") % {"name": same}, field="name")
    value.name = name
    value.save(update_fields=["name"])
    record(LABEL_VALUE_RENAMED, by=by, company_id=value.company_id, about=value)
    return value


def lock_label_value(value: LabelValue) -> LabelValue:
    """Lock the company, then the value (C40).

    Raises: RuleError for a value that is gone.
    """
    lock(value.company)
    locked_value = LabelValue.objects.select_related("company").filter(pk=value.pk, company=value.company).first()
    if locked_value is None:
        raise RuleError(
            _("“%(name)s” is no longer in the list. Another person changed the list.") % {"name": value}
        )
    return locked_value


def _label_name(raw: str, max_length: int, *, field: str) -> str:
    name = unicodedata.normalize("NFC", re.sub("[ \u00a0]+", " ", raw).strip())
    try:
        validate_single_line(name)
    except ValidationError as error:
        message = _("“%(name)s”: %(reason)s") % {"name": without_hidden(name), "reason": error.message}
        raise RuleError(message, field=field) from None
    if len(name) > max_length:
        raise RuleError(
            _("“%(name)s…” is too long: at most %(max)s characters.") % {"name": name[:20], "max": max_length},
            field=field,
        )
    return name


def lock(company: Company) -> Company:
    """Lock the company until the transaction ends: the first lock of every action (C23, C40)."""
    return Company.objects.select_for_update().get(pk=company.pk)


def lock_working(company: Company) -> Company:
    """Lock a company before people or rights come in.

    Raises: RuleError for a closed company.
    """
    company = lock(company)
    check_working(company)
    return company


def check_working(company: Company) -> None:
    if company.is_closed:
        raise RuleError(_("%(company)s is closed. NEN Klantenservice can help.") % {"company": company})


def lock_both(company: Company, other: Company) -> None:
    # The lower id first, so that two people who change places do not wait for each other's company.
    list(Company.objects.select_for_update().filter(pk__in=[company.pk, other.pk]).order_by("pk"))


def _save_valid(company: Company) -> None:
    try:
        with transaction.atomic():
            company.save()
    except IntegrityError:
        raise RuleError(_("Another company has this customer number."), field="customer_number") from None
