from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.second_step import take_away_by_operator
from accounts.models import User
from nenconnect.rules.errors import RuleError


class Command(BaseCommand):
    help = "Removes the second step of somebody who lost it. For NEN staff there is no other way back in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        user = User.objects.filter(email=address.lower()).first()
        if user is None:
            raise CommandError(f"There is nobody at {address}.")
        try:
            take_away_by_operator(user)
        except RuleError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{user.email} signs in with the password alone, and sets up a new second step.")
