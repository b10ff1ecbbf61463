"""Test `make demo` as a program: what it starts and ends, and which messages stop it."""

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

from tests.live import ROOT, Demo, demo_in_folder, free_port


def test_the_demo_prints_its_address_and_who_can_sign_in(running_demo):
    output = "\n".join(running_demo.lines)
    running_demo.wait_for_line("Ctrl-C stops everything")

    assert urllib.request.urlopen(f"{running_demo.url}/healthz").status == 200
    assert running_demo.url in output
    assert "beheerder@voorbeeld.example" in output


def test_only_the_owner_can_read_the_demos_secret_files(running_demo):
    modes = {
        name: (running_demo.folder / name).stat().st_mode & 0o777 for name in ("secret-key", "mailbox", "log")
    }

    assert modes == {"secret-key": 0o600, "mailbox": 0o700, "log": 0o700}


def test_manage_py_in_another_shell_uses_the_settings_of_the_demo(running_demo):
    environment = {"PATH": os.environ["PATH"], "DEMO_DIR": str(running_demo.folder)}
    command = [sys.executable, "manage.py", "migrate", "--check"]

    subprocess.run(command, cwd=ROOT, env=environment, check=True)

    assert (running_demo.folder / "environment.json").stat().st_mode & 0o777 == 0o600


def test_manage_py_ignores_the_demos_settings_when_the_shell_sets_one(running_demo):
    environment = {
        "PATH": os.environ["PATH"],
        "DEMO_DIR": str(running_demo.folder),
        "SITE_URL": "https://x.example",
    }
    command = [sys.executable, "manage.py", "check"]

    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert result.returncode != 0
    assert result.stderr.startswith("SECRET_KEY: it is not set")


def test_make_run_serves_the_site_with_debug_on(tmp_path):
    with demo_in_folder(tmp_path / "run", module="nenconnect.demo.development") as site:
        site.start()

        with pytest.raises(urllib.error.HTTPError) as page:
            urllib.request.urlopen(f"{site.url}/bestaat-niet/")

        assert "DEBUG = True" in page.value.read().decode()


def test_a_worker_that_dies_is_restarted(running_demo):
    worker = next(process for process in running_demo.processes() if "celery" in process.cmdline())

    worker.kill()

    assert "signal 9" in running_demo.wait_for_line("Celery worker with beat stopped")


def test_a_second_demo_in_the_same_folder_is_refused_with_one_line(running_demo):
    output = Demo(running_demo.folder, free_port()).start_error()

    assert output.count("\n") == 1
    assert f"The demo in {running_demo.folder} is running already" in output
    assert urllib.request.urlopen(f"{running_demo.url}/healthz").status == 200


def test_a_port_in_use_is_refused_with_one_line(running_demo, tmp_path):
    output = Demo(tmp_path / "demo", running_demo.port).start_error()

    assert output.count("\n") == 1
    assert output.startswith(f"PORT: {running_demo.port} is in use")


def test_a_folder_that_cannot_be_written_is_refused_with_one_line(tmp_path):
    (tmp_path / "file").touch()

    output = Demo(tmp_path / "file" / "demo", free_port()).start_error()

    assert output.count("\n") == 1
    assert output.startswith("DEMO_DIR: cannot write in")


def test_a_term_signal_during_the_start_stops_every_started_process(tmp_path):
    with demo_in_folder(tmp_path / "demo") as demo:
        demo.launch()
        while len(demo.processes()) < 4:
            time.sleep(0.01)
        processes = demo.processes()

        assert demo.stop() == 0

    assert not any(process.is_running() for process in processes)


def test_a_start_after_a_hard_kill_ends_leftover_processes_but_no_unrelated_one(tmp_path):
    # Too long a path for a socket, with the capitals and spaces that people use.
    folder = tmp_path / ("Een map die diep ligt " * 4) / "demo"
    unrelated = subprocess.Popen(["sleep", "300"], start_new_session=True)
    with demo_in_folder(folder) as demo:
        demo.start()
        launcher, *parts = demo.processes()
        next(part for part in parts if "redis" in part.name()).suspend()  # it answers no signal until it is killed
        _record_as_part_of_demo(demo, unrelated.pid)  # as if its process id were reused
        launcher.kill()
        demo.process.wait()

        demo.start()
        second_run = demo.processes()
        for process in second_run:
            with suppress(psutil.NoSuchProcess):  # it ended by itself when its parent was killed
                process.kill()
        demo.process.wait()
        (folder / "postgres" / "postmaster.pid").write_text(
            f"{os.getpid()}\n"
        )  # as if this process had Postgres's old id

        demo.start()
        third_run = demo.processes()
        assert urllib.request.urlopen(f"{demo.url}/healthz").status == 200
        assert demo.stop() == 0

    _, alive = psutil.wait_procs([*parts, *second_run, *third_run], timeout=5)
    assert alive == []
    assert not (folder / "run").is_symlink()
    assert unrelated.poll() is None
    unrelated.kill()
    unrelated.wait()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
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
def test_a_wrong_setting_stops_manage_py_with_one_line_that_names_the_setting(name, value, expected):
    result = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode != 0
    assert result.stderr.startswith(f"{name}: ")
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL: got 'LOUD'; expected DEBUG, INFO, WARNING or ERROR."),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL: no Redis to work with"),
        ("PORT", "eighty", "PORT: got 'eighty'; expected a port number"),
    ],
)
def test_a_wrong_setting_stops_the_demo_with_one_line_and_no_process_left_running(tmp_path, name, value, expected):
    demo = Demo(tmp_path / "demo", free_port(), {name: value})

    assert demo.start_error().splitlines()[-1].startswith(expected)

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", demo.port))


def _record_as_part_of_demo(demo: Demo, pid: int) -> None:
    records = demo.folder / "processes.json"
    records.write_text(records.read_text().replace("[[", f"[[{pid}, 1000000000.0, 15], [", 1))
