"""Run the site as in production for scripts that measure its answers: gunicorn, Postgres, Redis, real HTTP."""

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

from nenconnect.demo.processes import ManagedProgram

ROOT = Path(__file__).resolve().parents[1]
PROCESSES, THREADS = 2, 4
_visitors = count()


@dataclass
class TimedResponse:
    status: int
    seconds: float
    cookies: dict[str, str]
    body: str


@dataclass(frozen=True)
class MeasuredSite:
    port: int

    def get(self, path: str, cookies: dict[str, str] | None = None) -> TimedResponse:
        return self._request("GET", path, "", cookies or {})

    def post(self, path: str, fields: dict[str, str], cookies: dict[str, str] | None = None) -> TimedResponse:
        form = self.get(path, cookies)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.body)
        if token is None:
            sys.exit(f"{path} answers {form.status} and shows no form")
        body = urlencode({**fields, "csrfmiddlewaretoken": token[1]})
        return self._request("POST", path, body, {**(cookies or {}), **form.cookies})

    def _request(self, method: str, path: str, body: str, cookies: dict[str, str]) -> TimedResponse:
        headers = {
            "Host": f"localhost:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
            "X-Forwarded-For": _address_in_new_range(),
        }
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        started_at = time.perf_counter()
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        text = response.read().decode()
        seconds = time.perf_counter() - started_at
        new_cookies = dict(line.split(";")[0].split("=", 1) for line in response.headers.get_all("Set-Cookie", []))
        connection.close()
        return TimedResponse(response.status, seconds, new_cookies, text)


@contextmanager
def running_site(**environment: str) -> Iterator[MeasuredSite]:
    """Run the site behind a proxy, which is the script itself.

    Each visitor comes from another network, so that the throttle stops none.
    """
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        defaults = {"SITE_URL": f"http://localhost:{port}", "BEHIND_PROXY": "true", "METRICS_TOKEN": ""}
        env = {**os.environ, **defaults, **environment}
        for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--noinput"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        web = _web_part(listener, env, Path(folder, "web.log"))
        web.start()
        try:
            listener.setblocking(False)
            web.wait_until_ready(60)
            yield MeasuredSite(port)
        finally:
            web.stop()


def _web_part(listener: socket.socket, env: dict[str, str], log: Path) -> ManagedProgram:
    size = ["--workers", str(PROCESSES), "--threads", str(THREADS), "--preload", "--no-control-socket"]
    bind = ["--bind", f"fd://{listener.fileno()}"]
    web = ManagedProgram(
        name="Web server",
        command=[sys.executable, "-m", "gunicorn", "nenconnect.wsgi", *size, *bind],
        log=log,
        env=env,
        pass_fds=[listener.fileno()],
    )
    web.is_ready = lambda: web.has_logged("Booting worker")
    return web


def _address_in_new_range() -> str:
    number = next(_visitors)  # the throttle counts per range, so each visitor gets another range
    return f"10.{number // 256 % 256}.{number % 256}.7"
