"""Merge two accounts of one person: what the one had at the same company moves to the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mails
from accounts.actions.contact import hand_over_contact
from accounts.actions.deputies import end_deputyships
from accounts.actions.devices import end_all_devices
from accounts.actions.membership import keep_an_admin
from accounts.models import JoinInvitation, MoveRequest, SignInAttempts, User
from companies.models import Company
from licenses.actions.granting import take_away
from licenses.models import Grant, License, Opening
from licenses.verbs import LICENSE_END_CHANGED, LICENSE_MOVED_ALONG
from members.models import Leaver
from members.verbs import ACCOUNT_CLOSED, ACCOUNTS_MERGED
from nenconnect.audit.actions import record
from nenconnect.audit.verbs import Verb
from nenconnect.rules.errors import RuleError
from requests_app.actions.deciding import answer_requests, decide
from requests_app.models import REQUEST_KINDS, AccessRequest, RequestStatus


@dataclass(frozen=True)
class Merge:
    """Hold the rows that move and that end, for the preview and for the action."""

    closing: User
    stays: User

    @property
    def is_same_company(self) -> bool:
        return self.closing.company_id is not None and self.closing.company_id == self.stays.company_id

    @property
    def grants(self) -> QuerySet[Grant]:
        grants = Grant.objects.lasting().filter(user=self.closing, license__company=self.stays.company_id)
        has = Grant.objects.lasting().filter(user=self.stays)
        return grants.exclude(license__in=has.values("license")) if self.is_same_company else grants.none()

    @property
    def ending_grants(self) -> QuerySet[Grant]:
        """Return the grants that both have, or that belong to a company that the person leaves."""
        return Grant.objects.lasting().filter(user=self.closing).exclude(pk__in=self.grants.values("pk"))

    def requests(self, kind: type[AccessRequest]) -> QuerySet[Any]:
        requests = kind._default_manager.filter(user=self.closing, company=self.stays.company_id)
        return (
            requests.exclude(pk__in=self.withdrawn(kind).values("pk")) if self.is_same_company else requests.none()
        )

    def withdrawn(self, kind: type[AccessRequest]) -> QuerySet[Any]:
        item = kind.item_field
        is_open = kind._default_manager.filter(status=RequestStatus.OPEN)
        double = is_open.filter(user=self.stays).values(item)
        ends = Q(**{f"{item}__in": double}) if self.is_same_company else Q()
        return is_open.filter(ends, user=self.closing)

    @property
    def openings(self) -> QuerySet[Opening]:
        return Opening.objects.filter(user=self.closing, company=self.stays.company_id)

    def numbers(self) -> dict[str, int]:
        return {
            "licenses": self.grants.count(),
            "ended": self.ending_grants.count(),
            "requests": sum(self.requests(kind).count() for kind in REQUEST_KINDS),
            "withdrawn": sum(self.withdrawn(kind).count() for kind in REQUEST_KINDS),
            "openings": self.openings.count(),
        }


@transaction.atomic
def merge_accounts(closing: User, *, stays: User, by: User) -> dict[str, int]:
    """Merge the accounts, mail both addresses, and return in numbers what moved and ended."""
    merge = Merge(*_locked_accounts(closing, stays))
    check_can_merge(merge, by=by)
    numbers = merge.numbers()
    left = merge.closing.company_id
    moved = _move_grants(merge, by=by)
    _move_requests(merge, by=by)
    merge.openings.update(user=merge.stays)
    _close_account(merge, by=by)
    for license in moved:
        answer_requests(license, [merge.stays], by=by)
    record(ACCOUNTS_MERGED, by=by, company_id=merge.stays.company_id, about=merge.stays, **numbers)
    record(ACCOUNT_CLOSED, by=by, company_id=left, about=merge.closing)
    mails.send_accounts_merged(merge.closing, stays=merge.stays)
    return numbers


def check_can_merge(merge: Merge, *, by: User) -> None:
    """Raise RuleError with what to do first."""
    both = (merge.closing, merge.stays)
    if merge.closing == merge.stays:
        raise RuleError(_("Choose another account: this is the same one."), field="other")
    if any(user.is_staff for user in both):
        raise RuleError(_("An account of NEN staff is merged with no other."), field="other")
    if any(user.merged_into_id for user in both):
        raise RuleError(_("One of the two was merged already, and is closed."), field="other")
    if any(user.is_blocked for user in both):
        raise RuleError(_("One of the two is blocked. Find out why, and unblock it first."), field="other")
    if merge.stays.is_pending:
        raise RuleError(
            _("The account that stays has not finished registration. Choose the other."), field="stays"
        )
    keep_an_admin(merge.closing, by=by)


def _locked_accounts(closing: User, stays: User) -> tuple[User, User]:
    """Lock the companies, licences and requests of the two, then the people, each by number (C40)."""
    ids = [closing.pk, stays.pk]
    touched = Q(people__in=ids) | Q(licenses__grants__user__in=ids)
    for kind in REQUEST_KINDS:
        rows = kind._default_manager.filter(user__in=ids, status=RequestStatus.OPEN)
        touched |= Q(pk__in=rows.values("company"))
    companies = list(Company.objects.filter(touched).values_list("pk", flat=True).distinct())
    list(Company.objects.select_for_update().filter(pk__in=companies).order_by("pk"))
    licenses = License.objects.filter(pk__in=Grant.objects.filter(user__in=ids).values("license"))
    list(licenses.select_for_update().order_by("pk"))
    for kind in REQUEST_KINDS:
        list(kind._default_manager.select_for_update(of=("self",)).filter(user__in=ids).order_by("pk"))
    people = {user.pk: user for user in User.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    before = {closing.pk: closing.company_id, stays.pk: stays.company_id}
    if {pk: user.company_id for pk, user in people.items()} != before:
        raise RuleError(_("Something changed meanwhile. Please try again."))
    return people[closing.pk], people[stays.pk]


def _move_grants(merge: Merge, *, by: User) -> list[License]:
    """Move the grants; no seat is taken, and the later of two last days counts."""
    moving = list(merge.grants.select_related("license").order_by("license"))
    for grant in merge.ending_grants.filter(license__company=merge.stays.company_id):
        kept = Grant.objects.lasting().filter(license=grant.license_id, user=merge.stays).first()
        if kept and kept.ends_on and (grant.ends_on is None or grant.ends_on > kept.ends_on):
            until_before, kept.ends_on = kept.ends_on, grant.ends_on
            kept.save(update_fields=["ends_on"])
            _record_grant(LICENSE_END_CHANGED, kept, by=by, until_before=until_before.isoformat())
    for ending in merge.ending_grants.select_related("license").order_by("license"):
        take_away(ending.license, user=merge.closing, by=by)
    Grant.objects.filter(user=merge.stays, license__in=[grant.license_id for grant in moving]).delete()  # ended
    for grant in moving:
        grant.user = merge.stays
        grant.save(update_fields=["user"])
        _record_grant(LICENSE_MOVED_ALONG, grant, by=by, origin=grant.origin)
    Grant.objects.filter(user=merge.closing).delete()  # past their own last day
    return [grant.license for grant in moving]


def _record_grant(verb: Verb, grant: Grant, *, by: User, **details: str | None) -> None:
    license, until = grant.license, grant.ends_on.isoformat() if grant.ends_on else None
    details |= {"until": until} if until or "until_before" in details else {}
    record(verb, by=by, company_id=license.company_id, about=[license, grant.user], **details)


def _move_requests(merge: Merge, *, by: User) -> None:
    for kind in REQUEST_KINDS:
        moving = list(merge.requests(kind).values_list("pk", flat=True))
        for request in merge.withdrawn(kind):
            decide(request, RequestStatus.WITHDRAWN, by=by)
            moving += [request.pk] if merge.is_same_company else []
        kind._default_manager.filter(pk__in=moving).update(user=merge.stays)


def _close_account(merge: Merge, *, by: User) -> None:
    closing, stays = merge.closing, merge.stays
    company = Company.objects.filter(pk=closing.company_id or 0)
    hand_over_contact(company, [closing], by=by, to=stays if merge.is_same_company else None)
    if merge.is_same_company and closing.label and not stays.label:
        stays.label = closing.label
        stays.save(update_fields=["label"])
    end_deputyships(closing, by=by)
    closing.company, closing.label, closing.role = None, None, User.Role.USER
    closing.merged_into, closing.is_blocked, closing.is_mail_rerouted = stays, True, False
    closing.session_round += 1
    closing.registration_round += 1
    closing.set_unusable_password()
    closing.save()
    closing.merged_accounts.update(merged_into=stays)
    JoinInvitation.objects.filter(user=closing).delete()
    moves = MoveRequest.objects.pending().filter(user=closing)
    moves.update(status=MoveRequest.Status.WITHDRAWN, decided_at=timezone.now())
    Leaver.objects.filter(user=closing).update(user=None)  # the closed account does not come back
    Authenticator.objects.filter(user=closing).delete()
    SignInAttempts.objects.filter(address=closing.email).delete()
    end_all_devices(closing)
