"""List each URL with its answer for each kind of person, by GET and by POST.

Each row has the answers for the seven kinds of people in the order of PEOPLE.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = ("anonymous", "personal", "colleague", "admin", "other_admin", "blocked", "staff")
EVERYONE = "200 200 200 200 200 200 200"
NOTHING = "404 404 404 404 404 404 404"
NO_METHOD = "405 405 405 405 405 405 405"
AWAY = "302 302 302 302 302 302 302"
SIGNED_IN = "in 200 200 200 200 in 200"
SIGNED_IN_ACTS = "in 302 302 302 302 in 302"
NO_METHOD_IN = "in 405 405 405 405 in 405"
MEMBERS = "in 404 200 200 200 in 404"
ADMINS = "in 404 403 200 200 in 404"
ADMINS_ACT = "in 404 403 302 302 in 404"
NEN = "in 404 404 404 404 in 200"
# One thing of Voorbeeld BV: to the admin of another company it does not exist.
NOBODYS_MEMBERS = "in 404 404 404 404 in 404"
OWN_MEMBERS = "in 404 200 200 404 in 404"
OWN_ADMINS = "in 404 403 200 404 in 404"
OWN_ADMINS_ACT = "in 404 403 302 404 in 404"
OWN_REQUESTER_ACTS = "in 404 302 302 404 in 404"  # the page tells others than the requester so


@dataclass(frozen=True)
class Row:
    get: str
    post: str
    thing: str = ""  # the row of `things` in the URL
    sent: str = ""  # the row of `things` that the button posts, under its name


TABLE = {
    # Public
    "healthz": Row(EVERYONE, NO_METHOD),
    "readyz": Row(" ".join(["503"] * 7), NO_METHOD),  # in a test no beat and no worker goes
    "metrics": Row(NOTHING, NO_METHOD),  # without the token
    "security_txt": Row(EVERYONE, NO_METHOD),
    "change_password": Row(AWAY, NO_METHOD),
    "favicon": Row(AWAY, NO_METHOD),
    "home:home": Row(EVERYONE, NO_METHOD),
    "home:help": Row(EVERYONE, NO_METHOD),
    "home:privacy": Row(EVERYONE, NO_METHOD),
    "sign_in:terms": Row(EVERYONE, NO_METHOD),
    "sign_in:terms_version": Row(EVERYONE, NO_METHOD, "terms"),
    "home:language": Row(NO_METHOD, AWAY),
    "sign_in:register": Row("200 302 302 302 302 200 302", "200 302 302 302 302 200 302"),
    "sign_in:register_done": Row(EVERYONE, NO_METHOD),
    "sign_in:registration": Row(EVERYONE, "302 200 200 200 200 302 200", "registration"),
    "sign_in:choose_password": Row(EVERYONE, EVERYONE),
    "profile:confirm_address": Row(EVERYONE, EVERYONE, "no_token"),
    "sign_in:forgot_password": Row(EVERYONE, EVERYONE),
    "sign_in:forgot_password_done": Row(EVERYONE, NO_METHOD),
    "sign_in:password_reset": Row(EVERYONE, EVERYONE, "no_token"),
    "profile:stop_notices": Row(EVERYONE, EVERYONE, "no_token"),
    "profile:stop_reminders": Row(EVERYONE, EVERYONE, "no_token"),
    "sign_in:new_password": Row(EVERYONE, EVERYONE),
    "account_login": Row("200 302 302 302 302 200 302", "200 302 302 302 302 200 302"),
    "account_logout": Row("302 200 200 200 200 302 200", AWAY),
    "account_inactive": Row(EVERYONE, NO_METHOD),
    "mfa_authenticate": Row(AWAY, AWAY),  # only ever between the password and the session
    "mfa_login_webauthn": Row(AWAY, AWAY),
    "account_reset_password": Row(AWAY, AWAY),
    "account_signup": Row(AWAY, AWAY),
    "demo:mails": Row(EVERYONE, NO_METHOD),
    "demo:mail": Row(NOTHING, NO_METHOD, "no_mail"),
    "demo:mail_html": Row(NOTHING, NO_METHOD, "no_mail"),
    "demo:empty": Row(NO_METHOD, AWAY),
    "demo:samples": Row(EVERYONE, NO_METHOD),
    "demo:sample": Row(EVERYONE, NO_METHOD, "sample"),
    "demo:sample_html": Row(EVERYONE, NO_METHOD, "sample"),
    # NEN staff, outside Django admin
    "mail_samples:samples": Row(NEN, NO_METHOD_IN),
    "mail_samples:sample": Row(NEN, NO_METHOD_IN, "sample"),
    "mail_samples:sample_html": Row(NEN, NO_METHOD_IN, "sample"),
    # Everyone signed in
    "account_change_password": Row(SIGNED_IN, SIGNED_IN),
    "account_reauthenticate": Row(SIGNED_IN, SIGNED_IN),
    "mfa_index": Row(SIGNED_IN, NO_METHOD_IN),
    "mfa_list_webauthn": Row(SIGNED_IN_ACTS, SIGNED_IN_ACTS),
    "mfa_deactivate_totp": Row(SIGNED_IN_ACTS, SIGNED_IN_ACTS),
    **{  # to the password first
        name: Row(SIGNED_IN_ACTS, SIGNED_IN_ACTS)
        for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes")
    },
    "mfa_view_recovery_codes": Row(SIGNED_IN_ACTS, NO_METHOD_IN),
    "mfa_download_recovery_codes": Row(SIGNED_IN_ACTS, NO_METHOD_IN),
    "mfa_remove_webauthn": Row(SIGNED_IN_ACTS, SIGNED_IN_ACTS, "user"),
    "sign_in:accept_terms": Row(SIGNED_IN_ACTS, SIGNED_IN_ACTS),  # which all people here have done
    "profile:profile": Row(SIGNED_IN, SIGNED_IN),
    "profile:devices": Row(SIGNED_IN, NO_METHOD_IN),
    "profile:end_other_devices": Row(NO_METHOD_IN, SIGNED_IN_ACTS),
    "profile:end_device": Row(NO_METHOD_IN, "in 404 404 404 404 in 404", "device"),
    "profile:download_data": Row(SIGNED_IN, SIGNED_IN),
    "profile:delete_account": Row(SIGNED_IN, SIGNED_IN),
    "profile:profile_licenses": Row(SIGNED_IN, NO_METHOD_IN),
    "profile:profile_mails": Row(SIGNED_IN, NO_METHOD_IN),
    "profile:reminders": Row(NO_METHOD_IN, SIGNED_IN_ACTS),
    "profile:notices": Row(NO_METHOD_IN, SIGNED_IN_ACTS),
    "profile:join": Row(NO_METHOD_IN, "in 404 404 404 404 in 404", "company"),
    "documents:documents": Row(SIGNED_IN, NO_METHOD_IN),
    "documents:document": Row(SIGNED_IN, NO_METHOD_IN, "document"),
    "documents:open": Row(SIGNED_IN_ACTS, "in 403 403 403 403 in 403", "document"),
    "documents:file": Row("in 403 403 403 403 in 403", NO_METHOD_IN, "opening"),
    "requests:license_choice": Row("in 302 200 200 302 in 302", "in 302 200 200 302 in 302"),
    # People of a company
    "profile:move": Row(MEMBERS, MEMBERS),
    "profile:withdraw_move": Row(NO_METHOD_IN, "in 404 302 302 302 in 404"),
    "requests:license_requests": Row(MEMBERS, NO_METHOD_IN),
    "requests:document_requests": Row(MEMBERS, NO_METHOD_IN),
    "requests:request_license": Row(MEMBERS, MEMBERS),
    "requests:request_document": Row("in 404 200 200 302 in 404", "in 404 302 302 302 in 404", "document"),
    "requests:license_request": Row(OWN_MEMBERS, NO_METHOD_IN, "license_request"),
    "requests:document_request": Row(OWN_MEMBERS, NO_METHOD_IN, "document_request"),
    # of another person: only the requester has this page
    "requests:add_word_license": Row(NOBODYS_MEMBERS, NOBODYS_MEMBERS, "license_request"),
    "requests:add_word_document": Row(NOBODYS_MEMBERS, NOBODYS_MEMBERS, "document_request"),
    "requests:nudge_license": Row(NO_METHOD_IN, NOBODYS_MEMBERS, "license_request"),
    "requests:nudge_document": Row(NO_METHOD_IN, NOBODYS_MEMBERS, "document_request"),
    "requests:withdraw_license": Row(NO_METHOD_IN, OWN_REQUESTER_ACTS, "license_request"),
    "requests:withdraw_document": Row(NO_METHOD_IN, OWN_REQUESTER_ACTS, "document_request"),
    # Its admins
    "requests:approve_license": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "license_request"),
    "requests:put_in_line": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "license_request"),
    "requests:reject_license": Row(OWN_ADMINS, OWN_ADMINS_ACT, "license_request"),
    "requests:approve_licenses": Row(ADMINS_ACT, ADMINS_ACT),  # nothing ticked
    "requests:reject_licenses": Row(ADMINS_ACT, ADMINS_ACT),
    "requests:approve_documents": Row(ADMINS_ACT, ADMINS_ACT),
    "requests:reject_documents": Row(ADMINS_ACT, ADMINS_ACT),
    "requests:ask_license": Row(OWN_ADMINS, OWN_ADMINS, "license_request"),
    "requests:ask_document": Row(OWN_ADMINS, OWN_ADMINS, "document_request"),
    "requests:answer_license": Row(OWN_REQUESTER_ACTS, OWN_REQUESTER_ACTS, "license_request"),
    "requests:answer_document": Row(OWN_REQUESTER_ACTS, OWN_REQUESTER_ACTS, "document_request"),
    "requests:export_license_requests": Row("in 404 403 404 404 in 404", NO_METHOD_IN),  # without a format
    "requests:export_document_requests": Row("in 404 403 404 404 in 404", NO_METHOD_IN),
    "requests:figures": Row(ADMINS, NO_METHOD_IN),
    "company:sentences": Row(ADMINS, NO_METHOD_IN),
    "company:add_sentence": Row(ADMINS, ADMINS),
    "company:change_sentence": Row(OWN_ADMINS, OWN_ADMINS, "sentence"),
    "company:delete_sentence": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "sentence"),
    "requests:approve_document": Row(OWN_ADMINS, OWN_ADMINS, "document_request"),
    "requests:reject_document": Row(OWN_ADMINS, OWN_ADMINS_ACT, "document_request"),
    "company:company": Row(ADMINS, NO_METHOD_IN),
    "company:contact": Row(ADMINS, ADMINS),
    "company:settings": Row(ADMINS, NO_METHOD_IN),
    "company:set_second_step": Row(ADMINS, ADMINS),
    "company:people_outside": Row(ADMINS, NO_METHOD_IN),
    "company:second_step_people": Row(ADMINS, NO_METHOD_IN),
    "company:remove_second_step": Row(OWN_ADMINS_ACT, OWN_ADMINS_ACT, "user"),
    "company:label": Row(ADMINS, NO_METHOD_IN),
    "company:change_label": Row(ADMINS, ADMINS),
    "company:add_label_values": Row(ADMINS, ADMINS),
    "company:request_rules": Row(ADMINS, ADMINS),
    "company:deputies": Row(ADMINS, NO_METHOD_IN),
    "company:add_deputy": Row(ADMINS, ADMINS),
    "company:remove_deputy": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "deputy"),
    "company:request_label": Row(ADMINS, NO_METHOD_IN),
    "company:change_request_label": Row(ADMINS, ADMINS),
    "company:add_request_label_values": Row(ADMINS, ADMINS),
    "company:rename_label_value": Row(OWN_ADMINS, OWN_ADMINS, "label_value"),
    "company:merge_label_value": Row(OWN_ADMINS, OWN_ADMINS, "label_value"),
    "company:delete_label_value": Row(OWN_ADMINS, OWN_ADMINS_ACT, "label_value"),
    "company:self_registration": Row(NO_METHOD_IN, ADMINS_ACT),
    "company:logbook": Row(ADMINS, NO_METHOD_IN),
    "company:export_logbook": Row("in 404 403 404 404 in 404", NO_METHOD_IN),  # without a format
    "company:export_access": Row("in 404 403 404 404 in 404", NO_METHOD_IN),  # without a format
    "company:users": Row(ADMINS, NO_METHOD_IN),
    "company:add_user": Row(ADMINS, ADMINS),
    "company:export_users": Row("in 404 403 404 404 in 404", NO_METHOD_IN),  # without a format
    "company:import_users": Row(ADMINS, ADMINS),
    "company:import_template": Row(ADMINS, NO_METHOD_IN),
    "company:people_import": Row(OWN_ADMINS, NO_METHOD_IN, "people_import"),
    "company:load_import": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "people_import"),
    "company:discard_import": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "people_import"),
    "company:import_report": Row(OWN_ADMINS, NO_METHOD_IN, "people_import"),
    "company:leavers": Row(ADMINS, ADMINS),
    "company:leave": Row(NO_METHOD_IN, ADMINS_ACT),
    "company:departure": Row(OWN_ADMINS, NO_METHOD_IN, "departure"),
    "company:undo_departure": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "departure"),
    "company:choose_people": Row(NO_METHOD_IN, ADMINS_ACT),
    "company:people_change": Row(OWN_ADMINS, NO_METHOD_IN, "people_change"),
    "company:complete_change": Row(NO_METHOD_IN, OWN_ADMINS, "people_change"),
    "company:start_change": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "people_change"),
    "company:change_report": Row("in 404 403 404 404 in 404", NO_METHOD_IN, "people_change"),  # not done yet
    "company:move_request": Row(OWN_ADMINS, NO_METHOD_IN, "move"),
    "company:accept_move": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "move"),
    "company:decline_move": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "move"),
    "company:user": Row(OWN_ADMINS, NO_METHOD_IN, "user"),
    "company:why_access": Row(OWN_ADMINS, NO_METHOD_IN, "user"),
    "company:edit_user": Row(OWN_ADMINS, OWN_ADMINS, "user"),
    "company:change_address": Row(OWN_ADMINS, OWN_ADMINS, "user"),
    "company:send_address_change_again": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "user"),
    "company:cancel_address_change": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "user"),
    "company:remove_user": Row(OWN_ADMINS, OWN_ADMINS_ACT, "user"),
    **{
        f"company:{name}": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "user")
        for name in (
            "send_registration_again",
            "unblock",
            "end_lock",
        )
    },
    "company:block": Row(OWN_ADMINS, OWN_ADMINS_ACT, "user"),
    "company:change_role": Row(OWN_ADMINS_ACT, OWN_ADMINS_ACT, "user", "role"),
    "company:give_license": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "user", "license"),
    "company:take_license": Row(OWN_ADMINS, OWN_ADMINS_ACT, "user", "license"),
    "company:licenses": Row(ADMINS, NO_METHOD_IN),
    "company:license": Row(OWN_ADMINS, NO_METHOD_IN, "license"),
    "company:set_company_wide": Row(OWN_ADMINS_ACT, OWN_ADMINS_ACT, "license", "on"),
    "company:set_shown": Row(OWN_ADMINS, OWN_ADMINS_ACT, "license", "on"),
    "company:give": Row(NO_METHOD_IN, OWN_ADMINS_ACT, "license", "user"),
    "company:give_list": Row(OWN_ADMINS, OWN_ADMINS, "license"),
    "company:set_end": Row(OWN_ADMINS, OWN_ADMINS_ACT, "collection", "user"),
    "company:take_away": Row(OWN_ADMINS, OWN_ADMINS_ACT, "license", "user"),
    "company:add_document": Row(OWN_ADMINS, OWN_ADMINS_ACT, "collection", "document"),
    "company:remove_document": Row(OWN_ADMINS, OWN_ADMINS_ACT, "collection", "document"),
}
