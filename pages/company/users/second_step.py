"""Remove the second step of a colleague who lost it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import second_step
from accounts.actions.second_step import take_away
from accounts.models import User
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required


@require_http_methods(["GET", "POST"])
@company_admin_required
def remove_second_step(request: MemberRequest, pk: int) -> HttpResponse:
    """Remove the second step of a colleague who lost the phone and the recovery codes; GET asks first."""
    person = get_object_or_404(User.objects.members_of(request.company).with_second_step(), pk=pk)
    page = reverse("company:user", args=[pk])
    if request.method != "POST":
        is_possible = second_step.has_second_step(person) and not person.is_staff and person != request.user
        context = {"person": person, "page": page}
        return (
            render(request, "pages/company/users/remove_second_step.html", context)
            if is_possible
            else redirect(page)
        )
    try:
        take_away(person, by=request.user)
    except RuleError as error:
        messages.error(request, str(error))
    else:
        done = _("%(name)s no longer has a second step, is signed out, and gets a mail about it.")
        messages.success(request, done % {"name": person})
    return redirect(page)
