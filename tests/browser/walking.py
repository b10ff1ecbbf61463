"""A person at a browser, for the journey: clicks, fills in and reads, and looks at each page on the way.

Looking: no error page, no broken rule of accessibility (axe), wide and narrow, and nothing in the console,
where Chromium reports what the content security policy stopped.
"""

from __future__ import annotations

import re
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}
PASSWORD = "fietsen-door-de-polder-12"
SECONDS_FOR_A_MAIL = 20


def click(target: Locator) -> None:
    """Click, and wait until the page that it leads to is there: until then the old one answers."""
    with target.page.expect_navigation():
        target.click()


def press_enter(page: Page) -> None:
    """Press Enter, and wait until the page that it leads to is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto("/inloggen/")
    page.fill("#id_login", address)
    page.fill("#id_password", password)
    click(page.locator("main form").first.get_by_role("button"))


class Person:
    """One browser of one's own. Every step waits until what it needs is on the page."""

    def __init__(self, browser: Browser, site: str, address: str, name: str = "") -> None:
        self.site, self.address, self.name = site, address, name
        context = browser.new_context(base_url=site, locale="en-GB", viewport=WIDE)  # pages are Dutch all the same
        context.set_default_timeout(10_000)
        self.page: Page = context.new_page()
        self.page.on("console", self._listen)
        self.complaints: list[str] = []
        self.seen: set[str] = set()

    # Going -------------------------------------------------------------------------------------------

    def opens_the_site(self) -> None:
        self.page.goto("/")
        self.looks()

    def clicks(self, name: str, *, within: str = "", exact: bool = True) -> None:
        """A link or a button by what it says; what it says to a screen reader may go on after it."""
        place = self.page.locator(within) if within else self.page
        end = r"\s*$" if exact else ""
        words = re.compile(rf"^\s*{re.escape(name)}{end}")
        target = place.get_by_role("link", name=words).or_(place.get_by_role("button", name=words))
        click(target.first)
        self.looks()

    def fills(self, **fields: str) -> None:
        """Fields by the id that their label points to."""
        for name, value in fields.items():
            self.page.locator(f"#id_{name}").fill(value)

    def signs_in(self, password: str = PASSWORD) -> None:
        self.clicks("Inloggen", within="nav")
        self.fills(login=self.address, password=password)
        self.clicks("Inloggen", within="main")

    def follows_the_mail(self, subject: str, button: str) -> None:
        """Reads the newest mail with this subject in the demo mailbox, and clicks its button."""
        self.opens_the_mail(subject)
        click(self.page.frame_locator("iframe").get_by_role("link", name=button))
        self.looks()

    def opens_the_mail(self, subject: str) -> None:
        end = time.monotonic() + SECONDS_FOR_A_MAIL
        while time.monotonic() < end:
            self.page.goto(f"/demo/postvak/?to={self.address}")
            mail = self.page.get_by_role("link", name=subject)
            if mail.count():
                click(mail.first)
                self.looks()
                return
            time.sleep(0.5)
        raise AssertionError(f"No mail „{subject}” for {self.address}")

    def chooses_a_password(self) -> None:
        self.clicks("Verder naar wachtwoord kiezen")
        self.fills(password=PASSWORD, repeat=PASSWORD)
        self.clicks("Registratie afronden")
        self.sees("Uw registratie is klaar")

    # Seeing ------------------------------------------------------------------------------------------

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    def does_not_see(self, text: str) -> None:
        assert text not in self.page.content(), text

    def title(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def looks(self) -> None:
        """At each page once per address and heading: axe, wide and narrow, and no sideways scrolling."""
        place = re.sub(r"\d+|=[\w:-]+", "*", self.page.url.split("/", 3)[-1].split("?")[0])
        look = f"{place} {self.title() if self.page.locator('h1').count() else ''}"
        if look in self.seen or "/beheer/" in self.page.url:  # Django admin is not ours to make accessible
            return
        self.seen.add(look)
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)
            self.look_at_size(size["width"])

    def look_at_size(self, width: int) -> None:
        found = Axe().run(self.page).response["violations"]
        reports = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]
        assert not reports, f"{self.page.url} at {width}: {reports}"
        too_wide = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not too_wide, f"{self.page.url} scrolls sideways at {width}"

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{self.page.url}: {message.text}")
