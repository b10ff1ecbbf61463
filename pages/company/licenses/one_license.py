"""Share what the buttons on a licence's page need: find the licence and the person, run the action, lead back."""

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

Message = str | Callable[[], str]  # the text, or a function that makes it after the action


def find_license(request: MemberRequest, pk: int) -> License:
    return get_object_or_404(License.objects.of(request.company).select_related("company"), pk=pk)


def find_member(request: MemberRequest, raw: str | None) -> User:
    if not raw or not raw.isdecimal() or len(raw) > 18:
        raise Http404
    return get_object_or_404(User.objects.members_of(request.company), pk=raw)


def refuse_ended(request: MemberRequest, license: License) -> HttpResponse | None:
    if not license.has_ended:
        return None
    text = _("“%(license)s” has ended. You can no longer change it.")
    messages.error(request, text % {"license": license})
    return to_license_page(request, license.pk)


def is_switched_on(request: MemberRequest) -> bool:
    on = request.POST.get("on")
    if on not in {"0", "1"}:
        raise Http404
    return on == "1"


def search_text(request: MemberRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\x00", "").strip()[:MAX_SEARCH]


def kept_query(request: MemberRequest) -> str:
    """Return the query string of the search, so that a button leads back to it.

    Only appended to our own path.
    """
    searches = request.GET.copy()
    searches.pop("user", None)
    return f"?{searches.urlencode()}" if searches else ""


def run_action(
    request: MemberRequest, pk: int, change: Callable[[], object], done: Message, unchanged: Message = ""
) -> HttpResponse:
    """Run the action of a button, show `done` or `unchanged`, and lead back to the licence.

    `unchanged` is shown when the action returns False.
    """
    try:
        changed = change()
    except RuleError as error:
        messages.error(request, str(error))
    else:
        if unchanged and changed is False:
            messages.info(request, unchanged if isinstance(unchanged, str) else unchanged())
        else:
            messages.success(request, done if isinstance(done, str) else done())
    return to_license_page(request, pk)


def to_license_page(request: MemberRequest, pk: int) -> HttpResponse:
    return redirect(reverse("company:license", args=[pk]) + kept_query(request))
