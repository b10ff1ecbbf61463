"""Walk through the site as a person at a browser, and check each page on the way.

Each page is checked for an error page, accessibility (axe) and sideways scrolling, wide and narrow. At the end the
console must be empty: Chromium reports there what the content security policy blocked.
"""

from __future__ import annotations

import re
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}
PASSWORD = "fietsen-door-de-polder-12"
MAIL_TIMEOUT = 20


def click(target: Locator) -> None:
    """Click and wait for the next page; until then the old page would answer."""
    with target.page.expect_navigation():
        target.click()


def press_enter(page: Page) -> None:
    """Press Enter and wait for the next page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto("/inloggen/")
    page.fill("#id_login", address)
    page.fill("#id_password", password)
    click(page.locator("main form").first.get_by_role("button"))


class Walker:
    """Act for one person in one browser context; every step waits until its element is on the page."""

    def __init__(self, browser: Browser, site: str, address: str, name: str = "") -> None:
        self.site, self.address, self.name = site, address, name
        context = browser.new_context(
            base_url=site, locale="en-GB", viewport=WIDE
        )  # pages are in Dutch in any case
        context.set_default_timeout(10_000)
        self.page: Page = context.new_page()
        self.page.on("console", self._record_console_error)
        self.console_errors: list[str] = []
        self.checked_pages: set[str] = set()

    # Actions -----------------------------------------------------------------------------------------

    def opens_the_site(self) -> None:
        self.page.goto("/")
        self.checks_page()

    def clicks(self, name: str, *, within: str = "", exact: bool = True) -> None:
        """Click a link or button by its text; with `exact=False` hidden text for screen readers may follow."""
        area = self.page.locator(within) if within else self.page
        end_of_text = r"\s*$" if exact else ""
        text_pattern = re.compile(rf"^\s*{re.escape(name)}{end_of_text}")
        target = area.get_by_role("link", name=text_pattern).or_(area.get_by_role("button", name=text_pattern))
        click(target.first)
        self.checks_page()

    def fills(self, **fields: str) -> None:
        """Fill in fields by name, as in the id `id_<name>`."""
        for name, value in fields.items():
            self.page.locator(f"#id_{name}").fill(value)

    def signs_in(self, password: str = PASSWORD) -> None:
        self.clicks("Inloggen", within="nav")
        self.fills(login=self.address, password=password)
        self.clicks("Inloggen", within="main")

    def follows_the_mail(self, subject: str, button: str) -> None:
        """Open the newest mail with this subject in the demo mailbox and click its button."""
        self.opens_the_mail(subject)
        click(self.page.frame_locator("iframe").get_by_role("link", name=button))
        self.checks_page()

    def opens_the_mail(self, subject: str) -> None:
        give_up_at = time.monotonic() + MAIL_TIMEOUT
        while time.monotonic() < give_up_at:
            self.page.goto(f"/demo/postvak/?to={self.address}")
            mail = self.page.get_by_role("link", name=subject)
            if mail.count():
                click(mail.first)
                self.checks_page()
                return
            time.sleep(0.5)
        raise AssertionError(f"No mail „{subject}” for {self.address}")

    def chooses_a_password(self) -> None:
        self.clicks("Verder naar wachtwoord kiezen")
        self.fills(password=PASSWORD, repeat=PASSWORD)
        self.clicks("Registratie afronden")
        self.sees("Uw registratie is klaar")

    # Checks ------------------------------------------------------------------------------------------

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    def does_not_see(self, text: str) -> None:
        assert text not in self.page.content(), text

    def title(self) -> str:
        return self.page.locator("h1").first.inner_text()

    def checks_page(self) -> None:
        """Check the page once per address and heading, narrow and wide."""
        path = re.sub(r"\d+|=[\w:-]+", "*", self.page.url.split("/", 3)[-1].split("?")[0])
        page_key = f"{path} {self.title() if self.page.locator('h1').count() else ''}"
        if (
            page_key in self.checked_pages or "/beheer/" in self.page.url
        ):  # the accessibility of Django admin is not ours
            return
        self.checked_pages.add(page_key)
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)
            self.check_at_width(size["width"])

    def check_at_width(self, width: int) -> None:
        violations = Axe().run(self.page).response["violations"]
        reports = [f"{violation['id']}: {violation['nodes'][0]['html']}" for violation in violations]
        assert not reports, f"{self.page.url} at {width}: {reports}"
        too_wide = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not too_wide, f"{self.page.url} scrolls sideways at {width}"

    def _record_console_error(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(f"{self.page.url}: {message.text}")
