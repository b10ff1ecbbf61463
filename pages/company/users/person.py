"""Show one user, with one POST for each change (R12, R23, R35)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import details, membership, registration, sign_in
from accounts.mails.rerouting import substitutes
from accounts.models import User
from accounts.next_step import next_step
from accounts.verbs import DETAILS_CHANGED
from licenses.access import has_active_license
from licenses.actions import granting
from licenses.models import Grant, License
from licenses.plus_documents import closed_plus_documents_in_words
from members.actions.moving import leave_company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest
from pages.company.forms import EditUserForm, licenses_to_give, seats_in_words
from pages.company.users.colleague import (
    NoColleague,
    back_query,
    colleague_of,
    colleague_page,
    kept_query,
    list_url,
    page_url,
    run_action,
    to_user_page,
)
from pages.company.users.next_step_links import step_urls
from reports.person_history import history_of
from requests_app.actions import deciding
from requests_app.previews.license_changes import preview_taking_away


@require_safe
@colleague_page
def user(request: MemberRequest, pk: int) -> HttpResponse:
    people = User.objects.members_of(request.company).with_status(has_active_license()).with_second_step()
    person = people.select_related("company", "label", "address_change").filter(pk=pk).first()
    if person is None:
        raise NoColleague
    grants = Grant.objects.filter(user=person, license__company=request.company).select_related("license")
    recommended = next_step(person)
    to_give = licenses_to_give(request.company).exclude(pk__in=License.objects.open_to(person))
    context = {
        "person": person,
        "is_self": person == request.user,
        "back": back_query(request),
        "keep": kept_query(request),
        "grants": grants.order_by("license__name", "pk"),
        "company_wide": License.objects.of(request.company).in_term().filter(is_company_wide=True),
        "to_give": [(license, seats_in_words(license)) for license in to_give],
        "readers": substitutes(person),
        "next": recommended,
        **step_urls(person, recommended, keep=kept_query(request)),
        "history": history_of(person, companies=[request.company], page=request.GET.get("page")),
        "is_outside": not request.company.admits(person.email),
        "is_only_admin": _is_only_admin(person),
        "now": timezone.now(),
    }
    return render(request, "pages/company/users/user.html", context)


@require_http_methods(["GET", "POST"])
@colleague_page
def edit_user(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    form = EditUserForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            details.change_details(person, by=request.user, seen=seen, **form.details)
        except details.ChangedMeanwhile as error:
            form.show_conflict(error.now, by=_last_changed_by(person))
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The details are saved."))
            return to_user_page(request, pk)
    context = {"form": form, "name": str(colleague_of(request, pk)), "page": page_url(request, pk)}
    return render(request, "pages/company/users/edit_user.html", context)


def _is_only_admin(person: User) -> bool:
    is_admin = person.is_company_admin and person.is_active
    return is_admin and not User.objects.active_admins_of(person.company).exclude(pk=person.pk).exists()


def _last_changed_by(person: User) -> str:
    entries = AuditEntry.objects.filter(company_id=person.company_id, verb=DETAILS_CHANGED.name)
    last = entries.filter(subjects__user=person.pk).order_by("-pk").values_list("actor_id", flat=True).first()
    by = User.objects.members_of(person.company).filter(pk=last or 0).first() if person.company else None
    return str(by or _("Another person"))


@require_POST
@colleague_page
def send_registration_again(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    readers = ", ".join(reader.email for reader in substitutes(person)) or person.email
    return run_action(
        request,
        pk,
        lambda: registration.send_registration_again(person, by=request.user),
        _("A new registration mail goes to %(readers)s. The link in the old one no longer works.")
        % {"readers": readers},
    )


@require_http_methods(["GET", "POST"])
@colleague_page
def change_role(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask on GET whether the admin becomes a user, which admins mostly do to themselves; change on POST."""
    person, role = colleague_of(request, pk), request.POST.get("role", "")
    if request.method != "POST":
        return (
            _confirmation_page(request, person, "make_user")
            if person.is_company_admin
            else to_user_page(request, pk)
        )
    if role not in User.Role.values:
        raise Http404
    if person == request.user and role == User.Role.USER:
        done = _("You are a user now.")
    elif role == User.Role.ADMIN:
        done = _("%(name)s is a company admin now.") % {"name": person}
    else:
        done = _("%(name)s is a user now.") % {"name": person}
    return run_action(request, pk, lambda: membership.change_role(person, role, by=request.user), done)


