"""The demo: `make demo` (see __main__.py), its data, and the pages that show the mails it caught."""

# Known to everybody who reads this: the demo only listens on this machine, and its data is made up.
DEMO_PASSWORD = "welkom-bij-de-demo"

# Who can sign in, and as what; the start prints them.
SIGN_INS = {
    "nen@nen.example": "NEN staff",
    "beheerder@voorbeeld.example": "company admin of Voorbeeld",
    "gebruiker@voorbeeld.example": "user of Voorbeeld",
    "beheerder@bouwbedrijf.example": "company admin of Bouwbedrijf",
    "zonder@bedrijf.example": "personal account, no company",
}
