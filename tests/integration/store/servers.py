"""A PostgreSQL server to test with: one that runs already, or one that is started and thrown away."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

VARIABLE = "HEDGECHECK_POSTGRES_URL"
RUNNING = "postgresql+psycopg://postgres@localhost/postgres"
PACKAGED = "/usr/lib/postgresql"  # where Debian keeps programs that are not on the path
SECONDS_MAX = 60


class Unavailable(Exception):
    """There is no server, and nothing to start one with."""


def do_without(why: Unavailable) -> NoReturn:
    """Skips the test that needs one; with HEDGECHECK_REQUIRE_SERVICES=1 it fails."""
    if os.environ.get("HEDGECHECK_REQUIRE_SERVICES") == "1":
        pytest.fail(str(why))
    pytest.skip(str(why))


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of a server. ``folder`` is where one of its own would keep its data.

    Raises ``Unavailable``.
    """
    named = os.environ.get(VARIABLE, RUNNING)
    if _answers(named):
        yield named
        return
    if VARIABLE in os.environ:
        raise Unavailable(f"no PostgreSQL answers at {VARIABLE}={named}")
    with _started(folder) as address:
        yield address


def _answers(address: str) -> bool:
    engine = create_engine(address, connect_args={"connect_timeout": 5})
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    """A cluster of its own. PostgreSQL refuses to be run by root: then it is run by its own user."""
    initdb, control = _program("initdb"), _program("pg_ctl")
    by = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if by:
        for each in (folder, *folder.parents):
            if each.stat().st_uid == 0 and each != Path("/tmp") and str(each).startswith("/tmp/"):
                each.chmod(0o755)
        shutil.chown(folder, "postgres")
    data, port = folder / "data", _free_port()
    _run([*by, initdb, "-D", str(data), "-A", "trust", "-U", "postgres"])
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _run([*by, control, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"])
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        _run([*by, control, "-D", str(data), "-m", "immediate", "stop"])


def _program(name: str) -> str:
    packaged = sorted(Path(PACKAGED).glob(f"*/bin/{name}"))
    found = str(packaged[-1]) if packaged else shutil.which(name)
    if found is None:
        raise Unavailable(f"no PostgreSQL answers at {RUNNING}, and there is no {name}; {VARIABLE} names one")
    return found


def _run(command: list[str]) -> None:
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS_MAX,
        cwd="/",
    )


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
