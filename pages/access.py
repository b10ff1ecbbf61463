"""Who is who on a page: the one place that answers 404 (stranger) or 403 (colleague)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.models import User
from companies.models import Company

P = ParamSpec("P")
LOOKING = {"GET", "HEAD"}


class SignedInRequest(HttpRequest):
    """A request that LoginRequiredMiddleware let through."""

    user: User


class MemberRequest(SignedInRequest):
    """A request by somebody of a company; `company` is theirs, never one from the URL or a form (C24)."""

    company: Company


View = Callable[Concatenate[Any, P], HttpResponseBase]


def member_required(view: View[P]) -> View[P]:
    """For people of a company; to anybody else the page does not exist."""

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.company is None:
            raise Http404
        request.company = request.user.company
        return view(request, *args, **kwargs)

    return wrapped


def company_admin_required(view: View[P]) -> View[P]:
    """For admins of a company: a stranger gets 404, a colleague 403. At one that is closed they only look."""

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_company_admin:
            raise PermissionDenied
        if request.company.is_closed and request.method not in LOOKING:
            return render(request, "parts/company_closed.html", {"company": request.company}, status=403)
        return view(request, *args, **kwargs)

    return member_required(wrapped)


def request_decider_required(view: View[P]) -> View[P]:
    """For whoever decides on requests: the admins, and who stands in for one. Stranger 404, colleague 403.

    At a company that is closed they only look.
    """

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.decides_requests:
            raise PermissionDenied
        if request.company.is_closed and request.method not in LOOKING:
            return render(request, "parts/company_closed.html", {"company": request.company}, status=403)
        return view(request, *args, **kwargs)

    return member_required(wrapped)
