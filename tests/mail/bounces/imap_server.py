"""Run a real IMAP server for tests (pymap, in memory), with TLS in front of it on request."""

from __future__ import annotations

import imaplib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from nenconnect.demo.processes import ManagedProgram
from tests.live import free_port

USER, PASSWORD = "bounces", "p@ss/word"


class ImapServer:
    """Offer one mailbox. A test puts messages in it and counts the unread; the site reads it by `url`."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        program = [sys.executable, "-c", "from pymap.main import main; main()"]
        listen = ["--host", "127.0.0.1", "--port", str(port), "--no-tls"]
        self.part = ManagedProgram(
            name="IMAP server",
            command=[*program, *listen, "dict", "--demo-user", USER, "--demo-password", PASSWORD],
            log=folder / "imap.log",
            is_ready=self._answers,
        )

    @property
    def url(self) -> str:
        return self.url_at("imap", "127.0.0.1", self.port)

    def url_at(self, scheme: str, host: str, port: int, *, password: str = "p%40ss%2Fword") -> str:
        return f"{scheme}://{USER}:{password}@{host}:{port}/INBOX"

    def put(self, *messages: bytes) -> None:
        with self._signed_in() as imap:
            for message in messages:
                imap.append("INBOX", "", "", message)

    def unread(self) -> int:
        with self._signed_in() as imap:
            (numbers,) = imap.search(None, "UNSEEN")[1]
            return len(numbers.split())

    @contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as imap:
            imap.login(USER, PASSWORD)
            imap.select("INBOX")
            yield imap

    def _answers(self) -> bool:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port), timeout=1)):
            return True
        return False


@pytest.fixture
def imap_server(tmp_path: Path) -> Iterator[ImapServer]:
    server = ImapServer(free_port(), tmp_path)
    server.part.start()
    try:
        server.part.wait_until_ready(20)
        yield server
    finally:
        server.part.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a self-signed certificate that no client trusts; certificate and key in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine: the test of TLS to the mailbox DID NOT RUN")
    path = tmp_path / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        str(path),
        "-out",
        f"{path}.crt",
    ]
    subprocess.run([*command, *names], check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@contextmanager
def with_tls(port: int, certificate: Path) -> Iterator[int]:
    """Yield a port that speaks TLS and forwards to the server at `port`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=[listener, context, port], daemon=True).start()
        yield listener.getsockname()[1]


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):  # the test is over
        while True:
            visitor = listener.accept()[0]
            with suppress(OSError):  # a client that does not trust the certificate hangs up
                inside = socket.create_connection(("127.0.0.1", port))
                secured = context.wrap_socket(visitor, server_side=True)
                for source, target in ((secured, inside), (inside, secured)):
                    threading.Thread(target=_pump, args=[source, target], daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError), closing(source), closing(target):
        while piece := source.recv(65536):
            target.sendall(piece)
