"""Count the people of a company per status in advance, for a list of a hundred thousand."""

from __future__ import annotations

from django.db import models

from companies.models import Company


class StatusCounts(models.Model):
    """Hold counts that are true on `day`, while no `StatusChange` of the company exists."""

    company = models.OneToOneField(Company, models.CASCADE, related_name="+")
    day = models.DateField(null=True)
    counts = models.JSONField(default=list)  # [status, role, people], locks left out

    def __str__(self) -> str:
        return f"{self.company_id} {self.day}"


class StatusChange(models.Model):
    """Record that a status may have changed; triggers write it in the transaction of the change.

    Rows are only added, so that no two changes wait for each other and no foreign key locks the company.
    """

    company = models.ForeignKey(Company, models.CASCADE, db_constraint=False, related_name="+")

    def __str__(self) -> str:
        return str(self.company_id)
