"""Test that the access log of the web server masks the links in mails (C14)."""

from __future__ import annotations

import runpy
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

MaskingLogger = runpy.run_path("gunicorn.conf.py")["MaskingLogger"]
TOKEN = "WzEyLDFd:1qYb-geheim"


@pytest.mark.parametrize("path", ["/registratie/{}/", "/wachtwoord-herstellen/{}/"])
def test_the_access_log_masks_the_token_of_a_mailed_link(path):
    path = path.format(TOKEN)
    environ = {"REQUEST_METHOD": "GET", "RAW_URI": path, "PATH_INFO": path, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ["HTTP_REFERER"] = f"https://connect.example{path}"
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    atoms = MaskingLogger(Config()).atoms(response, SimpleNamespace(headers=[]), environ, timedelta(seconds=1))

    assert TOKEN not in "".join(str(atoms[name]) for name in ("r", "U", "f"))
    assert atoms["U"].endswith("/…/")
