"""`make demo` as a program: what it starts, what it leaves alone, and what it says when it cannot start."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress

import psutil
import pytest

from tests.live import ROOT, Demo, demo_in, free_port


def test_the_demo_says_where_it_is_and_who_can_sign_in(running_demo):
    said = "\n".join(running_demo.lines)
    running_demo.wait_for_line("Ctrl-C stops everything")

    assert urllib.request.urlopen(f"{running_demo.url}/healthz").status == 200
    assert running_demo.url in said
    assert "beheerder@voorbeeld.example" in said


def test_what_the_demo_keeps_secret_is_for_its_owner_only(running_demo):
    modes = {
        name: (running_demo.folder / name).stat().st_mode & 0o777 for name in ("secret-key", "mailbox", "log")
    }

    assert modes == {"secret-key": 0o600, "mailbox": 0o700, "log": 0o700}


def test_manage_py_works_in_another_shell(running_demo):
    environment = {"PATH": os.environ["PATH"], "DEMO_DIR": str(running_demo.folder)}
    command = [sys.executable, "manage.py", "migrate", "--check"]

    subprocess.run(command, cwd=ROOT, env=environment, check=True)

    assert (running_demo.folder / "environment.json").stat().st_mode & 0o777 == 0o600


def test_manage_py_takes_no_setting_of_the_demo_where_one_is_given(running_demo):
    environment = {
        "PATH": os.environ["PATH"],
        "DEMO_DIR": str(running_demo.folder),
        "SITE_URL": "https://x.example",
    }
    command = [sys.executable, "manage.py", "check"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert done.stderr.startswith("SECRET_KEY: it is not set")


def test_make_run_serves_the_site_with_debug_on(tmp_path):
    with demo_in(tmp_path / "run", module="nenconnect.demo.development") as site:
        site.start()

        with pytest.raises(urllib.error.HTTPError) as page:
            urllib.request.urlopen(f"{site.url}/bestaat-niet/")

        assert "DEBUG = True" in page.value.read().decode()


def test_a_worker_that_dies_is_started_again(running_demo):
    worker = next(process for process in running_demo.processes() if "celery" in process.cmdline())

    worker.kill()

    assert "signal 9" in running_demo.wait_for_line("Celery worker with beat stopped")


def test_a_second_start_in_the_same_folder_is_refused_with_one_line(running_demo):
    said = Demo(running_demo.folder, free_port()).refused_with()

    assert said.count("\n") == 1
    assert f"The demo in {running_demo.folder} is running already" in said
    assert urllib.request.urlopen(f"{running_demo.url}/healthz").status == 200


def test_a_port_in_use_is_refused_with_one_line(running_demo, tmp_path):
    said = Demo(tmp_path / "demo", running_demo.port).refused_with()

    assert said.count("\n") == 1
    assert said.startswith(f"PORT: {running_demo.port} is in use")


def test_a_folder_that_cannot_be_written_is_refused_with_one_line(tmp_path):
    (tmp_path / "file").touch()

    said = Demo(tmp_path / "file" / "demo", free_port()).refused_with()

    assert said.count("\n") == 1
    assert said.startswith("DEMO_DIR: cannot write in")


def test_term_halfway_the_start_stops_what_was_started(tmp_path):
    with demo_in(tmp_path / "demo") as demo:
        demo.launch()
        while len(demo.processes()) < 4:
            time.sleep(0.01)
        processes = demo.processes()

        assert demo.stop() == 0

    assert not any(process.is_running() for process in processes)


def test_killed_hard_it_starts_again_and_ends_what_was_left_and_no_stranger(tmp_path):
    """So deep that no socket's path would fit; with capitals and spaces, which paths of people have."""
    folder = tmp_path / ("Een map die diep ligt " * 4) / "demo"
    stranger = subprocess.Popen(["sleep", "300"], start_new_session=True)
    with demo_in(folder) as demo:
        demo.start()
        launcher, *parts = demo.processes()
        next(part for part in parts if "redis" in part.name()).suspend()  # deaf until it is killed
        _write_down_as_ours(demo, stranger.pid)
        launcher.kill()
        demo.process.wait()

        demo.start()
        everything = demo.processes()
        for process in everything:
            with suppress(psutil.NoSuchProcess):  # gone by itself, when the one it served was killed
                process.kill()
        demo.process.wait()
        (folder / "postgres" / "postmaster.pid").write_text(_pid_file_of_a_stranger())

        demo.start()
        last = demo.processes()
        assert urllib.request.urlopen(f"{demo.url}/healthz").status == 200
        assert demo.stop() == 0

    _, alive = psutil.wait_procs([*parts, *everything, *last], timeout=5)
    assert alive == []
    assert not (folder / "run").is_symlink()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize(
    ("name", "value", "expects"),
    [
        ("SITE_URL", "foo", "the address of the site"),
        ("SITE_URL", "https://nen.nl/connect", "the address of the site"),
        ("DATABASE_URL", "foo", "the address of a Postgres"),
        ("DATABASE_URL", "postgresql://user:secret@host:port/name", "the address of a Postgres"),
        ("REDIS_URL", "http://localhost", "the address of a Redis"),
        ("EMAIL_URL", "localhost:25", "the address of a mail server"),
        ("SECRET_KEY", "short", "at least 50 characters"),
        ("SECRET_KEY", "", "at least 50 characters"),
        ("DEMO", "perhaps", "true or false"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(name, value, expects):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert done.stderr.startswith(f"{name}: ")
    assert expects in done.stderr
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: got 'LOUD'; expected DEBUG, INFO, WARNING or ERROR."),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL: no Redis to work with"),
        ("PORT", "eighty", "PORT: got 'eighty'; expected a port number"),
    ],
)
def test_a_wrong_value_stops_the_demo_with_one_line_and_nothing_left_running(tmp_path, name, value, says):
    demo = Demo(tmp_path / "demo", free_port(), {name: value})

    assert demo.refused_with().splitlines()[-1].startswith(says)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", demo.port))


def _write_down_as_ours(demo: Demo, pid: int) -> None:
    """As if the system had given the id of a part that died to another program."""
    records = demo.folder / "processes.json"
    records.write_text(records.read_text().replace("[[", f"[[{pid}, 1000000000.0, 15], [", 1))


def _pid_file_of_a_stranger() -> str:
    """As if the system had given Postgres's old process id to another program: this one."""
    return f"{os.getpid()}\n"
