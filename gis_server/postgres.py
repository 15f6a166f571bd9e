"""PostgreSQL's programs: where they are, and as which user they may run."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from geodata.errors import Unavailable

ADMIN_ROLE = "postgres"
PROGRAMS = Path("/usr/lib/postgresql")


def binaries(data: Path) -> Path:
    """Find PostgreSQL's programs: of the version that made the data directory, else the newest.

    Raises:
        Unavailable: if there is none with PostGIS.
    """
    made_by = data / "PG_VERSION"
    version = made_by.read_text().strip() if made_by.exists() else "*"
    found = [
        folder
        for folder in PROGRAMS.glob(f"{version}/bin/")
        if Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control").exists()
    ]
    if not found:
        wanted = "15" if version == "*" else version
        raise Unavailable(
            f"no PostgreSQL {wanted} with PostGIS: install postgresql-{wanted}-postgis-3"
        )
    return max(found, key=lambda folder: int(folder.parent.name))


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder as the database's user, whatever its exit code."""
    return subprocess.run(
        [*_demotion(), "env", "LC_ALL=C.UTF-8", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # a Ctrl-C in the terminal is for the server, not for pg_ctl
    )


def own_folder(folder: Path) -> None:
    """Make a private folder of the database's user.

    Raises:
        Unavailable: if it cannot be made, or belongs to somebody else.
    """
    owner = account()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be made: {error.strerror}") from error
    if folder.is_symlink() or folder.lstat().st_uid != owner.pw_uid:
        raise Unavailable(f"{folder} belongs to another user than {owner.pw_name}")


def enterable(folder: Path) -> bool:
    """Tell whether the database's user may enter a folder, through all that hold it."""
    test = subprocess.run([*_demotion(), "test", "-x", str(folder)], cwd="/", check=False)
    return test.returncode == 0


def account() -> pwd.struct_passwd:
    """Find the user that runs the database: ourselves, or postgres in place of root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(ADMIN_ROLE)
    except KeyError as error:
        raise Unavailable(
            "root needs the user postgres, which Debian's PostgreSQL makes"
        ) from error


def _demotion() -> list[str]:
    # PostgreSQL refuses to run as root.
    if os.geteuid():
        return []
    return ["setpriv", f"--reuid={ADMIN_ROLE}", f"--regid={ADMIN_ROLE}", "--init-groups"]
