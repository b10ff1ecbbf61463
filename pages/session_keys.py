"""Name the session keys that several pages share."""

SIGN_IN_ADDRESS = "sign_in_address"  # the address to fill in at sign-in, so that no URL holds it
AFTER_SECOND_STEP = "after_second_step"  # the page to go on to once the second step is set up
