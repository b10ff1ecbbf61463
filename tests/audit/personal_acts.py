"""List each audit verb of a person or visitor with the action that records it."""

from __future__ import annotations

from collections.abc import Callable

from accounts.actions import devices, joining, moving, password, second_step, terms, undeliverable
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.mails.password import reset_tokens
from accounts.models import User
from accounts.second_step import factors_of
from accounts.sessions import SessionStore
from companies.models import Company
from members.actions import deleting
from tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    add_authenticator_app,
    make_admin,
    make_company,
    make_pending_person,
    make_person,
    make_terms_version,
    recovery_codes_of,
    registration_token,
)


def neighbour(company: Company) -> Company:
    # Another company on the same domain.
    return make_company("Geheim BV", "voorbeeld.example")


def register(company: Company) -> User:
    return finish_registration(registration_token(make_pending_person(company=company)), password=PASSWORD)


def reset(company: Company) -> User:
    user = make_person(company=company)
    return password.finish_password_reset(f"{user.pk}-{reset_tokens.make_token(user)}", password=PASSWORD)


def join(company: Company) -> User:
    user = make_person("los@voorbeeld.example")
    joining.join(user, company)
    return user


def ask_to_move(company: Company) -> User:
    other = neighbour(company)
    make_admin(company)
    user = make_person(company=other)
    moving.ask_to_move(user, company)
    return user


def withdraw_move(company: Company) -> User:
    user = ask_to_move(company)
    moving.withdraw_move(user)
    return user


def accept_terms(company: Company) -> User:
    user = make_person(company=company)
    terms.accept(user, make_terms_version())
    return user


def change_password(company: Company) -> User:
    return password.change_password(make_person(company=company), password="een-ander-wachtwoord-9")


def sign_out_elsewhere(company: Company) -> User:
    user, store = make_person(company=company), SessionStore()
    store.create()
    devices.record_device_use(user, store.session_key or "", ip="203.0.113.7", user_agent="Geheim/1.0")
    devices.end_devices(devices.devices_of(user), by=user)
    return user


def delete_account(company: Company) -> User:
    user = make_person(company=company, name="Gijs Geheim")
    deleting.delete_account(user, by=user)
    return user


def add_app(company: Company) -> User:
    return second_step.add_app(make_person(company=company), secret=TOTP_SECRET)


def remove_app(company: Company) -> User:
    user = add_authenticator_app(make_person(company=company))
    second_step.remove(user, factors_of(user).get())
    return user


def make_recovery_codes(company: Company) -> User:
    user = add_authenticator_app(make_person(company=company))
    second_step.make_recovery_codes(user)
    return user


def use_recovery_code(company: Company) -> User:
    user = add_authenticator_app(make_person(company=company))
    assert second_step.use_code(user, recovery_codes_of(user)[0])
    return user


BY_ONESELF: dict[str, Callable[[Company], User]] = {
    "devices_signed_out": sign_out_elsewhere,
    "user_deleted": delete_account,
    "registered": register,
    "second_step_added": add_app,
    "second_step_removed": remove_app,
    "recovery_codes_made": make_recovery_codes,
    "recovery_code_used": use_recovery_code,
    "password_reset": reset,
    "joined_company": join,
    "move_requested": ask_to_move,
    "move_withdrawn": withdraw_move,
    "terms_accepted": accept_terms,
    "password_changed": change_password,
}

# Before sign-in there is no actor.
BY_A_VISITOR: dict[str, Callable[[User], None]] = {
    "registration_requested": lambda user: register_self("geheim@post.example", "Gerda Geheim", language="nl"),
    "password_reset_asked": lambda user: password.ask_password_reset(user.email),
    "address_refused": lambda user: undeliverable.mark_undeliverable(user.email, "550 geheim"),
    "address_accepted": lambda user: refused_and_accepted(user),
}


def refused_and_accepted(user: User) -> None:
    undeliverable.mark_undeliverable(user.email, "550 geheim")
    user.refresh_from_db()
    undeliverable.mark_deliverable(user)
