"""Test the demo's mailbox at /demo/postvak/, where people read the mails that the demo caught."""

import smtplib
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from nenconnect.demo import mailbox
from nenconnect.demo.mail_catcher import MailCatcher

pytestmark = pytest.mark.django_db

HTML = "<!doctype html><html><head><title>x</title></head><body><a href='https://nen.nl/a'>Open</a></body></html>"


@pytest.fixture
def send_mail(settings, smtp_sink):
    """Return a function that mails to the catcher's folder, which the mailbox pages read."""
    settings.DEMO_MAILBOX = smtp_sink.folder

    def send(to="jan@voorbeeld.example", subject="Welkom", text="Klik https://nen.nl/b?c=1 nu", html=HTML):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "NEN Connect <noreply@nen.example>", to, subject
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", smtp_sink.port) as connection:
            connection.send_message(message)
        return mailbox.newest_first(smtp_sink.folder)[0].name

    return send


def test_an_empty_mailbox_shows_no_table_of_mails(send_mail):
    assert "cards-on-phone" not in _get(reverse("demo:mails"))


def test_mails_are_listed_newest_first_and_can_be_filtered_by_recipient(send_mail):
    send_mail(subject="Eerste")
    send_mail(to="piet@voorbeeld.example", subject="Tweede <b> & co")

    unfiltered_page = _get(reverse("demo:mails"))
    assert unfiltered_page.index("Tweede &lt;b&gt; &amp; co") < unfiltered_page.index("Eerste")

    filtered_page = _get(reverse("demo:mails") + "?to=jan@voorbeeld.example")
    assert "Eerste" in filtered_page
    assert "Tweede" not in filtered_page


def test_a_mail_shows_its_text_with_links_and_its_html_in_a_frame(send_mail):
    name = send_mail()

    page = _get(reverse("demo:mail", args=[name]))

    assert 'href="https://nen.nl/b?c=1"' in page
    assert f'src="{reverse("demo:mail_html", args=[name])}"' in page
    assert "jan@voorbeeld.example" in page


def test_a_mail_without_html_has_no_frame(send_mail):
    assert "<iframe" not in _get(reverse("demo:mail", args=[send_mail(html="")]))


def test_the_html_of_a_mail_runs_no_script_and_opens_links_in_the_whole_window(send_mail):
    name = send_mail(html=HTML.replace("</body>", "<script>alert(1)</script></body>"))

    response = Client().get(reverse("demo:mail_html", args=[name]))

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert '<head><base target="_top">' in response.text


def test_only_a_post_empties_the_mailbox(send_mail):
    name = send_mail()

    Client().get(reverse("demo:empty"))
    assert mailbox.find_mail(settings.DEMO_MAILBOX, name)

    Client().post(reverse("demo:empty"))
    assert mailbox.newest_first(settings.DEMO_MAILBOX) == []
    assert Client().get(reverse("demo:mail", args=[name])).status_code == 404


def test_a_mail_name_with_another_pattern_reads_no_file(tmp_path):
    (tmp_path / "geheim.eml").write_text("x")

    assert mailbox.find_mail(tmp_path, "geheim") is None
    assert mailbox.find_mail(tmp_path, "../geheim") is None


def test_a_mail_that_cannot_be_written_gets_a_temporary_error(smtp_sink, send_mail, monkeypatch):
    monkeypatch.setattr(smtp_sink, "folder", smtp_sink.folder / "gone")

    with pytest.raises(smtplib.SMTPDataError) as error:
        send_mail()

    assert error.value.smtp_code == 452
    assert isinstance(smtp_sink, MailCatcher)


def _get(url: str) -> str:
    response = Client().get(url)
    assert response.status_code == 200
    return response.text
