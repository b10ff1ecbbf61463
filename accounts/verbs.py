"""Name what the audit records about people and how they sign in (R38)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from nenconnect.audit.verbs import Topic, Verb

ADDRESS_ACCEPTED = Verb(
    "address_accepted",
    Topic.USERS,
    label=_("Address takes mail again"),
    sentence=_("Mail to %(user)s arrives again"),
)
ADDRESS_CHANGE_ASKED = Verb(
    "address_change_asked",
    Topic.USERS,
    label=_("New user name asked for"),
    sentence=_("%(who)s asked for another user name for %(user)s"),
)
ADDRESS_CHANGE_CANCELLED = Verb(
    "address_change_cancelled",
    Topic.USERS,
    label=_("New user name taken back"),
    sentence=_("%(who)s took back the change of user name of %(user)s"),
)
ADDRESS_CHANGE_SENT_AGAIN = Verb(
    "address_change_sent_again",
    Topic.USERS,
    label=_("Mail to confirm the new user name sent again"),
    sentence=_("%(who)s sent the mail about the new user name of %(user)s again"),
)
ADDRESS_CHANGED = Verb(
    "address_changed",
    Topic.USERS,
    label=_("User name changed"),
    sentence=_("The user name of %(user)s was changed by %(who)s"),
)
ADDRESS_REFUSED = Verb(
    "address_refused",
    Topic.USERS,
    label=_("Mail to the address refused"),
    sentence=_("Mail to %(user)s was refused"),
)
BLOCKED = Verb(
    "blocked", Topic.USERS, label=_("User blocked"), sentence=_("%(who)s blocked %(user)s"), states_changes=True
)
DEPUTY_BEGAN = Verb(
    "deputy_began", Topic.USERS, label=_("Deputy's rights began"), sentence=_("%(user)s began as deputy")
)
DEPUTY_ENDED = Verb(
    "deputy_ended",
    Topic.USERS,
    label=_("Deputy's rights ended"),
    sentence=_("The time of %(user)s as deputy was ended by %(who)s"),
)
DEPUTY_NAMED = Verb(
    "deputy_named", Topic.USERS, label=_("Deputy named"), sentence=_("%(who)s named %(user)s as deputy")
)
DETAILS_CHANGED = Verb(
    "details_changed",
    Topic.USERS,
    label=_("Details of a user changed"),
    sentence=_("%(who)s changed the details of %(user)s"),
)
JOIN_INVITED = Verb(
    "join_invited",
    Topic.USERS,
    label=_("Owner of a personal account invited to join"),
    sentence=_("%(who)s invited the owner of a personal account to join"),
)
JOINED_COMPANY = Verb(
    "joined_company", Topic.USERS, label=_("User joined the company"), sentence=_("%(user)s joined the company")
)
MOVE_DECLINED = Verb(
    "move_declined",
    Topic.USERS,
    label=_("Request to move declined"),
    sentence=_("%(who)s declined that %(user)s moves here"),
)
MOVE_REQUESTED = Verb(
    "move_requested",
    Topic.USERS,
    label=_("Asked to move to another company"),
    sentence=_("%(user)s asked to move here from another company"),
)
MOVE_WITHDRAWN = Verb(
    "move_withdrawn",
    Topic.USERS,
    label=_("Request to move withdrawn"),
    sentence=_("%(user)s no longer asks to move here"),
)
MOVED_IN = Verb(
    "moved_in",
    Topic.USERS,
    label=_("User moved in from another company"),
    sentence=_("%(who)s took in %(user)s from another company"),
)
MOVED_OUT = Verb(
    "moved_out",
    Topic.USERS,
    label=_("User moved to another company"),
    sentence=_("%(user)s moved to another company"),
    hides_actor=True,
)
REGISTERED = Verb(
    "registered", Topic.USERS, label=_("Registration finished"), sentence=_("%(who)s finished registration")
)
REGISTRATION_REQUESTED = Verb(
    "registration_requested", Topic.USERS, label=_("Registered oneself"), sentence=_("%(user)s registered")
)
REGISTRATION_SENT_AGAIN = Verb(
    "registration_sent_again",
    Topic.USERS,
    label=_("Registration mail sent again"),
    sentence=_("%(who)s sent %(user)s the registration mail again"),
)
REMOVED_FROM_COMPANY = Verb(
    "removed_from_company",
    Topic.USERS,
    label=_("User removed from the company"),
    sentence=_("%(who)s removed %(user)s from the company"),
)
ROLE_CHANGED = Verb(
    "role_changed", Topic.USERS, label=_("Role changed"), sentence=_("%(who)s changed the role of %(user)s")
)
UNBLOCKED = Verb(
    "unblocked",
    Topic.USERS,
    label=_("User unblocked"),
    sentence=_("%(who)s unblocked %(user)s"),
    states_changes=True,
)
USER_ADDED = Verb("user_added", Topic.USERS, label=_("User added"), sentence=_("%(who)s added %(user)s"))
DEVICES_SIGNED_OUT = Verb(
    "devices_signed_out",
    Topic.SIGN_IN,
    label=_("Signed out on other devices"),
    sentence=_("%(who)s signed out on other devices"),
)
LOCK_ENDED = Verb(
    "lock_ended", Topic.SIGN_IN, label=_("Lock ended"), sentence=_("%(who)s ended the lock of %(user)s")
)
PASSWORD_CHANGED = Verb(
    "password_changed",
    Topic.SIGN_IN,
    label=_("Password changed"),
    sentence=_("%(who)s changed their own password"),
)
PASSWORD_RESET = Verb(
    "password_reset",
    Topic.SIGN_IN,
    label=_("New password chosen"),
    sentence=_("%(who)s chose a new password by a mailed link"),
)
PASSWORD_RESET_ASKED = Verb(
    "password_reset_asked",
    Topic.SIGN_IN,
    label=_("Link for a new password asked for"),
    sentence=_("A link for a new password was asked for %(user)s"),
)
RECOVERY_CODE_USED = Verb(
    "recovery_code_used",
    Topic.SIGN_IN,
    label=_("Recovery code used to sign in"),
    sentence=_("%(who)s signed in with a recovery code"),
)
RECOVERY_CODES_MADE = Verb(
    "recovery_codes_made",
    Topic.SIGN_IN,
    label=_("New recovery codes made"),
    sentence=_("%(who)s made new recovery codes"),
)
SECOND_STEP_ADDED = Verb(
    "second_step_added",
    Topic.SIGN_IN,
    label=_("Second step added"),
    sentence=_("%(who)s added a second step to their own account"),
)
SECOND_STEP_REMOVED = Verb(
    "second_step_removed",
    Topic.SIGN_IN,
    label=_("Second step removed"),
    sentence=_("%(who)s removed a second step from their own account"),
)
SECOND_STEP_TAKEN_AWAY = Verb(
    "second_step_taken_away",
    Topic.SIGN_IN,
    label=_("Second step removed by another person"),
    sentence=_("%(who)s removed the second step of %(user)s"),
)
TERMS_ACCEPTED = Verb(
    "terms_accepted",
    Topic.SIGN_IN,
    label=_("Terms of use accepted"),
    sentence=_("%(who)s accepted the terms of use"),
)
REGISTRATION_FORGOTTEN = Verb(
    "registration_forgotten",
    None,
    label=_("Unfinished registration removed"),
    sentence=_("The unfinished registration of %(user)s was removed"),
)
STAFF_ROLE_CHANGED = Verb(
    "staff_role_changed",
    None,
    label=_("Role at NEN changed"),
    sentence=_("%(who)s changed the role at NEN of %(user)s"),
)
TERMS_PUBLISHED = Verb(
    "terms_published", None, label=_("Terms of use published"), sentence=_("%(who)s published terms of use")
)
