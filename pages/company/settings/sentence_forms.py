from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from pages.forms import RuleForm
from requests_app.actions.ready_sentences import LONGEST


class SentenceForm(RuleForm):
    text = forms.CharField(
        label=gettext_lazy("Sentence"),
        max_length=LONGEST,
        help_text=gettext_lazy("Your admins choose from these when they reject a request. Do not use names."),
        error_messages={"required": gettext_lazy("Write a sentence.")},
    )
