"""What the buttons on a licence's page share: the licence found, the person posted, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.models import License
from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest

MAX_SEARCH = 254

Said = str | Callable[[], str]  # the text, or how to find it once the action is done


def find_license(request: MemberRequest, pk: int) -> License:
    return get_object_or_404(License.objects.of(request.company).select_related("company"), pk=pk)


def find_member(request: MemberRequest, raw: str | None) -> User:
    """Of the company, by the id that a button sent along."""
    if not raw or not raw.isdecimal() or len(raw) > 18:
        raise Http404
    return get_object_or_404(User.objects.members_of(request.company), pk=raw)


def refuse_ended(request: MemberRequest, license: License) -> HttpResponse | None:
    """Back to the licence's page, where nothing of it can be changed any more."""
    if not license.has_ended:
        return None
    said = _("“%(license)s” has ended; it cannot be changed any more.")
    messages.error(request, said % {"license": license})
    return to_page(request, license.pk)


def switched_on(request: MemberRequest) -> bool:
    """Which way the button said; anything else changes nothing."""
    on = request.POST.get("on")
    if on not in {"0", "1"}:
        raise Http404
    return on == "1"


def searched(request: MemberRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:MAX_SEARCH]


def keep(request: MemberRequest) -> str:
    """What was searched, so that a button leads back to it; only ever put behind our own path."""
    searches = request.GET.copy()
    searches.pop("user", None)
    return f"?{searches.urlencode()}" if searches else ""


def do(
    request: MemberRequest, pk: int, change: Callable[[], object], done: Said, otherwise: Said = ""
) -> HttpResponse:
    """Runs the one action of a button and leads back. `otherwise` is said when it answers that nothing changed."""
    try:
        changed = change()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        if otherwise and changed is False:
            messages.info(request, _text(otherwise))
        else:
            messages.success(request, _text(done))
    return to_page(request, pk)


def _text(said: Said) -> str:
    return said if isinstance(said, str) else said()


def to_page(request: MemberRequest, pk: int) -> HttpResponse:
    return redirect(reverse("company:license", args=[pk]) + keep(request))
