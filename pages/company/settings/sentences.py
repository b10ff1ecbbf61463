"""Manage the company's ready-made sentences for rejections."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest, company_admin_required
from pages.company.settings.sentence_forms import SentenceForm
from requests_app.actions import ready_sentences as actions
from requests_app.models import ReadySentence


@require_safe
@company_admin_required
def sentences(request: MemberRequest) -> HttpResponse:
    return render(
        request, "pages/company/settings/sentences.html", {"sentences": request.company.ready_sentences.all()}
    )


@require_http_methods(["GET", "POST"])
@company_admin_required
def add_sentence(request: MemberRequest) -> HttpResponse:
    form = SentenceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.add_sentence(request.company, form.cleaned_data["text"], by=request.user)
        except RuleError as error:
            form.add_rule_error(error)
        else:
            messages.success(request, _("The sentence is added."))
            return redirect("company:sentences")
    return render(request, "pages/company/settings/sentence.html", {"form": form})


@require_http_methods(["GET", "POST"])
@company_admin_required
def change_sentence(request: MemberRequest, pk: int) -> HttpResponse:
    sentence = _find_sentence(request, pk)
    form = SentenceForm(request.POST if request.method == "POST" else None, initial={"text": sentence.text})
    if form.is_valid():
        try:
            actions.change_sentence(sentence, form.cleaned_data["text"], by=request.user)
        except RuleError as error:
            form.add_rule_error(error)
        else:
            messages.success(request, _("The sentence is changed."))
            return redirect("company:sentences")
    return render(request, "pages/company/settings/sentence.html", {"form": form, "sentence": sentence})


@require_POST
@company_admin_required
def delete_sentence(request: MemberRequest, pk: int) -> HttpResponse:
    actions.delete_sentence(_find_sentence(request, pk), by=request.user)
    messages.success(request, _("The sentence is deleted."))
    return redirect("company:sentences")


def _find_sentence(request: MemberRequest, pk: int) -> ReadySentence:
    return get_object_or_404(ReadySentence.objects.filter(company=request.company), pk=pk)
