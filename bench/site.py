"""The site as in production, for a script that measures its answers: gunicorn, Postgres, Redis, real HTTP."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from nenconnect.demo.processes import Part

ROOT = Path(__file__).resolve().parents[1]
PROCESSES, THREADS = 2, 4
_visitors = count()


@dataclass
class Answer:
    status: int
    seconds: float
    cookies: dict[str, str]
    body: str


@dataclass(frozen=True)
class Site:
    port: int

    def get(self, path: str, cookies: dict[str, str] | None = None) -> Answer:
        return self._ask("GET", path, "", cookies or {})

    def post(self, path: str, fields: dict[str, str], cookies: dict[str, str] | None = None) -> Answer:
        """As a browser does: the form is fetched first, and only the sending is timed."""
        form = self.get(path, cookies)
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.body)
        if found is None:
            sys.exit(f"{path} answers {form.status} and shows no form")
        sent = urlencode({**fields, "csrfmiddlewaretoken": found[1]})
        return self._ask("POST", path, sent, {**(cookies or {}), **form.cookies})

    def _ask(self, method: str, path: str, body: str, cookies: dict[str, str]) -> Answer:
        headers = {
            "Host": f"localhost:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-Forwarded-For": _another_network(),
        }
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        began = time.perf_counter()
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        seconds = time.perf_counter() - began
        given = dict(line.split(";")[0].split("=", 1) for line in response.headers.get_all("Set-Cookie", []))
        connection.close()
        return Answer(response.status, seconds, given, text)


@contextmanager
def running_site(**environment: str) -> Iterator[Site]:
    """Behind a proxy, as which the script itself speaks: each visitor comes from another network, unthrottled."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        own = {"SITE_URL": f"http://localhost:{port}", "BEHIND_PROXY": "true", "METRICS_TOKEN": ""}
        env = {**os.environ, **own, **environment}
        for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        web = _web_part(listener, env, Path(folder, "web.log"))
        web.start()
        try:
            listener.setblocking(False)
            web.wait_until_ready(60)
            yield Site(port)
        finally:
            web.stop()


def _web_part(listener: socket.socket, env: dict[str, str], log: Path) -> Part:
    size = ["--workers", str(PROCESSES), "--threads", str(THREADS), "--preload", "--no-control-socket"]
    bind = ["--bind", f"fd://{listener.fileno()}"]
    web = Part(
        name="Web server",
        command=[sys.executable, "-m", "gunicorn", "nenconnect.wsgi", *size, *bind],
        log=log,
        env=env,
        pass_fds=[listener.fileno()],
    )
    web.is_ready = lambda: web.has_logged("Booting worker")
    return web


def _another_network() -> str:
    """An address of 10.0.0.0/8, each in a range of its own."""
    number = next(_visitors)
    return f"10.{number // 256 % 256}.{number % 256}.7"
