"""Check who may use a page: 404 for a stranger, 403 for a colleague without the role."""

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
SAFE_METHODS = {"GET", "HEAD"}


class SignedInRequest(HttpRequest):
    """Type a request that LoginRequiredMiddleware let through."""

    user: User


class MemberRequest(SignedInRequest):
    """Type a request of a company's member.

    `company` is the company of the person, never one from the URL or a form (C24).
    """

    company: Company


View = Callable[Concatenate[Any, P], HttpResponseBase]


def member_required(view: View[P]) -> View[P]:
    """Answer 404 to people without a company."""

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.company is None:
            raise Http404
        request.company = request.user.company
        return view(request, *args, **kwargs)

    return wrapped


def company_admin_required(view: View[P]) -> View[P]:
    """Answer 404 to a stranger and 403 to a colleague who is no admin.

    The admins of a closed company can look and change nothing.
    """

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_company_admin:
            raise PermissionDenied
        if request.company.is_closed and request.method not in SAFE_METHODS:
            return render(request, "parts/company_closed.html", {"company": request.company}, status=403)
        return view(request, *args, **kwargs)

    return member_required(wrapped)


def request_decider_required(view: View[P]) -> View[P]:
    """Answer 404 to a stranger and 403 to a colleague who does not decide on requests.

    Admins and their deputies decide. At a closed company they can look and change nothing.
    """

    @wraps(view)
    def wrapped(request: MemberRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.decides_requests:
            raise PermissionDenied
        if request.company.is_closed and request.method not in SAFE_METHODS:
            return render(request, "parts/company_closed.html", {"company": request.company}, status=403)
        return view(request, *args, **kwargs)

    return member_required(wrapped)