@require_http_methods(["GET", "POST"])
@colleague_page
def block(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    if request.method != "POST":
        return _confirmation_page(request, person, "block_user")
    if person == request.user:
        return _block_self(request, person)
    done = _("%(name)s is blocked and can no longer sign in.") % {"name": person}
    return run_action(request, pk, lambda: membership.block(person, by=request.user), done)


def _block_self(request: MemberRequest, person: User) -> HttpResponse:
    """Block the person who is signed in; the message appears in a new session, as this one has ended."""
    try:
        membership.block(person, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return to_user_page(request, person.pk)
    logout(request)
    messages.success(request, _("You have blocked yourself. Another admin of your company can unblock you."))
    return redirect("account_login")


@require_POST
@colleague_page
def unblock(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    done = _("%(name)s is no longer blocked.") % {"name": person}
    if person.is_pending:
        done = _("%(name)s is no longer blocked. Send the registration mail again: the old link is dead.") % {
            "name": person
        }
    return run_action(request, pk, lambda: membership.unblock(person, by=request.user), done)


@require_POST
@colleague_page
def end_lock(request: MemberRequest, pk: int) -> HttpResponse:
    """End the lock after wrong passwords (R35)."""
    person = colleague_of(request, pk)
    done = _("%(name)s can try to sign in again.") % {"name": person}
    return run_action(request, pk, lambda: sign_in.end_lock(person, by=request.user), done)


@require_POST
@colleague_page
def give_license(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    license = _find_license(request)
    done = _("%(name)s has “%(license)s” now.") % {"name": person, "license": license}
    if closed_documents := closed_plus_documents_in_words(license, person):
        done = f"{done} {closed_documents}"
    return run_action(request, pk, lambda: deciding.give_license(license, to=person, by=request.user), done)


@require_http_methods(["GET", "POST"])
@colleague_page
def take_license(request: MemberRequest, pk: int) -> HttpResponse:
    """Show on GET what taking the licence away changes; take it away on POST."""
    person = colleague_of(request, pk)
    license = _find_license(request)
    if request.method != "POST":
        context = {
            "license": license,
            "person": person,
            "preview": preview_taking_away(license, person),
            "sent": ("license", license.pk),
            "back": page_url(request, pk),
            "active": "users",
        }
        return render(request, "pages/company/take_away.html", context)
    done = _("“%(license)s” is taken away from %(name)s.") % {"name": person, "license": license}
    return run_action(request, pk, lambda: granting.take_away(license, user=person, by=request.user), done)


@require_http_methods(["GET", "POST"])
@colleague_page
def remove_user(request: MemberRequest, pk: int) -> HttpResponse:
    person = colleague_of(request, pk)
    if request.method != "POST":
        return _confirmation_page(
            request,
            person,
            "remove_user",
            grants=Grant.objects.filter(user=person, license__company=request.company),
            can_return=request.company.allows_self_registration and request.company.admits(person.email),
        )
    try:
        leave_company(person, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
        return to_user_page(request, pk)
    if person == request.user:
        messages.success(request, _("At %(company)s you are no longer a user.") % {"company": request.company})
        return redirect("home:home")
    done = _("At %(company)s %(name)s is no longer a user.") % {"name": person, "company": request.company}
    messages.success(request, done)
    return redirect(list_url(request))


def _find_license(request: MemberRequest) -> License:
    pk = (request.POST if request.method == "POST" else request.GET).get("license", "")
    if not pk.isdecimal() or len(pk) > 18:
        raise Http404
    return get_object_or_404(License.objects.of(request.company), pk=pk)


def _confirmation_page(request: MemberRequest, person: User, template: str, **context: Any) -> HttpResponse:
    """Ask before a change, on a page of its own, with other words for a person who changes themselves."""
    context |= {
        "person": person,
        "is_self": person == request.user,
        "keep": kept_query(request),
        "page": page_url(request, person.pk),
    }
    return render(request, f"pages/company/users/{template}.html", context)
