"""Accept every mail over SMTP, deliver none, and save each as a file in a folder.

As a program it serves the listening socket that its parent opened:
python -m nenconnect.demo.mail_catcher FILE_DESCRIPTOR FOLDER
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

logger = logging.getLogger(__name__)

LARGEST_MAIL = 25 * 1024 * 1024  # bytes


class MailCatcher:
    """Handle SMTP: write one file per mail, atomically, with names that sort by time of arrival."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        try:
            self._save(envelope)
        except OSError as error:
            logger.error("Mail for %s not kept: %s", envelope.rcpt_tos, error)
            return "452 4.3.1 No room to keep this mail"
        return "250 OK"

    def _save(self, envelope: Envelope) -> None:
        delivered = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        content = envelope.original_content or b""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        unfinished = self.folder / f".{name}"
        try:
            unfinished.write_bytes(delivered.encode() + content)
            unfinished.rename(self.folder / f"{name}.eml")
        finally:
            unfinished.unlink(missing_ok=True)
        logger.info("Kept a mail for %s", ", ".join(envelope.rcpt_tos))


def make_conversation(handler: MailCatcher, loop: asyncio.AbstractEventLoop) -> SMTP:
    return SMTP(
        handler,
        hostname="localhost",
        ident="NEN Connect",
        data_size_limit=LARGEST_MAIL,
        enable_SMTPUTF8=True,
        loop=loop,
    )


def listening_socket(port: int = 0) -> socket.socket:
    listener = socket.create_server(("127.0.0.1", port), backlog=100)  # port 0 picks a free one
    listener.setblocking(False)
    return listener


def smtp_url(listener: socket.socket) -> str:
    return f"smtp://127.0.0.1:{listener.getsockname()[1]}"


async def serve(listener: socket.socket, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    catcher = MailCatcher(folder)
    server = await loop.create_server(lambda: make_conversation(catcher, loop), sock=listener)
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    logger.info("Catching mails on %s", smtp_url(listener))
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio.run(serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2])))
