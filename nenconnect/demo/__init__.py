"""Run the demo (`make demo`, see __main__.py), load its data and show the mails that it caught."""

# Public on purpose: the demo listens on this machine only, and its data is made up.
DEMO_PASSWORD = "welkom-bij-de-demo"

# E-mail address and role of each demo account that the launcher prints.
SIGN_INS = {
    "nen@nen.example": "NEN staff",
    "beheerder@voorbeeld.example": "company admin of Voorbeeld",
    "gebruiker@voorbeeld.example": "user of Voorbeeld",
    "beheerder@bouwbedrijf.example": "company admin of Bouwbedrijf",
    "zonder@bedrijf.example": "personal account, no company",
}
