"""The colleague whom a page is about: found within the company, or a page that says what may have happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import User
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required

P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


class NoColleague(Http404):
    """Nobody of this company has the number: removed, deleted, moved, or never there; which, is not told."""


def colleague_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For admins, on a page of one colleague: a bookmark of somebody who left leads to words that help."""

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NoColleague:
            return render(request, "pages/company/users/no_user.html", {"back": back(request)}, status=404)

    return company_admin_required(wrapped)


def colleague_of(request: MemberRequest, pk: int) -> User:
    person = User.objects.members_of(request.company).select_related("company").filter(pk=pk).first()
    if person is None:
        raise NoColleague
    return person


def do(request: MemberRequest, pk: int, change: Callable[[], object], done: str) -> HttpResponse:
    """Runs the one action of a button, says what came of it, and leads back to the person's page."""
    try:
        change()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    me = User.objects.get(pk=request.user.pk)
    return to_page(request, pk) if me.is_company_admin and me.is_active else redirect("home:home")


def to_page(request: MemberRequest, pk: int) -> HttpResponse:
    return redirect(page_url(request, pk))


def page_url(request: MemberRequest, pk: int) -> str:
    return reverse("company:user", args=[pk]) + keep(request)


def list_url(request: MemberRequest) -> str:
    kept = back(request)
    return reverse("company:users") + (f"?{kept}" if kept else "")


def keep(request: MemberRequest) -> str:
    """The query string that every link and button of the page passes on."""
    kept = back(request)
    return f"?{urlencode({'back': kept})}" if kept else ""


def back(request: MemberRequest) -> str:
    """The filter of the list one came from, kept in the address; only ever put behind our own path."""
    return QueryDict(request.GET.get("back", "")[:500]).urlencode()
