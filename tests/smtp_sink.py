"""Run a mail server for tests that keeps every mail, can be stopped, and refuses what a test configures."""

from __future__ import annotations

import asyncio
import email.policy
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from nenconnect.demo.mail_catcher import MailCatcher, listening_socket, make_conversation


class SmtpSink(MailCatcher):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.replies: dict[str, str] = {}  # by recipient, such as "550 5.1.1 No such mailbox"
        self.reply_to_sender: str | None = None  # such as "530 5.7.0 Sign in first"
        self.hangs_up_after_data = False  # keeps the mail but hangs up before it answers
        self.reads_ahead = (
            False  # announces pipelining: a client may send several lines before their answers (RFC 2920)
        )
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._conversations: WeakSet[SMTP] = WeakSet()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen; after a stop on the same port as before."""
        listener = listening_socket(self.port)
        self.port = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._loop.create_server(self._new_conversation, sock=listener))
        self._thread = threading.Thread(target=self._serve, args=[self._loop, listener], daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse new connections and cut off the conversations that are going on."""
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop = self._thread = None

    def _new_conversation(self) -> SMTP:
        assert self._loop is not None
        conversation = make_conversation(self, self._loop)
        self._conversations.add(conversation)
        return conversation

    def _serve(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        loop.run_forever()
        listener.close()
        for conversation in self._conversations:
            if isinstance(conversation.transport, asyncio.Transport):
                conversation.transport.abort()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()

    def reset(self) -> None:
        self.replies.clear()
        self.reply_to_sender = None
        self.hangs_up_after_data = self.reads_ahead = False
        self.clear()
        if self._loop is None:
            self.start()

    def clear(self) -> None:
        for path in self.folder.glob("*.eml"):
            path.unlink()

    def mails(self, to: str | None = None) -> list[EmailMessage]:
        """Return the mails, oldest first; `to` is the address in the SMTP conversation, not the To header."""
        all_mails = [_parse_mail(path) for path in sorted(self.folder.glob("*.eml"))]
        return [mail for mail in all_mails if to is None or to in mail.get_all("Delivered-To", [])]

    def wait_for(self, to: str | None = None, *, count: int = 1, seconds: float = 20) -> list[EmailMessage]:
        end = time.monotonic() + seconds
        while len(mails := self.mails(to)) < count:
            assert time.monotonic() < end, f"{len(mails)} of {count} mails for {to} in {seconds} s"
            time.sleep(0.05)
        return mails

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["250-localhost", "250-PIPELINING", *responses[1:]] if self.reads_ahead else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.reply_to_sender:
            return self.reply_to_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.replies:
            return self.replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if self.hangs_up_after_data and server.transport is not None:
            server.transport.close()
        return answer


def _parse_mail(path: Path) -> EmailMessage:
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


@contextmanager
def scripted_mail_server(greeting: str, **answers: str) -> Iterator[int]:
    """Run a mail server with one answer per SMTP command, which hangs up at any other command; yield its port."""

    class ScriptedConversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(f"{greeting}\r\n".encode())
            while answer := answers.get(self.rfile.readline().decode()[:4].strip()):
                self.wfile.write(f"{answer}\r\n".encode())

    with socketserver.TCPServer(("127.0.0.1", 0), ScriptedConversation) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
