"""How many people of a company have which status: counted ahead, for a list of a hundred thousand."""

from __future__ import annotations

from django.db import models

from companies.models import Company


class StatusCounts(models.Model):
    """True on `day`, and only while no `StatusChange` of the company stands beside it."""

    company = models.OneToOneField(Company, models.CASCADE, related_name="+")
    day = models.DateField(null=True)
    counts = models.JSONField(default=list)  # [status, role, people], locks left out

    def __str__(self) -> str:
        return f"{self.company_id} {self.day}"


class StatusChange(models.Model):
    """Something changed on which statuses depend: triggers write it, in the transaction of the change.

    Rows are only added here, so that no two changes wait for each other, and no foreign key locks the company.
    """

    company = models.ForeignKey(Company, models.CASCADE, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return str(self.company_id)
