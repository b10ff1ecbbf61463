"""Write the sentences that explain access, to the person and about a colleague."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.models import User
from licenses.models import License


class ReasonKind(Enum):
    """Name what decides about access; an earlier kind is told before a later one."""

    FREE = "free"
    COMPANY_WIDE = "company_wide"
    GRANTED = "granted"

    BLOCKED = "blocked"
    PENDING = "pending"
    EXPIRED = "expired"
    NO_COMPANY = "no_company"
    CLOSED = "closed"
    NO_COUNTRY = "no_country"
    WRONG_COUNTRY = "wrong_country"

    LICENSE_ASKED = "license_asked"
    DOCUMENT_ASKED = "document_asked"
    REQUESTABLE = "requestable"
    NOT_GIVEN = "not_given"  # hidden: only an admin can give it
    TO_COME = "to_come"  # theirs, from its first day
    NOT_NOW = "not_now"  # an admin said so; told to the person alone
    COLLECTION = "collection"  # an admin can add the document to one
    STARTS_LATER = "starts_later"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    NOT_HELD = "not_held"


@dataclass(frozen=True)
class Facts:
    """Hold what a sentence mentions."""

    kind: ReasonKind
    person: User
    is_own: bool
    is_about_document: bool
    license: License | None
    is_named: bool
    ended_on: date | None  # the last day that the person had the licence
    asked_at: datetime | None
    not_before: date | None  # one may ask again from then on


def sentence_of(case: Facts) -> str:
    for_person, for_admin = _both_sentences(case)
    return str(for_person if case.is_own else for_admin) % {
        "name": case.person,
        "company": case.person.company,
        "country": countries.name(str(case.person.country)),
        "license": case.license,
        "date": _date_in_words(_day_of(case)),
    }


def _both_sentences(case: Facts) -> tuple[object, object]:
    kind = case.kind
    if case.ended_on and case.is_named and kind in {ReasonKind.REQUESTABLE, ReasonKind.NOT_GIVEN}:
        return _HAD
    if kind == ReasonKind.NO_COUNTRY and case.license is None:
        return _TWO_THINGS
    if kind == ReasonKind.NOT_NOW and case.license:
        return _LICENSE_NOT_NOW
    if not case.is_named and kind in _UNNAMED:
        return _UNNAMED[kind]
    if not case.is_about_document and kind in _OF_LICENSE:
        return _OF_LICENSE[kind]
    return _WORDS[kind]


def _day_of(case: Facts) -> date | None:
    if case.kind in {ReasonKind.PENDING, ReasonKind.EXPIRED}:
        return case.person.registration_deadline
    if case.kind == ReasonKind.NOT_NOW:
        return case.not_before
    if case.asked_at:
        return timezone.localdate(case.asked_at)
    if case.kind in {ReasonKind.REQUESTABLE, ReasonKind.NOT_GIVEN}:
        return case.ended_on
    if case.license is None:
        return None
    return case.license.ends_on if case.kind == ReasonKind.ENDED else case.license.starts_on


def _date_in_words(day: date | None) -> str:
    return date_format(day, "j F Y") if day else ""


_FREE = _("This document is free: everyone with an account can read it.")
_WIDE = _("“%(license)s” is a company-wide licence: everyone at %(company)s can read it.")
_WIDE_LICENSE = _("“%(license)s” is a company-wide licence: everyone at %(company)s has it.")
_HOLDS_NONE = _("No licence of %(company)s holds this document.")
_WITHDRAWN = _(
    "This document was withdrawn, and no licence of %(company)s holds it: it can no longer be requested."
)
_STARTS = _("“%(license)s”, which holds this document, starts only on %(date)s.")
_ENDED = _("“%(license)s”, which holds this document, ended on %(date)s.")
_LICENSE_STARTS = _("“%(license)s” starts only on %(date)s.")
_LICENSE_ENDED = _("“%(license)s” ended on %(date)s.")

_CLOSED = _("NEN has closed %(company)s: its people can read free documents only.")

_HAD = (
    _("You had the licence “%(license)s” until %(date)s."),
    _("%(name)s had the licence “%(license)s” until %(date)s."),
)

_NOT_NOW = _("An admin answered your request for this document: not now. That holds until %(date)s.")
_OF_LICENSE_NOT_NOW = _("An admin answered your request for “%(license)s”: not now. That holds until %(date)s.")
_LICENSE_NOT_NOW = (_OF_LICENSE_NOT_NOW, _OF_LICENSE_NOT_NOW)

_TWO_THINGS = (
    _("This is a Plus document, and two things are missing: your country, and a licence that holds it."),
    _("This is a Plus document, and two things are missing: %(name)s's country, and a licence that holds it."),
)

_NOT_THEIRS = (
    _("You do not have “%(license)s”, the licence that holds this document."),
    _("%(name)s does not have “%(license)s”, the licence that holds this document."),
)

_LICENSE_NOT_THEIRS = (
    _("You do not have the licence “%(license)s”."),
    _("%(name)s does not have the licence “%(license)s”."),
)

_WORDS: dict[ReasonKind, tuple[object, object]] = {
    ReasonKind.FREE: (_FREE, _FREE),
    ReasonKind.COMPANY_WIDE: (_WIDE, _WIDE),
    ReasonKind.GRANTED: (
        _("You have the licence “%(license)s”."),
        _("%(name)s has the licence “%(license)s”."),
    ),
    ReasonKind.BLOCKED: (
        _("You are blocked, and cannot sign in."),
        _("%(name)s is blocked, and cannot sign in."),
    ),
    ReasonKind.PENDING: (
        _("You have not finished registering; that has to be done before %(date)s."),
        _("%(name)s has not finished registering; that has to be done before %(date)s."),
    ),
    ReasonKind.EXPIRED: (
        _("You had to finish registering before %(date)s, and the link no longer works."),
        _("%(name)s had to finish registering before %(date)s, and the link no longer works."),
    ),
    ReasonKind.NO_COMPANY: (
        _("You have a personal account: it gives access to free documents only."),
        _("%(name)s has a personal account: it gives access to free documents only."),
    ),
    ReasonKind.CLOSED: (_CLOSED, _CLOSED),
    ReasonKind.NO_COUNTRY: (
        _("This is a Plus document, and your profile does not say in which country you work."),
        _("This is a Plus document, and it is not known in which country %(name)s works."),
    ),
    ReasonKind.WRONG_COUNTRY: (
        _("This Plus document is not available in %(country)s, the country in your profile."),
        _("This Plus document is not available in %(country)s, where %(name)s works."),
    ),
    ReasonKind.LICENSE_ASKED: (
        _("You requested “%(license)s” on %(date)s, and an admin of your company decides on it."),
        _("%(name)s requested “%(license)s” on %(date)s, and no admin has decided on it yet."),
    ),
    ReasonKind.DOCUMENT_ASKED: (
        _("You requested this document on %(date)s, and an admin of your company decides on it."),
        _("%(name)s requested this document on %(date)s, and no admin has decided on it yet."),
    ),
    ReasonKind.REQUESTABLE: _NOT_THEIRS,
    ReasonKind.NOT_GIVEN: _NOT_THEIRS,
    ReasonKind.TO_COME: (
        _("“%(license)s” gives you access from %(date)s."),
        _("“%(license)s” gives %(name)s access from %(date)s."),
    ),
    ReasonKind.NOT_NOW: (_NOT_NOW, _NOT_NOW),
    ReasonKind.COLLECTION: (_HOLDS_NONE, _HOLDS_NONE),
    ReasonKind.STARTS_LATER: (_STARTS, _STARTS),
    ReasonKind.ENDED: (_ENDED, _ENDED),
    ReasonKind.WITHDRAWN: (_WITHDRAWN, _WITHDRAWN),
    ReasonKind.NOT_HELD: (_HOLDS_NONE, _HOLDS_NONE),
}

# About the licence itself, not about a document in it.
_OF_LICENSE: dict[ReasonKind, tuple[object, object]] = {
    ReasonKind.COMPANY_WIDE: (_WIDE_LICENSE, _WIDE_LICENSE),
    ReasonKind.REQUESTABLE: _LICENSE_NOT_THEIRS,
    ReasonKind.NOT_GIVEN: _LICENSE_NOT_THEIRS,
    ReasonKind.STARTS_LATER: (_LICENSE_STARTS, _LICENSE_STARTS),
    ReasonKind.ENDED: (_LICENSE_ENDED, _LICENSE_ENDED),
}

_HIDDEN = _("You do not have the licence of %(company)s that holds this document.")
_HIDDEN_STARTS = _("The licence of %(company)s that holds this document starts only on %(date)s.")
_HIDDEN_ENDED = _("The licence of %(company)s that held this document has ended.")

# For a person who may not know the licence by its name.
_UNNAMED: dict[ReasonKind, tuple[object, object]] = {
    ReasonKind.NOT_GIVEN: (_HIDDEN, _HIDDEN),
    ReasonKind.STARTS_LATER: (_HIDDEN_STARTS, _HIDDEN_STARTS),
    ReasonKind.ENDED: (_HIDDEN_ENDED, _HIDDEN_ENDED),
}
