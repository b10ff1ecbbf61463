from __future__ import annotations

import re

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nenconnect.search.search_index import word_index_of

# Pads each run of digits to a width of eight, so that 9001 sorts before 14001.
_PADDED = Func(F("number"), Value(r"(\d+)"), Value(r"0000000\1"), Value("g"), function="regexp_replace")
_SORT_KEY = Func(_PADDED, Value(r"0+(\d{8})(?!\d)"), Value(r"\1"), Value("g"), function="regexp_replace")
_FILLING = r"[\s./_\u2010-\u2015-]"  # characters between the parts of a number


def bare(number: str) -> str:
    """Return the number without spaces, dashes and dots, in lower case, as `Document.bare_number` stores it."""
    return re.sub(_FILLING, "", number).lower()


class DocumentStatus(models.TextChoices):
    CURRENT = "current", _("Current")
    REPLACED = "replaced", _("Replaced")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DocumentQuerySet(models.QuerySet["Document"]):
    def matching(self, text: str) -> DocumentQuerySet:
        """Return documents that have each word of the text in the number or a title.

        Spaces, dashes and dots of numbers do not matter.
        """
        documents = self
        for word in text.split():
            if bare_word := re.sub(_FILLING, "", word):
                documents = documents.filter(
                    Q(bare_number__icontains=bare_word) | Q(title_nl__icontains=word) | Q(title_en__icontains=word)
                )
        return documents


class Document(models.Model):
    """Describe a standard (norm) or another publication."""

    class Kind(models.TextChoices):
        NEN = "NEN", "NEN"
        NEN_EN = "NEN-EN", "NEN-EN"
        NEN_EN_ISO = "NEN-EN-ISO", "NEN-EN-ISO"
        NEN_ISO = "NEN-ISO", "NEN-ISO"
        NPR = "NPR", "NPR"
        NTA = "NTA", "NTA"

    Status = DocumentStatus

    number = models.CharField(_("number"), max_length=60, unique=True)
    title_nl = models.CharField(_("title (Dutch)"), max_length=400)
    title_en = models.CharField(_("title (English)"), max_length=400, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    published_on = models.DateField(_("publication date"))
    status = models.CharField(_("status"), max_length=10, choices=DocumentStatus, default=DocumentStatus.CURRENT)
    replaced_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaces", verbose_name=_("replaced by")
    )
    is_free = models.BooleanField(_("free document"), default=False)
    is_plus = models.BooleanField(_("Plus"), default=False)
    plus_countries = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        verbose_name=_("countries of a Plus document"),
    )
    file = models.FileField(_("file (PDF)"), upload_to="documents/%Y", blank=True)
    file_missing_since = models.DateTimeField(_("file missing since"), null=True, blank=True, editable=False)
    bare_number = models.GeneratedField(
        expression=Lower(Func(F("number"), Value(_FILLING), Value(""), Value("g"), function="regexp_replace")),
        output_field=models.CharField(max_length=60),
        db_persist=True,
    )
    sort_key = models.GeneratedField(
        expression=_SORT_KEY, output_field=models.CharField(max_length=200), db_persist=True, db_index=True
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_plus=True, plus_countries__len__gt=0) | Q(is_plus=False, plus_countries=[]),
                name="document_plus_has_countries",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bare_number"], opclasses=["varchar_pattern_ops"], name="document_by_bare_number"
            ),
            GinIndex(word_index_of("number", "title_nl", "title_en"), name="document_by_words"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_withdrawn(self) -> bool:
        return self.status == DocumentStatus.WITHDRAWN

    @property
    def title_language(self) -> str:
        return "en" if self.title_en and get_language() == "en" else "nl"

    @property
    def title(self) -> str:
        return self.title_en if self.title_language == "en" else self.title_nl
