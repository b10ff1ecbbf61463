"""Find the colleague that a page is about, or explain why there is no such page."""

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
    """Raise when no member has this number: removed, deleted, moved, or never existed.

    The page does not tell which of these it was.
    """


def colleague_page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Open the page of one colleague to admins.

    A bookmark of a person who left leads to an explanation instead of a bare 404.
    """

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except NoColleague:
            return render(request, "pages/company/users/no_user.html", {"back": back_query(request)}, status=404)

    return company_admin_required(wrapped)


def colleague_of(request: MemberRequest, pk: int) -> User:
    person = User.objects.members_of(request.company).select_related("company").filter(pk=pk).first()
    if person is None:
        raise NoColleague
    return person


def run_action(request: MemberRequest, pk: int, change: Callable[[], object], done: str) -> HttpResponse:
    """Run the action of a button, show what happened, and lead back to the person's page."""
    try:
        change()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    me = User.objects.get(pk=request.user.pk)
    return to_user_page(request, pk) if me.is_company_admin and me.is_active else redirect("home:home")


def to_user_page(request: MemberRequest, pk: int) -> HttpResponse:
    return redirect(page_url(request, pk))


def page_url(request: MemberRequest, pk: int) -> str:
    return reverse("company:user", args=[pk]) + kept_query(request)


def list_url(request: MemberRequest) -> str:
    query = back_query(request)
    return reverse("company:users") + (f"?{query}" if query else "")


def kept_query(request: MemberRequest) -> str:
    """Return the query string that every link and button of the page passes on."""
    query = back_query(request)
    return f"?{urlencode({'back': query})}" if query else ""


def back_query(request: MemberRequest) -> str:
    """Return the filter of the list that the person came from, kept in the address.

    Only appended to our own path.
    """
    return QueryDict(request.GET.get("back", "")[:500]).urlencode()
